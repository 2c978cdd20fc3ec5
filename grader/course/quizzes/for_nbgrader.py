"""A quiz as nbgrader knows it: its cells, each student's points, and notebooks that show both.

What stands in these notebooks are the answers that were read, and nothing else of a student's.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from msgspec import structs

from grader.checks.quiz import Loaded
from grader.course import saved
from grader.course.nbgrader.gradebook_file import Released
from grader.course.nbgrader.scores import Entry, Score, Sheet
from grader.course.quizzes import notebook
from grader.course.quizzes.cells import Cell
from grader.course.quizzes.saved import Graded
from grader.course.saved import Handed, Missing
from grader.reading.quizzes import Free, Quiz, Result, what_is_right
from grader.reading.quizzes.marking import Mark


def sheet(due: saved.Due, folder: Path, handed_in: Sequence[Handed | Missing], reveal: bool) -> Sheet:
    """`folder`: the quiz's own, with its pictures."""
    check = due.criterion.check
    assert isinstance(check, Loaded)
    graded = [Graded.of(each, check) for each in handed_in if isinstance(each, Handed)]
    found = of_graded(check.quiz, notebook.pictures_of(check.quiz, folder), graded, reveal)
    return structs.replace(found, enough=check.enough)


def of_graded(
    quiz: Quiz, pictures: Mapping[str, bytes], graded: Sequence[Graded], reveal: bool = False
) -> Sheet:
    released = Released(quiz.id, tuple(notebook.cells_with_key(quiz, pictures)))
    return Sheet(released, tuple(entry(each, quiz, pictures, reveal) for each in graded))


def entry(graded: Graded, quiz: Quiz, pictures: Mapping[str, bytes], reveal: bool = False) -> Entry:
    """`reveal`: whether words and notebook may tell the key."""
    results = {result.question.id: result for result in _everything(graded, quiz)}
    cells = [_filled(cell, results, reveal) for cell in notebook.cells(quiz, pictures)]
    return Entry(
        student=graded.student,
        scores={name: Score(*result.points, result.question.points) for name, result in results.items()},
        comments={name: _told(result, reveal) for name, result in results.items()},
        notebook=notebook.text(cells),
        submitted=graded.submitted,
        penalty=graded.penalty,
        evidence=graded.evidence,
    )


def _everything(graded: Graded, quiz: Quiz) -> Iterator[Result]:
    """One result a question, as nbgrader adds up all of its cells: what was not asked by itself is worth the
    share that was reached in the rest, so that its sum is ours. Nothing is certain while it is in doubt whose
    answers these are.
    """
    found = {result.question.id: result for result in graded.results}
    unasked = Mark(*graded.earned, "not asked", "it counts as the rest of the quiz does")
    for question in quiz.questions:
        result = found.get(question.id) or Result(question, unasked)
        if graded.doubt:
            result = structs.replace(result, mark=structs.replace(result.mark, least=0, form=graded.doubt))
        yield result


def _told(result: Result, reveal: bool) -> str:
    """What a student reads beside an answer; the key alone with `reveal`."""
    least, most = result.points
    points = f"{least:g}" if least == most else f"{least:g} to {most:g}"
    lines = [f"{result.mark.said}: {points} of {result.question.points:g}"]
    if result.mark.form:
        lines.append(result.mark.form)
    if reveal:
        lines += [what_is_right(result.question), result.question.explanation]
    return "\n".join(lines)


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
    return [
        f"{name} = {each.value!r}" if not each.trouble else f"# {name}: {each.trouble}"
        for each in result.readings
    ]


def _free_text(result: Result) -> str:
    """A student's Markdown, which pages show to the instructor too: no HTML of it is any."""
    return "\n\n".join(escape(str(each.value), quote=False) for each in result.readings if each.value)
