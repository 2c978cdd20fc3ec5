"""What a lab costs: a fresh process for a submission beside children of a warm one; and the kill table.

$ python bench/labs.py [--seeds 100] [--students 20]
"""

import argparse
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from grader import assignment
from grader.checks.lab import Loaded
from grader.course.labs import kill_table
from grader.running import labs
from grader.running.labs import LabRun
from grader.submission import Submission
from tests.conftest import submission

NAMES = ("l1", "l2", "l3", "l4", "l5", "l6")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=100)
    arguments.add_argument("--students", type=int, default=20)
    given = arguments.parse_args()
    for name in NAMES:
        check = assignment.load(assignment.find(name)).criteria[-1].check
        assert isinstance(check, Loaded)
        killed = kill_table.measure(check, given.seeds)
        survived = sum(map(bool, killed.survived.values()))
        print(
            f"{name}: {len(killed.table)} wrong solutions, {survived} survive one of {killed.seeds} seeds;"
            f" the reference fails for {killed.reference}; {_costs(name, check, given.students)}"
        )


def _costs(name: str, check: Loaded, students: int) -> str:
    """With PyTorch imported, as a submission that uses it does."""
    source = f"import torch\n{check.exam.reference}"
    with tempfile.TemporaryDirectory() as folder:
        made = [_made(Path(folder, str(number)), name, source) for number in range(students)]
        alone, _ = _timed(made[:1], check)
        together, runs = _timed(made, check)
    each = sorted(run.seconds for run in runs)[len(runs) // 2]
    return (
        f"one alone {alone:.1f} s, {students} together {together:.1f} s,"
        f" a child {each * 1000:.0f} ms: {alone / each:.0f} times less"
    )


def _made(folder: Path, name: str, source: str) -> Submission:
    folder.mkdir()
    return submission(folder, {f"labs/{name}.py": source})


def _timed(group: list[Submission], check: Loaded) -> tuple[float, list[LabRun]]:
    asked = replace(check, seed=time.monotonic_ns() % 1_000_000)  # another one: nothing is known of it
    began = time.monotonic()
    runs = labs.together(group, asked.questions())
    return time.monotonic() - began, runs


if __name__ == "__main__":
    main()
