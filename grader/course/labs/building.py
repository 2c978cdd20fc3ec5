"""Everything that is made from a lab, as files: for students, and for the instructor's nbgrader."""

from pathlib import Path

from grader.checks.lab import Loaded
from grader.course.labs import notebook, pieces
from grader.course.labs.notebook import Parts
from grader.ground.errors import GraderError, NotMeasured
from grader.workers import asking
from grader.workers.lab_messages import Record, Recorded

SEED = 0


def parts(folder: Path, check: Loaded, points: float) -> Parts:
    """Raises GraderError: a file of the lab is missing."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        starter = (folder / f"{folder.name}.py").read_text(encoding="utf-8")
    except OSError as trouble:
        raise GraderError(f"{trouble.filename}: {trouble.strerror}") from None
    weights = {piece.name: check.weights.get(piece.name, 1.0) for piece in pieces.functions(starter)}
    total = sum(weights.values())
    return Parts(text, starter, {name: points * weight / total for name, weight in weights.items()})


def files(name: str, made_of: Parts, check: Loaded) -> dict[str, str]:
    """Content by path: `release/` may be published, `source/` holds the solution.

    Both are laid out as a course folder of nbgrader. The release does not depend on anything private.
    Raises GraderError.
    """
    source = notebook.source(made_of, check.exam.reference, tests(check))
    return {
        f"release/{name}/{name}.ipynb": notebook.release(made_of),
        f"release/{name}/{name}.py": made_of.starter,
        f"release/{name}/README.md": made_of.text,
        f"source/{name}/{name}.ipynb": source,
    }


def tests(check: Loaded) -> dict[str, str]:
    """For each function the lines that test it in a notebook. Raises GraderError."""
    try:
        return asking.ask("record_tests", Record(check.exam, SEED), Recorded).tests
    except NotMeasured as trouble:
        raise GraderError(trouble.with_hint) from None
