"""One cold check, and what each further student of a batch with the same network costs.

    python -m bench.cold [--further 3] [--grader FOLDER]

CPU seconds with all that a sandbox leaves behind, also as multiples of one `import timm`, so that machines
can be compared. The student is the starter, run on a small sample; half of the cost are the submission's own
two programs, which `--no-programs` leaves out. `--grader` is another version to measure: a folder.
"""

import argparse
import csv
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import starter
from tests.contract import conftest
from tests.repository.building import commit

PR_SET_CHILD_SUBREAPER = 36  # what outlives its parent is counted here
EVERYTHING = (
    "[checks.predict]\npoints = 0\nrequired = false\n\n[checks.integrity]\npoints = 0\nrequired = false\n"
)


def cpu(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    before = os.times()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 4):
        sys.exit(done.stderr[-2000:])
    try:
        while True:
            os.wait()
    except ChildProcessError:
        after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def students(folder: Path, number: int, environment: dict[str, str], programs: bool) -> None:
    """All have the same network; the last byte of their tensors differs."""
    finished = folder / "finished"
    starter.with_digits(finished, train=60, val=20, test=50)
    flags = "TRAIN_FLAGS=--epochs-head 4 --epochs-upper 2 --batch-size 10"
    conftest.run(["make", "report", f"PYTHON={sys.executable}", flags], finished, environment)
    declared = finished / "submission.toml"
    lines = declared.read_text().splitlines(keepends=True)
    kept = [line for line in lines if programs or not line.startswith(("predict =", "preprocess = ["))]
    declared.write_text("".join(kept))
    rows = []
    for each in range(number):
        place = folder / f"student-{each}"
        shutil.copytree(finished, place)
        weights = (place / "model.safetensors").read_bytes()
        (place / "model.safetensors").write_bytes(weights[:-1] + bytes([weights[-1] ^ each]))
        rows.append((f"S{each}", commit(place)))
    with (folder / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("student", "url"), *rows])
    (folder / "one.csv").write_text("".join((folder / "roster.csv").open().readlines()[:2]))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--further", type=int, default=3)
    given.add_argument("--grader", type=Path, default=Path(__file__).parents[1])
    given.add_argument("--no-programs", action="store_true")
    asked = given.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = os.environ | conftest.ONE_THREAD | {"COURSEWORK_WEIGHTS": name}
        weights = folder / f"timm-{conftest.NETWORK}-{conftest.WEIGHTS}.safetensors"
        conftest.run([sys.executable, "-c", conftest.PRETRAIN, str(weights)], folder, environment)
        students(folder, 1 + asked.further, environment, not asked.no_programs)
        (folder / "small.toml").write_text(f"{conftest.RUBRIC}\n{EVERYTHING}")
        environment["PYTHONPATH"] = str(asked.grader.resolve())
        unit = cpu([sys.executable, "-c", "import timm"], folder, environment)
        found = []
        for roster in ("one.csv", "roster.csv"):
            environment["XDG_CACHE_HOME"] = str(folder / f"cache-{roster}")
            command = [sys.executable, "-m", "grader", "class", roster, "--assignment", "small.toml",
                       "--evidence-dir", f"evidence-{roster}", "--weights", name]  # fmt: skip
            found.append(cpu(command, folder, environment))
        further = (found[1] - found[0]) / asked.further
        print(f"import timm: {unit:.1f} CPU s")
        print(f"one cold check: {found[0]:.1f} CPU s, {found[0] / unit:.1f} imports")
        print(f"each further student: {further:.1f} CPU s, {further / found[0]:.2f} of the first")


if __name__ == "__main__":
    main()
