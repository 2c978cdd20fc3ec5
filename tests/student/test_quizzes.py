"""What `make check` says of quiz notebooks, as the grader releases them: their form alone."""

import json
from pathlib import Path

import pytest
from finetune.parts import quizzes

from tests import quiz_example as example
from tests.quiz_example import RIGHT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quizzes").mkdir()
    return tmp_path / "quizzes"


def test_an_untouched_notebook_is_not_answered(folder: Path) -> None:
    (folder / "trial.ipynb").write_text(json.dumps(example.release()))
    lines = list(quizzes.remarks())
    assert lines[0] == "quizzes/trial.ipynb: 0 of 7 questions answered in the form asked for"
    assert lines[1:] == [f"  {each.id}: not answered" for each in example.quiz().questions]


@pytest.mark.parametrize("answers", [RIGHT, {**RIGHT, "forget_gate": '"inp"', "count": "5"}])
def test_right_and_wrong_answers_look_alike(folder: Path, answers: dict[str, str]) -> None:
    (folder / "trial.ipynb").write_text(json.dumps(example.answered(answers, "It is open.")))
    assert list(quizzes.remarks()) == ["quizzes/trial.ipynb: 7 of 7 questions answered in the form asked for"]


@pytest.mark.parametrize(
    ("variable", "source", "said"),
    [("gates", "gates = {[1]}", "not a literal: "),
     ("gates", 'gates = [["inp"], "fgt"]', "not a choice: "),
     ("forget_gate", "forget_gate = {1: 2}", "not a choice: "),
     ("forget_gate", 'forget_gate = ["inp", "fgt"]', "several choices, where one is asked for"),
     ("gates", "gates = ()", "not answered"),
     ("name_it", 'name_it = " "', "not answered"),
     ("name_it", 'if True:\n    name_it = "vanishing"', "no line begins with its name and =: "),
     ("count", "count = 1,28", "not a number: "),
     ("count", "count = " + "-" * 5000 + "1", "no line begins with its name"),
     ("count", "count: int = 128", ""),
     ("count", "%matplotlib inline\n!pip list\ncount = 128", "")],
)  # fmt: skip
def test_whatever_stands_in_a_cell(folder: Path, variable: str, source: str, said: str) -> None:
    """Each line ends in an answer that the grader counts, or says why it counts for nothing."""
    book = example.answered(RIGHT, "It is open.")
    question = variable.replace("_", "-")
    example.cell(book, f"{question}-answer")["source"] = source.splitlines(keepends=True)
    (folder / "trial.ipynb").write_text(json.dumps(book))
    assert [line.startswith(f"  {question}: {said}") for line in list(quizzes.remarks())[1:]] == [
        True
    ] * bool(said)


def test_a_notebook_of_something_else_is_no_quiz(folder: Path) -> None:
    (folder / "other.ipynb").write_text(json.dumps({"cells": [{"metadata": {}, "source": "x = 1"}]}))
    assert list(quizzes.remarks()) == [
        "quizzes/other.ipynb has no question that this program knows: is it the notebook you were given?"
    ]


def test_what_cannot_count_is_named(folder: Path) -> None:
    odd = {
        "forget_gate": '"forget"',
        "gates": '["inp", "x"]',
        "count": "2 ** 7",
        "decay": '"0,12"',
        "name_it": "3",
    }
    book = example.answered({**RIGHT, **odd}, "It is open.")
    book["cells"] = [each for each in book["cells"] if each["id"] != "exactly-answer"]
    (folder / "trial.ipynb").write_text(json.dumps(book))
    (folder / "other.ipynb").write_text("no notebook")
    assert [line.split(":")[0].strip() for line in quizzes.remarks()] == [
        "quizzes/other.ipynb is no notebook", "quizzes/trial.ipynb",
        "forget-gate", "gates", "exactly", "count", "decay", "name-it",
    ]  # fmt: skip
    told = "\n".join(quizzes.remarks())
    assert "not a choice: one of" in told and "not a literal" in told and "not a number" in told


def test_without_quizzes_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(quizzes.remarks()) == []
