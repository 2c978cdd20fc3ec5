"""From lines to a verdict. Pure: the same evidence and settings always give the same findings.

Not one word decides: noise of a scorer falls on single words of many languages, a text that is not English is
many sentences of one. So each rule asks for several different texts of the same language.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from grader.ground.verdict import Finding, error, note, warning
from grader.reading.english.evidence import Hit, Inspection
from grader.reading.english.settings import STANDARD, Settings
from grader.reading.english.wording import named, plural, shown, worst_first

WORST = 10  # hits that are shown one by one
LEAST_WEAK = 3  # weak hits of one language that are worth a warning
NAMES = ("identifier",)
QUIET = ("commit", "path")  # these cannot be repaired, or belong to the data: they never fail


def judge(inspection: Inspection, settings: Settings = STANDARD) -> Iterator[Finding]:
    excused = [hit for hit in inspection.hits if hit.excused]
    abused = len(excused) > max(
        settings.least_lines * settings.requested_share, settings.requested_share * _lines(inspection)
    )
    counted = [hit for hit in inspection.hits if abused or not hit.excused]
    names = named(counted)
    groups = _by_language(counted)
    told: dict[str, list[Hit]] = defaultdict(list)  # languages of which nobody is sure become one
    for language, hits in groups.items():
        if any(_reasons(names[language], hits, inspection, settings)):
            told[names[language]] += hits
    reasons = [reason for name, hits in told.items() for reason in _reasons(name, hits, inspection, settings)]
    reasons += _documents(counted, names, inspection, settings)
    for reason, where in reasons:
        yield error(reason, where, "write it in English: comments, messages, names and documents alike")
    guilty = counted if reasons else []
    suspect = [hit for hits in groups.values() for hit in hits if _is_worth_a_word(hit, hits)]
    level = "error" if guilty else "warning"
    yield from _listed(guilty or suspect, names, level, inspection.more_hits)
    yield from _requests(inspection, excused, abused)
    yield from _rest(inspection, settings)


def _lines(inspection: Inspection) -> int:
    return sum(number for kind, number in inspection.units.items() if kind not in (*NAMES, *QUIET))


def _by_language(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    """Hits of no known language (inflected words without accents) belong to the commonest language."""
    groups: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit.language].append(hit)
    unknown = groups.pop("", [])
    if unknown:
        commonest = max(groups, key=lambda language: len(groups[language]), default="")
        groups[commonest] += unknown
    return groups


def _reasons(
    named: str, hits: Sequence[Hit], inspection: Inspection, settings: Settings
) -> Iterator[tuple[str, str]]:
    """(sentence, place) for each limit that the hits of one language exceed."""
    lines = [hit for hit in hits if hit.kind not in (*NAMES, *QUIET)]
    strong = [hit for hit in lines if hit.strong]
    total = _lines(inspection)
    if len(strong) >= settings.strong_lines and len(strong) >= settings.strong_share * total:
        yield f"{plural(len(strong), 'sentence')} in {named}, of {plural(total, 'line')} of text", ""
    elif strong and total >= settings.least_lines and len(lines) >= settings.lines_share * total:
        yield f"{plural(len(lines), 'line')} in {named}, of {plural(total, 'line')} of text", ""
    words = {word.lower() for hit in hits if hit.kind in NAMES for word in hit.words if len(word) > 3}
    names = sum(inspection.units.get(kind, 0) for kind in NAMES)
    if len(words) >= settings.names and len(words) >= settings.names_share * names:
        listed = ", ".join(sorted(words)[:8])
        yield (
            f"{plural(len(words), 'word')} in {named} in the names that the source defines: {listed}",
            "",
        )


def _documents(
    hits: Sequence[Hit], names: Mapping[str, str], inspection: Inspection, settings: Settings
) -> list[tuple[str, str]]:
    """Each document stands for itself: a foreign report beside English code fails."""
    found = []
    by_path: dict[str, Counter[str]] = defaultdict(Counter)
    for hit in hits:
        if hit.path in inspection.documents and hit.strong:
            by_path[hit.path][hit.language] += 1
    for path, languages in sorted(by_path.items()):
        language, number = languages.most_common(1)[0]
        total = inspection.documents[path]
        if number >= settings.strong_lines and number > settings.document_share * total:
            found.append((f"{path}: {number} of {plural(total, 'sentence')} are in {names[language]}", path))
    return found


def _is_worth_a_word(hit: Hit, same_language: Sequence[Hit]) -> bool:
    if hit.strong:
        return True
    if hit.kind in QUIET:
        return hit.score >= 0.9 and len(hit.words) > 1
    return len(same_language) >= LEAST_WEAK and any(other.strong for other in same_language)


def _listed(hits: Sequence[Hit], names: Mapping[str, str], level: str, more: int) -> Iterator[Finding]:
    """The worst one by one, the rest counted. Commits and file names are warnings at most."""
    ordered = worst_first(hits)
    for hit in ordered[:WORST]:
        finding = error if level == "error" and hit.kind not in QUIET else warning
        yield finding(shown(hit, names[hit.language]), hit.where, _advice(hit))
    rest = len(ordered) - WORST + more
    if rest > 0:
        yield note(f"and {plural(rest, 'further place')} like these", "", "see them all: grader english .")


def _advice(hit: Hit) -> str:
    if hit.kind == "commit":
        return "write messages in English; old commits stay as they are"
    if hit.kind == "identifier":
        return "rename it in English"
    if hit.kind == "path":
        return "rename the file in English, unless it is named after a class of the data"
    return "write it in English; a class, a product or a cited title may be listed in english.toml"


def _requests(inspection: Inspection, excused: Sequence[Hit], abused: bool) -> Iterator[Finding]:
    if inspection.request_trouble:
        yield warning(inspection.request_trouble, "english.toml", "correct it; nothing in it was used")
    if excused:
        reasons = ", ".join(sorted({hit.excused for hit in excused})[:4])
        if abused:
            yield error(
                f"english.toml and markers excuse {plural(len(excused), 'line')}, too many for names",
                "english.toml",
                "exempt less; a larger exemption has to be in the assignment",
            )
        else:
            yield warning(
                f"{plural(len(excused), 'line')} excused by the submission itself: {reasons}",
                excused[0].where,
            )


def _rest(inspection: Inspection, settings: Settings) -> Iterator[Finding]:
    limits = {item.reason: item.max_units for item in settings.allow.exempt}
    for reason, number in sorted(inspection.exempt.items()):
        if number > limits.get(reason, 0):
            yield error(
                f"{number} foreign lines where {limits.get(reason, 0)} are exempt: {reason}",
                "",
                "keep to the exempt part",
            )
        else:
            yield note(f"{plural(number, 'foreign line')} exempt: {reason}")
    for path, encoding in sorted(inspection.encodings.items())[:WORST]:
        yield warning(f"{path} is written in {encoding}, not in UTF-8", path, "save the file as UTF-8")
    if inspection.left_out:
        reasons = Counter(reason for reason in inspection.left_out.values())
        listed = "; ".join(f"{path}: {reason}" for path, reason in sorted(inspection.left_out.items())[:5])
        yield note(f"{plural(sum(reasons.values()), 'file')} not judged ({listed})")
