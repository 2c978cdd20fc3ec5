"""What labs cost: a class by one command, which is killed when a third is done and started again, here and on
Ray; a fresh process for a submission beside children of a warm one; and the kill table.

$ make bench-labs [BENCH_FLAGS="--seeds 100 --students 20 --class 300"]
"""

import argparse
import contextlib
import csv
import os
import signal
import subprocess
import sys
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
from tests.repository.building import commit

NAMES = ("l1", "l2", "l3", "l4", "l5", "l6")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=100)
    arguments.add_argument("--students", type=int, default=20)
    arguments.add_argument("--class", dest="size", type=int, default=300)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        roster = _repositories(Path(folder), given.size)
        for runner in ("here", "ray"):
            print(f"{given.size} labs, {runner}: {_class(roster, given.size, runner)}", flush=True)
    faults = 0
    for name in NAMES:
        check = assignment.load(assignment.find(name)).criteria[-1].check
        assert isinstance(check, Loaded)
        killed = kill_table.measure(check, given.seeds)
        survived = sum(map(bool, killed.survived.values()))
        faults += survived + bool(killed.reference)
        print(
            f"{name}: {len(killed.table)} wrong solutions, {survived} survive one of {killed.seeds} seeds;"
            f" the reference fails for {killed.reference}; {_costs(name, check, given.students)}"
        )
    return int(faults > 0)


def _repositories(folder: Path, size: int) -> Path:
    """A roster of repositories, no two alike; every second student made the same mistake."""
    right = Path("assignments/labs/l1/private/reference.py").read_text()
    rows = []
    for number in range(size):
        source = right.replace("+ b)", ")") if number % 2 else right
        commit(folder / f"s{number}", {"labs/l1.py": f"# student {number}\n{source}"})
        rows.append((f"S{number:03}", folder / f"s{number}"))
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("student", "url"), *rows])
    return folder / "roster.csv"


def _class(roster: Path, size: int, runner: str) -> str:
    evidence = roster.parent / runner
    command = [sys.executable, "-m", "grader", "class", roster, "--assignment", "l1", "-j", "2"]
    command += ["--runner", runner, "--evidence-dir", evidence]
    environment = os.environ | {"XDG_CACHE_HOME": str(roster.parent / f"cache-{runner}")}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.monotonic()
    with subprocess.Popen(command, start_new_session=True, **quiet) as process:
        while process.poll() is None and 3 * len(_kept(evidence)) < size:
            time.sleep(0.1)
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGKILL)
    first, kept = time.monotonic() - began, {path: path.stat().st_mtime_ns for path in _kept(evidence)}
    began = time.monotonic()
    done = subprocess.run(command, check=False, **quiet | {"stderr": subprocess.PIPE})
    if done.returncode not in (0, 1):
        return f"DID NOT END: status {done.returncode}: {done.stderr.decode(errors='replace')[-500:].strip()}"
    again = sum(path.stat().st_mtime_ns != kept[path] for path in kept)
    with (evidence / "l1" / "gradebook.csv").open() as file:
        points = [float(row["points"]) for row in csv.DictReader(file)]
    rest = time.monotonic() - began
    return (
        f"killed with {len(kept)} done after {first:.0f} s, the rest in {rest:.0f} s, {again} of them "
        f"measured again; {len(points)} in the gradebook, {sum(points) / len(points):g} points in the mean"
    )


def _kept(evidence: Path) -> list[Path]:
    return list(evidence.glob("l1/*.json"))


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
    sys.exit(main())
