"""The private part of a lab: reference.py, cases.py, and a file in wrong/ for each known wrong solution."""

from pathlib import Path

from grader.workers.lab_messages import Exam


def load(folder: Path) -> Exam:
    """Raises OSError: a file is missing."""
    return Exam(
        reference=(folder / "reference.py").read_text(encoding="utf-8"),
        cases=(folder / "cases.py").read_text(encoding="utf-8"),
        wrong={path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("wrong/*.toml"))},
    )
