"""The cells of a quiz: what a question looks like in a notebook."""

import base64
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from grader.reading.quizzes import Free, Multiple, Number, Question, Quiz, Short, Single
from grader.reading.quizzes.answers import STUB

Cell = dict[str, Any]
MIME = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}

ABOUT = """\
Each question has a cell for your answer. Write the answer itself behind the `=`, or your text instead of
`{stub}`, and change nothing else. The cell below each answer looks at its form alone; it does not know
which answer is right. You may run it or not: answers are read from this file as they are written, so any
editor will do. Save the notebook, commit it, push it."""


def about(quiz: Quiz) -> Cell:
    """What stands above all questions."""
    text = "\n\n".join(filter(None, [f"# {quiz.title}", quiz.intro.strip(), ABOUT.format(stub=STUB)]))
    return _markdown("about", text, _locked("about"))


def prompt(number: int, question: Question, quiz: Quiz, pictures: Mapping[str, bytes]) -> Cell:
    """The question. Nothing of its key is used here, nor in `answer` and `form`."""
    worth = f"{question.points:g} point{'' if question.points == 1 else 's'}"
    parts = [f"## Question {number} ({worth})", question.text.strip()]
    if question.code:
        parts.append(f"```python\n{question.code.strip()}\n```")
    if question.picture:
        parts.append(f"![{question.picture_alt}](attachment:{PurePosixPath(question.picture).name})")
    if isinstance(question, Single | Multiple):
        listed = [f'- `"{each}"`: {question.choices[each]}' for each in quiz.shown_choices(question)]
        parts += [_asked_for(question), "\n".join(listed)]
    else:
        parts.append(_asked_for(question))
    name = f"{question.id}-question"
    cell = _markdown(name, "\n\n".join(parts), _locked(name))
    if question.picture:
        path = PurePosixPath(question.picture)
        content = base64.b64encode(pictures[question.picture]).decode()
        cell["attachments"] = {path.name: {MIME[path.suffix]: content}}
    return cell


def answer(question: Question, quiz: Quiz) -> Cell:
    """The cell that a student fills in."""
    match question:
        case Free():
            graded = _graded(question) | {"solution": True, "locked": False}
            return _markdown(question.id, STUB, graded)
        case Single():
            source = f"{question.variable} = None  # one of {_listed(question, quiz)}"
        case Multiple():
            source = f"{question.variable} = []  # some of {_listed(question, quiz)}"
        case Number():
            source = f"{question.variable} = None  # a number ({question.unit})"
        case Short():
            source = f'{question.variable} = ""  # a word or two between the quotes'
    return _code(f"{question.id}-answer", source, None)


def form(question: Question, quiz: Quiz) -> Cell | None:
    """The locked cell that looks at the form of the answer above it; a text needs none."""
    name = question.variable
    match question:
        case Free():
            return None
        case Single():
            listed = _listed(question, quiz)
            test = f'assert {name} in ({listed}), "{name}: write one of the choices, with its quotes"'
        case Multiple():
            listed = _listed(question, quiz)
            test = (
                f'assert isinstance({name}, (list, tuple, set)), "{name}: write a list"\n'
                f'assert {name} and set({name}) <= {{{listed}}}, "{name}: write some of the choices"'
            )
        case Number():
            test = f'assert type({name}) in (int, float), "{name}: write a number, such as 3.5"'
        case Short():
            test = f'assert isinstance({name}, str) and {name}.strip(), "{name}: write a word or two"'
    return _code(question.id, f"# Looks at the form of the answer alone.\n{test}", _graded(question))


def _asked_for(question: Question) -> str:
    match question:
        case Single():
            return "One of these is right:"
        case Multiple():
            return "One or more of these are right:"
        case Number():
            return f"Give a number ({question.unit}), with a point for decimals."
        case Short():
            return "Give a word or two."
        case Free():
            return "Answer in a few sentences."


def _listed(question: Single | Multiple, quiz: Quiz) -> str:
    return ", ".join(f'"{choice}"' for choice in quiz.shown_choices(question))


def _locked(name: str) -> dict[str, Any]:
    return {
        "grade": False,
        "grade_id": name,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }


def _graded(question: Question) -> dict[str, Any]:
    return _locked(question.id) | {"grade": True, "points": question.points}


def _markdown(name: str, source: str, nbgrader: dict[str, Any]) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": _metadata(nbgrader), "source": source}


def _code(name: str, source: str, nbgrader: dict[str, Any] | None) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": _metadata(nbgrader),
        "outputs": [],
        "source": source,
    }


def _metadata(nbgrader: dict[str, Any] | None) -> dict[str, Any]:
    """As nbgrader locks cells: what is graded or shown cannot be deleted, what is not answered not edited."""
    if nbgrader is None:
        return {}
    fixed = {} if nbgrader["solution"] else {"editable": False}
    return {"deletable": False, **fixed, "nbgrader": nbgrader}
