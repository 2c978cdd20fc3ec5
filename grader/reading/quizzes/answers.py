"""The answers in a notebook. It is read as data: no kernel, no imports, no cell of the student's is run.

A question's answer is found by the name of its variable, wherever in the notebook it is set; so cells may be
copied, moved, turned into another type, or lose their metadata. All else in the notebook counts for nothing.
"""

from typing import Any

from msgspec import Struct

from grader.reading import notebooks
from grader.reading.quizzes import literals, marking
from grader.reading.quizzes.questions import Free
from grader.reading.quizzes.source import Quiz

LIMIT = 10_000_000  # bytes of a notebook
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
    doubt: str = ""  # why it is not certain whose answers these are


def read(content: bytes, quiz: Quiz) -> dict[str, tuple[Reading, ...]]:
    """The different answers to each question. Raises ValueError: not a notebook."""
    variables = {question.variable: question.id for question in quiz.questions}
    free = {question.id: question.id for question in quiz.questions if isinstance(question, Free)}
    found: dict[str, list[Reading]] = {}
    for cell in notebooks.parse(content).cells:
        source = cell.source
        about = free.get(cell.label)
        if about and not source.lstrip().startswith(f"{about.replace('-', '_')} ="):
            written = "" if source.strip() == STUB else source
            found.setdefault(about, []).append(Reading(f"#c{cell.number}", literals.text(written)))
            continue
        for literal in literals.assigned(source, variables):
            reading = Reading(f"#c{cell.number}", literal.value, literal.trouble)
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
