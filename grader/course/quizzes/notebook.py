"""A quiz as notebooks: the source for nbgrader, with the key, and the release for students, without."""

import json
from collections.abc import Iterator, Mapping

from grader.course.quizzes import cells, hidden
from grader.course.quizzes.cells import Cell
from grader.reading.quizzes import Quiz

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def release(quiz: Quiz, pictures: Mapping[str, bytes]) -> str:
    """What students get: the same, byte by byte, whatever the key is."""
    return _text(list(_cells(quiz, pictures)))


def source(quiz: Quiz, pictures: Mapping[str, bytes]) -> str:
    """The same with hidden tests, for nbgrader. It stays with the instructor."""
    questions = {question.id: question for question in quiz.questions}
    with_key = [
        cell | {"source": cell["source"] + hidden.region(questions[cell["id"]])}
        if cell["id"] in questions
        else cell
        for cell in _cells(quiz, pictures)
    ]
    return _text(with_key)


def _cells(quiz: Quiz, pictures: Mapping[str, bytes]) -> Iterator[Cell]:
    yield cells.about(quiz)
    for number, question in enumerate(quiz.questions, 1):
        yield cells.prompt(number, question, quiz, pictures)
        yield cells.answer(question, quiz)
        if form := cells.form(question, quiz):
            yield form


def _text(found: list[Cell]) -> str:
    """As nbformat writes it: indented by one, keys sorted, sources as lists of lines."""
    book = {
        "cells": [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in found],
        "metadata": METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
