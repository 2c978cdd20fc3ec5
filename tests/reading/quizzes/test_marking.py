"""What answers are worth, worked out by hand."""

from typing import Any

import pytest

from grader.reading import quizzes
from grader.reading.quizzes import Answers, Live, Reading, Totals, results, wording
from tests import quiz_example as example

QUIZ = example.quiz()
BY_ID = {question.id: question for question in QUIZ.questions}


@pytest.mark.parametrize(
    ("question", "value", "least", "most", "said"),
    [
        ("forget-gate", "fgt", 1, 1, "right"),
        ("forget-gate", " FGT ", 1, 1, "right"),
        ("forget-gate", ["fgt"], 1, 1, "right"),
        ("forget-gate", "inp", 0, 0, "wrong"),
        ("forget-gate", ["fgt", "inp"], 0, 0, "not in the form"),
        ("forget-gate", "the forget gate", 0, 0, "not in the form"),
        ("forget-gate", 2, 0, 0, "not in the form"),
        ("forget-gate", None, 0, 0, "not answered"),
        ("forget-gate", "", 0, 0, "not answered"),
        ("gates", ["inp", "fgt", "out"], 1, 1, "right"),
        ("gates", ["inp", "inp", "fgt", "out"], 1, 1, "right"),
        ("gates", "inp, fgt", 2 / 3, 2 / 3, "partly right"),
        ("gates", ["inp", "fgt", "out", "cand"], 2 / 3, 2 / 3, "partly right"),
        ("gates", ["inp", "cand"], 0, 0, "wrong"),
        ("gates", ["cand"], 0, 0, "wrong"),
        ("gates", [], 0, 0, "not answered"),
        ("gates", ["inp", 3], 0, 0, "not in the form"),
        ("exactly", ["sig", "tanh"], 1, 1, "right"),
        ("exactly", ["tanh"], 0, 0, "wrong"),
        ("count", 128, 1, 1, "right"),
        ("count", 128.0, 1, 1, "right"),
        ("count", 127, 0, 0, "wrong"),
        ("count", True, 0, 0, "not in the form"),
        ("count", "128", 0, 1, "for a person"),
        ("count", "a lot", 0, 0, "not in the form"),
        ("count", [12, 8], 0, 1, "for a person"),  # 12,8 in Python: two numbers
        ("decay", 0.12, 1, 1, "right"),
        ("decay", 0.12657665, 1, 1, "right"),  # the border itself
        ("decay", 0.1266, 0, 0, "wrong"),
        ("name-it", "Vanishing  Gradients.", 1, 1, "right"),
        ("name-it", "vanishing-gradients", 1, 1, "right"),
        ("name-it", "vanished", 0, 0, "wrong"),
        ("name-it", 3, 0, 0, "not in the form"),
        ("why-bias", "It is open.", 0, 1, "for a person"),
        ("why-bias", "  ", 0, 0, "not answered"),
    ],
)
def test_marks(question: str, value: Any, least: float, most: float, said: str) -> None:
    mark = quizzes.mark(BY_ID[question], value)
    assert (mark.least, mark.most) == pytest.approx((least, most))
    assert mark.said == said
    assert bool(mark.form) == (said == "not in the form" or (said == "for a person" and question == "count"))


def given(**readings: tuple[Reading, ...]) -> Answers:
    return Answers("a.ipynb", {name.replace("_", "-"): found for name, found in readings.items()})


def share(answers: Answers, scoring: quizzes.Scoring = "accuracy") -> tuple[float, float]:
    return results.share(results.of(QUIZ, answers, scoring), answers, scoring)


def test_shares_add_up_to_points() -> None:
    """10 points in all: 1 for the gate, 2/3 of 2 for some gates, and up to 3 for the text."""
    answers = given(
        forget_gate=(Reading("#c2", "fgt"),),
        gates=(Reading("#c5", ["inp", "fgt"]),),
        why_bias=(Reading("#c9", "open"),),
    )
    assert QUIZ.points == 10
    assert share(answers) == pytest.approx(((1 + 4 / 3) / 10, (1 + 4 / 3 + 3) / 10))


def test_two_different_answers_are_a_range_and_two_of_the_same_worth_are_none() -> None:
    different = given(forget_gate=(Reading("#c2", "fgt"), Reading("#c3", "inp")))
    assert share(different) == pytest.approx(
        (0, 0.4)
    )  # 1 for the gate, 3 for a text that may stand elsewhere
    wrong_twice = given(
        forget_gate=(Reading("#c2", "inp"), Reading("#c3", "out")), why_bias=(Reading("#c9", ""),)
    )
    assert share(wrong_twice) == (0, 0)


def test_participation_counts_what_is_answered_in_the_form() -> None:
    answers = given(
        forget_gate=(Reading("#c2", "inp"),),  # wrong: 1 point
        count=(Reading("#c5", "a lot"),),  # not in the form
        name_it=(Reading("#c6", None, "this is no literal"),),
        why_bias=(Reading("#c9", "because"),),  # 3 points
    )
    assert share(answers, "participation") == pytest.approx((0.4, 0.4))


def test_points_of_kahoot_count_for_speed() -> None:
    live = Live(correct=True, points=750)
    answers = Answers(
        "r.xlsx", {"forget-gate": (Reading(":2", "fgt", live=live),)}, played=("forget-gate", "gates")
    )
    assert share(answers, "kahoot") == pytest.approx((0.75 / 3, 0.75 / 3))  # gates is worth 2 of the 3
    assert share(answers, "accuracy") == pytest.approx((1 / 3, 1 / 3))


def test_a_short_report_has_totals_alone() -> None:
    answers = Answers("r.xlsx", totals=Totals(correct=7, questions=10, points=6500))
    assert share(answers) == (0.7, 0.7)
    assert share(answers, "kahoot") == (0.65, 0.65)
    assert share(answers, "participation") == (1, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Weight sharing", " weight-sharing ", True),
        ("\ufb01lter", "filter", True),  # a ligature
        ("-1", "1", False),
        ("c(t-1)", "c(t)", False),
        ("B\u00e9zier", "Be\u0301zier", True),
        ("2.5", "25", False),
    ],
)
def test_what_people_call_the_same(one: str, other: str, same: bool) -> None:
    assert (wording.same(one) == wording.same(other)) is same
