"""Points of a class into nbgrader's gradebook, and notebooks for its formgrader and its feedback.

Nothing of a student's notebook is taken over: what is shown are notebooks of our own.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from grader.course.nbgrader import gradebook_file
from grader.course.nbgrader.gradebook_file import Released
from grader.course.saved import Due, Handed, Missing
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")  # a folder's name in nbgrader's course


class Score(Struct, frozen=True):
    """Points of one graded cell; a person decides between different ones."""

    least: float
    most: float
    of: float


class Entry(Struct, frozen=True, kw_only=True):
    """One student's points by graded cell, words by the cell that they stand beside, and a notebook to show.

    `submitted` is ISO 8601 with a zone, or "" where nobody knows; `penalty` is the percent that being late
    costs.
    """

    student: str
    scores: Mapping[str, Score]
    comments: Mapping[str, str]
    notebook: str
    submitted: str = ""
    penalty: float = 0
    evidence: Evidence | None = None


class Sheet(Struct, frozen=True):
    """A class, as nbgrader knows it. From the share `enough` of the points on, work is passed."""

    released: Released
    entries: tuple[Entry, ...]
    enough: float = 0


class SheetOf(Protocol):
    """Makes it of what was handed in. `folder` is the assignment's; `reveal`: whether words may tell the key.

    Raises GraderError.
    """

    def __call__(
        self, due: Due, folder: Path, handed_in: Sequence[Handed | Missing], reveal: bool
    ) -> Sheet: ...


def write(course: Path, sheet: Sheet) -> int:
    """Writes scores, comments and autograded notebooks, and returns how many scores changed.

    What a person gave in formgrader stays. A second run with the same results changes nothing.

    Raises:
        GraderError: a gradebook that cannot be used, or a student's code that cannot be a folder's name.
    """
    for each in sheet.entries:
        if not STUDENT.fullmatch(each.student):
            raise GraderError(
                f"{each.student!r} cannot be a student in nbgrader: it is a folder's name there"
            )
    name = sheet.released.name
    with gradebook_file.opened(course) as gradebook:
        gradebook_file.ensure_assignment(gradebook, sheet.released)
        changed = sum(_score(gradebook, name, each) for each in sheet.entries)
        gradebook.db.commit()
    for each in sheet.entries:
        folder = course / "autograded" / each.student / name
        whole_file.write(folder / f"{name}.ipynb", each.notebook.encode())
    return changed


def _score(gradebook: Any, name: str, entry: Entry) -> int:
    gradebook.update_or_create_student(entry.student)
    submission = gradebook.update_or_create_submission(name, entry.student)
    if entry.submitted:
        submission.timestamp = datetime.fromisoformat(entry.submitted).astimezone(UTC).replace(tzinfo=None)
    (written,) = (each for each in submission.notebooks if each.name == name)
    changed = sum(_set_score(grade, entry.scores.get(grade.name)) for grade in written.grades)
    reached = sum(points(grade) for grade in written.grades)
    written.late_submission_penalty = reached * entry.penalty / 100 or None
    for comment in written.comments:
        told = entry.comments.get(comment.name)
        comment.auto_comment = escape(told, quote=False) if told else None
    return changed


def _set_score(grade: Any, score: Score | None) -> int:
    """What a person decides has no automatic score; what was not asked has none to give."""
    least, most = (score.least, score.most) if score else (0.0, 0.0)
    certain = least if least == most else None
    changed = grade.auto_score != certain
    grade.auto_score = certain
    grade.needs_manual_grade = certain is None and grade.manual_score is None
    return int(changed)


def points(grade: Any) -> float:
    """What nbgrader counts for one cell: a person's points before ours, and extra credit."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (given or 0) + (grade.extra_credit or 0)
