"""The answers in a notebook. It is read as data: no kernel, no imports, no cell of the student's is run.

A question's answer is found by the name of its variable, wherever in the notebook it is set; so cells may be
copied, moved, turned into another type, or lose their metadata. All else in the notebook counts for nothing.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from grader.reading.quizzes import literals, marking
from grader.reading.quizzes.questions import Free
from grader.reading.quizzes.source import Quiz

LIMIT = 10_000_000  # bytes of a notebook
CELLS = 5_000
STUB = "YOUR ANSWER HERE"  # what nbgrader leaves for a text that a student writes


class Live(Struct, frozen=True):
    """What Kahoot itself said of an answer."""

    correct: bool
    points: float


class Reading(Struct, frozen=True):
    """One place where a question is answered. `value` is plain data; `trouble` is why it has none."""

    where: str  # `#c7`: a cell of the notebook, counted from 0; `:7`: a row of a sheet
    value: Any = None
    trouble: str = ""
    live: Live | None = None


class Totals(Struct, frozen=True):
    """All that a short report of Kahoot tells: of `questions` that were played."""

    correct: int
    questions: int
    points: float


class Answers(Struct, frozen=True):
    """What was answered, by the question's id; nothing under an id where its cell is not there."""

    path: str
    given: dict[str, tuple[Reading, ...]] = {}
    remark: str = ""
    played: tuple[str, ...] = ()  # questions of a Kahoot; none: all of the quiz
    totals: Totals | None = None


def read(content: bytes, quiz: Quiz) -> dict[str, tuple[Reading, ...]]:
    """The different answers to each question. Raises ValueError: not a notebook."""
    variables = {question.variable: question.id for question in quiz.questions}
    free = {question.id: question.id for question in quiz.questions if isinstance(question, Free)}
    found: dict[str, list[Reading]] = {}
    for number, cell in enumerate(_cells(content)):
        source = _source(cell)
        about = free.get(_grade_id(cell))
        if about and not source.lstrip().startswith(f"{about.replace('-', '_')} ="):
            written = "" if source.strip() == STUB else source
            found.setdefault(about, []).append(Reading(f"#c{number}", literals.text(written)))
            continue
        for literal in literals.assigned(source, variables):
            reading = Reading(f"#c{number}", literal.value, literal.trouble)
            found.setdefault(variables[literal.name], []).append(reading)
    return {question: _different(readings) for question, readings in found.items()}


def _different(readings: list[Reading]) -> tuple[Reading, ...]:
    """Each answer once; cells that were left empty only where there is nothing else."""
    filled = [each for each in readings if each.trouble or not marking.is_empty(each.value)]
    kept: list[Reading] = []
    for each in filled or readings[:1]:
        if all((each.value, each.trouble) != (other.value, other.trouble) for other in kept):
            kept.append(each)
    return tuple(kept)


def _cells(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        book = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a notebook: {error}") from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list):
        raise ValueError("not a notebook: it has no cells")
    return (cell for cell in cells[:CELLS] if isinstance(cell, dict))


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    record = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = record.get("grade_id") if isinstance(record, dict) else None
    return found if isinstance(found, str) else ""
