"""A quiz as notebooks: the source for nbgrader, with the key, and the release for students, without."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.course.quizzes import cells as made
from grader.course.quizzes import hidden
from grader.course.quizzes.cells import Cell
from grader.reading.quizzes import Quiz

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def pictures_of(quiz: Quiz, folder: Path) -> dict[str, bytes]:
    """The pictures that questions name, by their paths in the quiz's folder."""
    named = [question.picture for question in quiz.questions if question.picture]
    return {name: (folder / name).read_bytes() for name in named}


def release(quiz: Quiz, pictures: Mapping[str, bytes]) -> str:
    """What students get: the same, byte by byte, whatever the key is."""
    return text(list(cells(quiz, pictures)))


def source(quiz: Quiz, pictures: Mapping[str, bytes]) -> str:
    """The same with hidden tests, for nbgrader. It stays with the instructor."""
    return text(list(cells_with_key(quiz, pictures)))


def cells_with_key(quiz: Quiz, pictures: Mapping[str, bytes]) -> Iterator[Cell]:
    questions = {question.id: question for question in quiz.questions}
    for cell in cells(quiz, pictures):
        question = questions.get(cell["id"])
        yield cell | {"source": cell["source"] + hidden.region(question)} if question else cell


def cells(quiz: Quiz, pictures: Mapping[str, bytes]) -> Iterator[Cell]:
    """Those of the release, with their sources as one text each."""
    yield made.about(quiz)
    for number, question in enumerate(quiz.questions, 1):
        yield made.prompt(number, question, quiz, pictures)
        yield made.answer(question, quiz)
        if form := made.form(question, quiz):
            yield form


def text(found: list[Cell]) -> str:
    """As nbformat writes it: indented by one, keys sorted, sources as lists of lines."""
    book = {
        "cells": [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in found],
        "metadata": METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
