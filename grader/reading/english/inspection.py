"""Measures the language of a submission: every line that is not English, with its place. Decides nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from grader.ground import toml
from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.english import allow, reading, scorer, selection
from grader.reading.english.allow import Excused
from grader.reading.english.evidence import Hit, Inspection, path_of
from grader.reading.english.settings import STANDARD, Allow, Settings, is_document
from grader.reading.english.sources import Sources
from grader.reading.english.unit import Unit

MOST_UNITS = 60_000  # different texts of one submission
MOST_HITS = 1_000
MOST_PATHS = 2_000
WEAK, STRONG = 0.5, 0.9
PROSE_WORDS = 3  # a strong hit is a sentence, not a word
SHOWN = 300  # characters of a hit's text


def inspect(sources: Sources, settings: Settings = STANDARD) -> Inspection:
    return _Inspector(sources, settings).result()


class _Inspector:
    def __init__(self, sources: Sources, settings: Settings) -> None:
        self.sources = sources
        self.settings = settings
        self.left_out: dict[str, str] = {}
        self.encodings: dict[str, str] = {}
        self.exempt: Counter[str] = Counter()
        self.documents: Counter[str] = Counter()
        self.requested, self.trouble = self._request()
        people = tuple(sources.people)
        ours = (allow.course(), settings.allow)
        self.excused = allow.excused(*ours, people=people)
        self.excused_on_request = allow.excused(*ours, self.requested or Allow(), people=people)

    def result(self) -> Inspection:
        hits: dict[tuple[str, str], Hit] = {}
        known: dict[tuple[str, str], bool] = {}
        counts: Counter[str] = Counter()
        for unit in self._units():
            same = (unit.text, "name" if unit.kind in ("identifier", "path") else unit.kind)
            if same not in known and len(known) >= MOST_UNITS:
                self.left_out.setdefault(path_of(unit.where), f"more than {MOST_UNITS:,} different lines")
                continue
            if same not in known:
                counts[unit.kind] += 1
                found = self._hit(unit)
                known[same] = found is not None
                if found:
                    hits[same] = found
            elif known[same]:
                hits[same] = msgspec.structs.replace(hits[same], repeats=hits[same].repeats + 1)
        kept = self._without_exempt(hits.values())
        return Inspection(
            units=dict(counts),
            hits=tuple(kept[:MOST_HITS]),
            more_hits=max(0, len(kept) - MOST_HITS),
            documents=dict(self.documents),
            exempt=dict(self.exempt),
            left_out=self.left_out,
            encodings=self.encodings,
            requested=self.requested,
            request_trouble=self.trouble,
        )

    def _request(self) -> tuple[Allow | None, str]:
        if allow.FILE_NAME not in self.sources.sizes:
            return None, ""
        try:
            return allow.load(self.sources.read(allow.FILE_NAME), allow.FILE_NAME), ""
        except (toml.Misfit, SubmissionError) as error:
            return None, str(error)

    def _units(self) -> Iterator[Unit]:
        for path in sorted(self.sources.sizes):
            reader = selection.reader_of(path)
            if not reader or selection.is_silent(path):
                continue
            reason = selection.why_left_out(path, self.sources.sizes[path])
            if reason:
                self.left_out[path] = reason
                continue
            try:
                yield from self._read(path, reader)
            except (SubmissionError, NotMeasured, ValueError) as error:
                self.left_out[path] = str(error)
        for sha, message in self.sources.commits:
            yield from reading.of_commit(sha, message)
        for path in sorted(path for path in self.sources.sizes if not selection.why_left_out(path, 0))[
            :MOST_PATHS
        ]:
            yield from reading.of_path(path)

    def _read(self, path: str, reader: selection.Reader) -> Iterator[Unit]:
        content = self.sources.read(path)
        if reader == "document":
            found = list(reading.of_document(path, self.sources.document_text(path, content)))
            if not found:
                raise ValueError("holds no text that can be read")
        elif reader == "notebook":
            found = list(reading.of_notebook(path, content))
        else:
            text = texts.python(content) if path.endswith(".py") else texts.decode(content)
            if text is None:
                raise ValueError("is no text")
            if text.encoding != texts.UTF8:
                self.encodings[path] = text.encoding
            if selection.is_generated(text.content):
                raise ValueError("says that it was generated")
            found = list(reading.units(path, text.content, reader))
        if is_document(path, self.settings):
            self.documents[path] += len(found)
        yield from found

    def _hit(self, unit: Unit) -> Hit | None:
        found = self._score(unit, self.excused)
        if not found:
            return None
        excused = allow.marked(unit.text)
        if not excused and self.requested:
            exemption = self.requested.exemption(path_of(unit.where))
            if exemption:
                excused = exemption.reason
            elif not self._score(unit, self.excused_on_request):
                excused = f"a word of {allow.FILE_NAME}"
        prose = unit.kind not in ("identifier", "path", "commit")
        return Hit(
            where=unit.where,
            kind=unit.kind,
            text=unit.text[:SHOWN],
            words=found.words,
            language=found.language,
            score=found.foreign,
            strong=prose and found.foreign >= STRONG and found.judged >= PROSE_WORDS,
            known=found.known,
            excused=excused,
        )

    def _score(self, unit: Unit, excused: Excused) -> scorer.Score | None:
        named = unit.kind in ("identifier", "path")
        found = scorer.default().score(unit.text, "identifier" if named else "text", excused)
        return found if found.foreign >= WEAK else None

    def _without_exempt(self, hits: Iterable[Hit]) -> list[Hit]:
        kept = []
        for hit in hits:
            exemption = self.settings.allow.exemption(hit.path)
            if exemption:
                self.exempt[exemption.reason] += 1 + hit.repeats
            if not exemption or self.exempt[exemption.reason] > exemption.max_units:
                kept.append(hit)
        return kept
