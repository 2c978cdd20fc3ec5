"""The English check beside two libraries of language detection, in one run on the same lines.

    python bench/english.py [--labelled FOLDER]

Clean English: false alarms on the comments, docstrings, strings and names of the standard library and, where
installed, torch, scikit-learn and numpy. Labelled: precision and recall on JSON lines with `text`, `kind`,
`label` and `tags` (the labels `en` and `neutral` are English); left out where there is no such folder.
Libraries that are not installed are left out and named. Their thresholds are chosen on the labelled lines
themselves, which favours them.
"""

import argparse
import importlib
import json
import random
import re
import resource
import subprocess
import sys
import sysconfig
import time
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

LANGUAGES = "en hu de ro sk hr es fr zh it pl ru tr".split()
CLEAN = ("torch", "sklearn", "numpy")
NOT_ENGLISH = re.compile(r"site-packages|/tests?/|idle_test|turtledemo|encodings|lib2to3|locale")
SAMPLE = 20_000  # lines, and as many names, of clean English

COLUMNS = (
    "system",
    "lines P / R / F1",
    "false alarms per 1000 lines",
    "accent-less Hungarian R",
    "names P / R / F1",
    "false alarms per 1000 names",
    "load s",
    "memory MB",
    "units/s",
)

Scoring = Callable[[str, bool], float]  # text, is a name -> 0 (English) .. 1 (not)


class Line(Struct, frozen=True):
    text: str
    is_name: bool
    foreign: bool = False
    accentless: bool = False


def ours() -> Scoring:
    from grader.reading import english

    return lambda text, is_name: english.score(text, "identifier" if is_name else "text").foreign


def lingua() -> Scoring:
    from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGES]
    detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_preloaded_language_models().build()

    def score(text: str, is_name: bool) -> float:
        values = detector.compute_language_confidence_values(words(text) if is_name else text)
        if not values or values[0].value == 0 or values[0].value == values[2].value:
            return 0.0  # no evidence at all
        return 1 - next(item.value for item in values if item.language == Language.ENGLISH)

    return score


def py3langid() -> Scoring:
    module = importlib.import_module("py3langid.langid")
    path = Path(module.__file__ or "").parent / module.MODEL_FILE
    identifier = module.LanguageIdentifier.from_modelpath(str(path), norm_probs=True)
    identifier.set_languages(LANGUAGES)

    def score(text: str, is_name: bool) -> float:
        plain = words(text) if is_name else text
        return 1 - float(dict(identifier.rank(plain))["en"]) if re.search(r"[^\W\d_]{2}", plain) else 0.0

    return score


SYSTEMS = {"this project": ours, "lingua": lingua, "py3langid": py3langid}


def words(name: str) -> str:
    """`kepBetoltes` as two words: the libraries get the best form of a name."""
    return " ".join(re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))


def clean_english() -> list[Line]:
    from grader.reading.english.sources import python

    found: set[tuple[str, bool]] = set()
    for path in _sources():
        try:
            found |= {
                (text, kind == "identifier") for _, kind, text in python.pieces(path.read_text("utf-8"))
            }
        except (UnicodeDecodeError, SyntaxError, tokenize.TokenError):
            continue
    dice = random.Random(1)
    chosen = []
    for is_name in (False, True):
        texts = sorted(text for text, kind in found if kind == is_name)
        chosen += [Line(text, is_name) for text in dice.sample(texts, min(SAMPLE, len(texts)))]
    return chosen


def _sources() -> Iterator[Path]:
    library, packages = (Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib"))
    for root in (library, *(packages / name for name in CLEAN)):
        inside = (
            path for path in sorted(root.rglob("*.py")) if root != library or packages not in path.parents
        )
        yield from (path for path in inside if not NOT_ENGLISH.search(str(path.relative_to(root))))


def labelled(folder: Path) -> list[Line]:
    rows = []
    for name in ("lines.jsonl", "identifiers.jsonl"):
        for row in map(json.loads, (folder / name).read_text("utf-8").splitlines()):
            if "data" not in row["tags"]:
                foreign = row["label"] not in ("en", "neutral")
                rows.append(
                    Line(
                        row["text"],
                        row["kind"] == "identifier",
                        foreign,
                        row["label"] == "hu" and "accentless" in row["tags"],
                    )
                )
    return rows


def measure(name: str, folder: Path | None) -> None:
    """One system in this process, so that memory is its own. Prints one row of the table."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    score = SYSTEMS[name]()
    score("warm up the model", False)
    load = time.perf_counter() - started
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rows = labelled(folder) if folder else []
    clean = clean_english()
    started = time.perf_counter()
    false = [(line, score(line.text, line.is_name)) for line in clean]
    speed = len(clean) / (time.perf_counter() - started)
    known = [(line, score(line.text, line.is_name)) for line in rows]
    cells = [name]
    for is_name in (False, True):
        mine = [(line, value) for line, value in known if line.is_name == is_name]
        limit = 0.5 if name == "this project" or not mine else best_limit(mine)
        alarms = [value >= limit for line, value in false if line.is_name == is_name]
        cells.append(
            " / ".join(f"{value:.3f}" for value in precision_recall_f1(mine, limit)) if mine else "-"
        )
        cells.append(f"{1000 * sum(alarms) / len(alarms):.1f}")
        if not is_name:
            bare = [value >= limit for line, value in mine if line.accentless]
            cells.append(f"{sum(bare) / len(bare):.3f}" if bare else "-")
    print("| " + " | ".join([*cells, f"{load:.2f}", f"{memory:.0f}", f"{speed:,.0f}"]) + " |", flush=True)


Scored = Sequence[tuple[Line, float]]


def precision_recall_f1(scored: Scored, limit: float) -> tuple[float, float, float]:
    right = sum(line.foreign and value >= limit for line, value in scored)
    flagged = sum(value >= limit for _, value in scored) or 1
    foreign = sum(line.foreign for line, _ in scored) or 1
    return right / flagged, right / foreign, 2 * right / (flagged + foreign)


def best_limit(scored: Scored) -> float:
    limits = sorted({round(value, 3) for _, value in scored if value > 0})
    return max(limits, key=lambda limit: precision_recall_f1(scored, limit)[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--labelled", type=Path, help="a folder with lines.jsonl and identifiers.jsonl")
    parser.add_argument("--only", choices=SYSTEMS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        measure(arguments.only, arguments.labelled)
        return 0
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|", flush=True)
    for name in SYSTEMS:
        command = [sys.executable, __file__, "--only", name]
        command += ["--labelled", str(arguments.labelled)] if arguments.labelled else []
        ended = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
        if ended.returncode:
            print(
                f"| {name} | not measured: {(ended.stderr.strip().splitlines() or ['?'])[-1]} |", flush=True
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
