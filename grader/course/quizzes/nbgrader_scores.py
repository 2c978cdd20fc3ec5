"""A quiz's points into nbgrader's gradebook, and notebooks for its formgrader and its feedback.

Nothing of a student's notebook is taken over: what stands in ours are the answers that were read.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.course.quizzes import gradebook_file, notebook
from grader.course.quizzes.cells import Cell
from grader.course.quizzes.saved import Graded
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.reading.quizzes import Free, Quiz, Result, key_in_words

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")  # a folder's name in nbgrader's course


class Course(Struct, frozen=True):
    """Where scores go, of which quiz. `reveal`: whether pages may tell the key."""

    folder: Path
    quiz: Quiz
    pictures: Mapping[str, bytes] = {}
    reveal: bool = False


def write(course: Course, graded: Sequence[Graded]) -> int:
    """Writes scores, comments and autograded notebooks, and returns how many scores changed.

    What a person gave in formgrader stays. A second run with the same results changes nothing.

    Raises:
        GraderError: a gradebook that cannot be used, or a student's code that cannot be a folder's name.
    """
    for each in graded:
        if not STUDENT.fullmatch(each.student):
            raise GraderError(
                f"{each.student!r} cannot be a student in nbgrader: it is a folder's name there"
            )
    with gradebook_file.opened(course.folder) as gradebook:
        gradebook_file.ensure_assignment(gradebook, course.quiz, course.pictures)
        changed = sum(_score(gradebook, course, each) for each in graded)
        gradebook.db.commit()
    for each in graded:
        folder = course.folder / "autograded" / each.student / course.quiz.id
        text = autograded(course, each)
        whole_file.write(folder / f"{course.quiz.id}.ipynb", text.encode())
    return changed


def _score(gradebook: Any, course: Course, graded: Graded) -> int:
    gradebook.update_or_create_student(graded.student)
    submission = gradebook.update_or_create_submission(course.quiz.id, graded.student)
    if graded.submitted:
        submission.timestamp = datetime.fromisoformat(graded.submitted).astimezone(UTC).replace(tzinfo=None)
    (written,) = (each for each in submission.notebooks if each.name == course.quiz.id)
    results = {result.question.id: result for result in graded.results}
    changed = sum(_set_score(grade, results.get(grade.name)) for grade in written.grades)
    for comment in written.comments:
        comment.auto_comment = _comment(results.get(comment.name), course.reveal)
    return changed


def _set_score(grade: Any, result: Result | None) -> int:
    """A question that a person decides has no automatic score; one that was not asked has none to give."""
    least, most = result.points if result else (0.0, 0.0)
    score = least if least == most else None
    changed = grade.auto_score != score
    grade.auto_score = score
    grade.needs_manual_grade = score is None and grade.manual_score is None
    return int(changed)


def _comment(result: Result | None, reveal: bool) -> str | None:
    told = result and _told(result, reveal)
    return escape(told, quote=False) if told else None


def _told(result: Result, reveal: bool) -> str:
    """What a student reads beside an answer; the key alone with `reveal`."""
    least, most = result.points
    points = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    lines = [f"{result.mark.said}: {points} of {result.question.points:g}"]
    if result.mark.form:
        lines.append(result.mark.form)
    if reveal:
        lines += [f"right is {key_in_words(result.question)}", result.question.explanation]
    return "\n".join(lines)


def autograded(course: Course, graded: Graded) -> str:
    """Our own release with the answers that were read, and what was said of each below it."""
    results = {result.question.id: result for result in graded.results}
    cells = [_filled(cell, results, course.reveal) for cell in notebook.cells(course.quiz, course.pictures)]
    return notebook.text(cells)


def _filled(cell: Cell, results: Mapping[str, Result], reveal: bool) -> Cell:
    result = results.get(cell["id"].removesuffix("-answer"))
    if not result:
        return cell
    if isinstance(result.question, Free):
        return cell | {"source": _free_text(result) or cell["source"]}
    if cell["id"].endswith("-answer"):
        return cell | {"source": "\n".join(_lines(result)) or cell["source"]}
    told = {"name": "stdout", "output_type": "stream", "text": [_told(result, reveal) + "\n"]}
    return cell | {"outputs": [told]}


def _lines(result: Result) -> list[str]:
    """The answers as they were read, each a line of Python."""
    name = result.question.variable
    return [f"{name} = {each.value!r}" if not each.trouble else f"# {name}: {each.trouble}"
            for each in result.readings]  # fmt: skip


def _free_text(result: Result) -> str:
    """A student's Markdown, which pages show to the instructor too: no HTML of it is any."""
    return "\n\n".join(escape(str(each.value), quote=False) for each in result.readings if each.value)
