"""How often reading is right, wrong or undecided about generated programs whose truth is known.

    python -m bench.programs [PROGRAMS]

prints one line for the features that the reader was made right with, and one for plans that also draw from
those that were kept apart; each wrong program is written out, so that it can become a test.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.checks.preprocessing import Preprocessing
from grader.checks.protocol import Check
from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured
from tests import conftest
from tests.reading.programs import generating

SHOWN = 3


def said(folder: Path, check: Check, files: Mapping[str, str]) -> str:
    try:
        levels = {each.level for each in check.judge(check.collect(conftest.submission(folder, files)))}
    except NotMeasured:
        return "open"
    return "wrong" if "error" in levels else "right"


def measure(folder: Path, programs: int, *choices: Mapping[str, Sequence[str]]) -> Counter[str]:
    chance = random.Random(7)
    told: Counter[str] = Counter()
    for _ in range(programs):
        plan = generating.plan(chance, *choices)
        files = generating.write(plan)
        truths = {"yes": "right", "no": "wrong", "doubtful": "open"}
        for check, truth in ((Preprocessing(), plan.preprocessing), (TwoPhases(), truths[plan.two_phases])):
            found = said(folder, check, files)
            name = type(check).__name__
            verdict = "right" if found == truth else "open" if found == "open" else "wrong"
            told[f"{name} {verdict}"] += 1
            if verdict == "wrong" and told[f"{name} wrong"] <= SHOWN:
                print(name, found, "for", plan, *(f"\n--- {path}\n{text}" for path, text in files.items()))
    return told


def main() -> None:
    programs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as name:
        for title, choices in (
            ("known features", (generating.KNOWN,)),
            ("with those kept apart", (generating.KNOWN, generating.HELD)),
        ):
            told = measure(Path(name), programs, *choices)
            print(f"{title}: {programs} programs: {dict(sorted(told.items()))}", flush=True)


if __name__ == "__main__":
    main()
