"""A class of many repositories on two cores, static lane, beside nbgrader's autograde in the same run.

    python -m bench.course [--repositories 1000] [--submissions 10]

CPU seconds for each repository and submission, with all child processes; the class once more, unchanged; and
the memory of the command. nbgrader grades the assignment of its own guide, as a student receives it.
"""

import argparse
import csv
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.course import sixty
from tests.repository.building import commit

HERE = Path(sys.executable).parent
EVIDENCE = "evidence/small/*.json"
RATIO, COLD, UNCHANGED = 0.5, 0.15, 0.03  # what we want at most; seconds for each repository


def used(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of the children meanwhile, and seconds on the clock."""
    before, started = os.times(), time.monotonic()
    work()
    after = os.times()
    children = after.children_user - before.children_user + after.children_system - before.children_system
    return children, time.monotonic() - started


def quietly(command: Sequence[str], folder: Path, *statuses: int) -> None:
    path = f"{HERE}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PATH": path}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in statuses:
        sys.exit(f"{' '.join(command[:4])}: {done.stderr[-2000:]}")


def repositories(folder: Path, number: int) -> None:
    rows = []
    for each in range(number):
        files = {"README.md": sixty.README.format(each), "train.py": "print('training')\n"}
        rows.append([f"S{each:05}", commit(folder / f"repository-{each:05}", files)])
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["student", "url"], *rows])
    (folder / "small.toml").write_text(sixty.RUBRIC)


def nbgrader(folder: Path, submissions: int) -> list[str]:
    """A course with nbgrader's own example and so many submissions; the command that grades them."""
    program, course = str(HERE / "nbgrader"), folder / "course"
    (package,) = importlib.util.find_spec("nbgrader").submodule_search_locations
    shutil.copytree(Path(package, "docs", "source", "user_guide", "source"), course / "source")
    quietly([program, "generate_assignment", "ps1"], course, 0)
    for each in range(submissions):
        shutil.copytree(course / "release" / "ps1", course / "submitted" / f"s{each:03}" / "ps1")
    return [program, "autograde", "ps1"]


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--repositories", type=int, default=1000)
    given.add_argument("--submissions", type=int, default=10)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repositories(folder, asked.repositories)
        command = [sys.executable, "-m", "grader", "class", "roster.csv", "--assignment", "small.toml",
                   "--evidence-dir", "evidence", "--static", "-j", "2"]  # fmt: skip
        told, missed, written = [], 0, [0]
        for what, limit in (("measured", COLD), ("unchanged", UNCHANGED)):
            cpu, clock = used(lambda: quietly(command, folder, 0))
            each = cpu / asked.repositories
            told.append(each)
            missed += each > limit
            before, written = written, [path.stat().st_mtime_ns for path in sorted(folder.glob(EVIDENCE))]
            print(
                f"{asked.repositories} repositories, {what}: {each:.3f} CPU s each, {clock:.0f} s in all, "
                f"{'reached' if each <= limit else 'MISSED'} ({limit} s)"
            )
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"largest process: {memory} MiB")
        autograde = nbgrader(folder, asked.submissions)
        cpu, clock = used(lambda: quietly(autograde, folder / "course", 0))
        theirs = cpu / asked.submissions
        ratio = told[0] / theirs
        print(f"{asked.submissions} submissions, nbgrader autograde: {theirs:.3f} CPU s each, {clock:.0f} s")
        print(f"ratio {ratio:.3f}, {'reached' if ratio <= RATIO else 'MISSED'} ({RATIO})")
        if len(written) != asked.repositories or before != written:
            print("the second run did not leave all evidence as it was: its figure means nothing")
            missed += 1
        return int(missed > 0 or ratio > RATIO)


if __name__ == "__main__":
    sys.exit(main())
