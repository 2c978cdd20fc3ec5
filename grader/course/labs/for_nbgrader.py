"""A lab as nbgrader knows it: its cells, each student's points, and notebooks that show what was said.

What a student wrote is not in them: it is where it was handed in.
"""

from collections.abc import Sequence
from pathlib import Path

from grader.checks import lab_words
from grader.checks.lab import Loaded
from grader.course.labs import building, notebook
from grader.course.labs.notebook import Parts
from grader.course.nbgrader.gradebook_file import Cell, Released
from grader.course.nbgrader.scores import Entry, Score, Sheet
from grader.course.quizzes.notebook import text
from grader.course.saved import Due, Handed, Missing
from grader.running.labs import LabRun


def sheet(
    due: Due,
    folder: Path,
    handed_in: Sequence[Handed | Missing],
    reveal: bool,  # noqa: ARG001 - a lab has no key to tell
) -> Sheet:
    """`folder`: the lab's own, with its text and starter. Raises GraderError."""
    check = due.criterion.check
    assert isinstance(check, Loaded)
    parts = building.parts(folder, check, due.criterion.points)
    released = Released(folder.name, tuple(notebook.cells(parts, building.tests(check))))
    return Sheet(released, tuple(entry(each, parts, check) for each in handed_in if isinstance(each, Handed)))


def entry(handed: Handed, parts: Parts, check: Loaded) -> Entry:
    measured: LabRun = handed.measured
    reached = {name: points * check.is_right(measured, name) for name, points in parts.points.items()}
    said = {name: _said(check, measured, name) for name in parts.points}
    commit = handed.evidence.commit
    place = f"# {measured.path}{f' of commit {commit.sha[:12]}' if commit else ''}"
    return Entry(
        student=handed.student,
        scores={
            notebook.tested(name): Score(points, points, parts.points[name])
            for name, points in reached.items()
        },
        comments=said,
        notebook=text([_filled(cell, said, place) for cell in notebook.cells(parts)]),
        submitted=handed.submitted,
        penalty=handed.penalty,
        evidence=handed.evidence,
    )


def _said(check: Loaded, measured: LabRun, name: str) -> str:
    found = check.stopped(measured) or check.told(measured, name) or lab_words.of_end(measured)
    return "\n".join(filter(None, (found.message, found.where, found.hint)))


def _filled(cell: Cell, said: dict[str, str], place: str) -> Cell:
    name = cell["metadata"]["nbgrader"]["grade_id"]
    return cell | {"source": place} if name in said else cell
