"""Start-up and static checks, side by side with check50: CPU seconds of whole processes, runs interleaved.

    make bench

Compared are `--version`, and a check of a small local repository: check50 with three trivial checks against
the static lane of `grader check`. Then what measures nothing, against `--version`: what a command costs that
only reads. Machines differ and are noisy: read the ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

RUNS = 9
HERE = Path(__file__).parent
SCRIPTS = Path(sys.executable).parent

READING = (
    ("explain",),
    ("spec", "lint", "hw4"),
    ("judge", "evidence.json"),
    ("english", "homework/README.md"),
)

CHECK50 = '''\
import check50

@check50.check()
def exists():
    """hello.py exists"""
    check50.exists("hello.py")

@check50.check(exists)
def greets():
    """says hello"""
    check50.run("python3 hello.py").stdout("hello").exit(0)

@check50.check(exists)
def ends():
    """ends with 0"""
    check50.run("python3 hello.py").exit(0)
'''

CONTRACT = """\
schema = 1
assignment = "hw4"
student = "ABC123"
classes = ["Coffee", "Dog"]
[data]
source = "openimages"
[model]
library = "torchvision"
backbone = "resnet18"
weights = "IMAGENET1K_V1"
"""


def cpu_seconds(command: Sequence[str], folder: Path) -> float:
    """User and system time of one process and the children it waited for."""
    before = os.times()
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(
            command, cwd=folder, stdout=nowhere, stderr=nowhere, stdin=subprocess.DEVNULL, check=False
        )
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def compare(title: str, ours: Sequence[str], theirs: Sequence[str], folder: Path, at_most: float) -> bool:
    """Runs both in turn, prints medians and the ratio, and says whether it is at most `at_most`."""
    pairs = [(cpu_seconds(ours, folder), cpu_seconds(theirs, folder)) for _ in range(RUNS + 1)][1:]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = mine / other
    word = "reached" if ratio <= at_most else "MISSED"
    print(f"{title:<30} grader {mine:.3f} s  check50 {other:.3f} s  ratio {ratio:.2f} (<= {at_most}) {word}")
    return ratio <= at_most


def tell(ours: Sequence[str], version: Sequence[str], folder: Path) -> None:
    """Runs both in turn, and prints how many times `--version` the command costs."""
    pairs = [(cpu_seconds(ours, folder), cpu_seconds(version, folder)) for _ in range(RUNS + 1)][1:]
    mine, least = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{' '.join(ours[1:]):<30} grader {mine:.3f} s  --version {least:.3f} s  ratio {mine / least:.1f}")


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        small_repository(folder / "homework")
        (folder / "hello").mkdir()
        (folder / "hello" / "__init__.py").write_text(CHECK50)
        (folder / "hello" / ".cs50.yml").write_text("check50: true\n")
        (folder / "hello.py").write_text('print("hello")\n')
        grader, check50 = str(SCRIPTS / "grader"), str(SCRIPTS / "check50")
        static = [grader, "check", "homework", "--static", "--evidence", "evidence.json"]
        three = [check50, "--dev", "--output", "json", "--", str(folder / "hello")]
        reached = [
            compare("--version", [grader, "--version"], [check50, "--version"], folder, 0.5),
            compare("static check of a repository", static, three, folder, 1.5),
        ]
        for command in READING:
            tell([grader, *command], [grader, "--version"], folder)
    return 0 if all(reached) else 1


def small_repository(folder: Path) -> None:
    """A homework with everything that the static checks read."""
    rows = [
        f"{label.lower()}{number:04},{label},{split},{number:063x}{letter}"
        for label, letter in (("Coffee", "c"), ("Dog", "d"))
        for number, split in enumerate(["train"] * 400 + ["val"] * 100 + ["test"] * 100)
    ]
    files = {
        "submission.toml": CONTRACT,
        "README.md": "# Coffee or dog\n",
        "finetune/train.py": "# The training loop.\n" * 100,
        "data/splits.csv": "\n".join(["image_id,label,split,sha256", *rows]) + "\n",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    person = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    person |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in person.items()}
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Homework"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, env=os.environ | person)


if __name__ == "__main__":
    sys.exit(main())
