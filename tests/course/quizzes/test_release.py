"""What students get does not depend on the key, and nbgrader would release the same."""

import json
import random
from typing import Any

import nbformat
import pytest
from msgspec.structs import replace

from grader.course.quizzes import building, hidden, notebook
from grader.reading.quizzes import Free, Multiple, Number, Question, Quiz, Short, Single, wording
from tests import quiz_example as example

PICTURES = {"cell.png": example.PICTURE}


def with_random_key(quiz: Quiz, dice: random.Random) -> Quiz:
    return replace(quiz, questions=tuple(_with_random_key(each, dice) for each in quiz.questions))


def _with_random_key(question: Question, dice: random.Random) -> Question:
    word = f"key{dice.randrange(10**9)}"
    told: dict[str, Any] = {"explanation": word, "source": word}
    match question:
        case Single():
            told["correct"] = dice.choice(list(question.choices))
        case Multiple():
            told["correct"] = tuple(dice.sample(list(question.choices), 2))
            told["partial"] = dice.choice(["all", "share"])
        case Number():
            told["value"], told["tolerance"] = dice.uniform(-1e6, 1e6), dice.random()
        case Short():
            told["accepted"] = (word,)
        case Free():
            told["guidance"] = word
    return replace(question, **told)


def test_twenty_keys_one_release() -> None:
    dice = random.Random(7)
    released = set()
    sources = set()
    for _ in range(20):
        made = building.files(with_random_key(example.quiz(), dice), PICTURES)
        released.add(tuple(content for path, content in made.items() if path.startswith("release/")))
        sources.add(made["source/trial/trial.ipynb"])
    assert len(released) == 1
    assert len(sources) == 20


def test_the_order_in_which_choices_are_written_is_not_the_one_that_is_shown() -> None:
    """Whatever was written first: the same order for all, and in the long run each choice comes first."""
    quiz = example.quiz()
    gates = quiz.questions[1]
    assert isinstance(gates, Multiple)
    turned = replace(gates, choices=dict(reversed(gates.choices.items())))
    assert quiz.shown_choices(turned) == quiz.shown_choices(gates)
    dealt = [replace(quiz, shuffle=str(deal)).shown_choices(gates)[0] for deal in range(400)]
    assert min(dealt.count(choice) for choice in gates.choices) > 70  # 100 on average
    assert quiz.shown_choices(replace(gates, ordered=True)) == list(gates.choices)


def test_both_are_notebooks_and_the_source_alone_has_the_key() -> None:
    quiz = example.quiz()
    for text in (notebook.source(quiz, PICTURES), notebook.release(quiz, PICTURES)):
        book = nbformat.reads(text, as_version=4)
        nbformat.validate(book)
        assert nbformat.writes(book) + "\n" == text
    released = notebook.release(quiz, PICTURES)
    assert "HIDDEN" not in released and "128" not in released and "Vanish" not in released
    assert "128" in notebook.source(quiz, PICTURES)


@pytest.mark.parametrize(
    "text", ["Vanishing-Gradients. ", "  \ufb01lter\tbank", "-1", "\u201cHopf\u201d", ""]
)
def test_the_hidden_test_compares_texts_as_we_do(text: str) -> None:
    names: dict[str, Any] = {}
    exec(hidden.SAME, names)
    assert names["_same"](text) == wording.same(text)


def test_the_cells_of_the_form_accept_right_and_wrong_alike() -> None:
    book = example.answered({**example.RIGHT, "forget_gate": '"inp"', "count": "5"})
    names: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)


def test_the_cells_of_the_form_say_what_is_not_answered() -> None:
    book = example.release()
    names: dict[str, Any] = {}
    complaints = []
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            try:
                exec("".join(cell["source"]), names)
            except AssertionError as complaint:
                complaints.append(str(complaint))
    assert complaints == [
        "forget_gate: write one of the choices, with its quotes",
        "gates: write some of the choices",
        "exactly: write some of the choices",
        "count: write a number, such as 3.5",
        "decay: write a number, such as 3.5",
        "name_it: write a word or two",
    ]


def test_the_release_is_sorted_json(tmp_path: Any) -> None:
    made = building.files(example.quiz(), PICTURES)
    building.write(made, tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")) == [
        "private/trial-key.pdf",
        "private/trial.kahoot.xlsx",
        "release/trial.pdf",
        "release/trial/trial.ipynb",
        "source/trial/trial.ipynb",
    ]
    assert json.loads((tmp_path / "release/trial/trial.ipynb").read_text())["nbformat"] == 4
