"""The check `quiz`: points from literals, feedback without the key, answers judged again."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from grader import assignment, engine
from grader.assignment import Assignment
from grader.checks.quiz import Loaded
from grader.ground.errors import GraderError, NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Outcome, Points
from grader.reading.quizzes import Answers
from tests import quiz_example as example
from tests.conftest import Make
from tests.quiz_example import QUIZ, RIGHT

PATH = "quizzes/trial.ipynb"


@pytest.fixture
def due(tmp_path: Path) -> Assignment:
    return assignment.load(example.write(tmp_path / "trial") / "assignment.toml")


def check(due: Assignment) -> Loaded:
    found = due.criteria[0].check
    assert isinstance(found, Loaded)
    return found


def handed_in(book: dict[str, Any], path: str = PATH) -> dict[str, str | bytes]:
    return {path: json.dumps(book)}


def findings(found: Loaded, answers: Answers) -> list[Finding]:
    """What is found, also where a person has to decide the rest."""
    told: list[Finding] = []
    try:
        for each in found.judge(answers):
            told.append(each)
    except NotMeasured:
        pass
    return told


def test_a_full_answer_leaves_the_text_to_a_person(submit: Make, due: Assignment) -> None:
    """7 of 10 points are certain, 3 are for the text."""
    saved = example.evidence(due, submit(handed_in(example.answered(RIGHT, "It is open."))))
    verdict = engine.judge(due, saved)
    assert (verdict.outcome, verdict.points) == (Outcome.INCONCLUSIVE, Points(7, 10, 10))


def test_points_are_a_share_also_of_a_quiz_that_is_not_passed(submit: Make, due: Assignment) -> None:
    """1 for the gate and 4/3 for two of three gates, of 10; the text was left empty."""
    book = example.answered({"forget_gate": '"fgt"', "gates": '["inp", "fgt"]'})
    verdict = engine.judge(due, example.evidence(due, submit(handed_in(book))))
    assert verdict.outcome is Outcome.FAILED
    assert (verdict.points.min, verdict.points.max) == pytest.approx((7 / 3, 7 / 3))
    assert verdict.results[0].findings[-1].message == "23% of the points, 50% are needed"


def test_a_corrected_key_judges_saved_answers_again(submit: Make, tmp_path: Path, due: Assignment) -> None:
    saved = example.evidence(due, submit(handed_in(example.answered({"forget_gate": '"inp"'}))))
    before = engine.judge(due, saved).points
    corrected = example.write(tmp_path / "other", QUIZ.replace('correct = "fgt"', 'correct = "inp"'))
    after = engine.judge(assignment.load(corrected / "assignment.toml"), saved).points
    assert (before.min, after.min) == pytest.approx((0, 1))


def test_findings_tell_the_form_and_nothing_of_the_key(submit: Make, due: Assignment) -> None:
    """The same findings for all right and all wrong answers, whose points alone differ."""
    wrong = {
        "forget_gate": '"inp"', "gates": '["cand"]', "exactly": '["relu"]', "count": "1", "decay": "1",
        "name_it": '"exploding"',
    }  # fmt: skip
    told = []
    for answers in (RIGHT, wrong):
        book = example.answered({**answers, "count": "2 ** 7"}, "It is open.")
        found = findings(check(due), check(due).collect(submit(handed_in(book))))
        told.append([each for each in found if each.level != "error"])
    assert told[0] == told[1]
    assert [(each.message, each.where) for each in told[0]] == [
        ("count: not in the form", f"{PATH}#c11"),
        ("why-bias: for a person", f"{PATH}#c20"),
    ]


def test_the_key_is_told_after_the_deadline_alone(submit: Make, tmp_path: Path) -> None:
    folder = example.write(tmp_path / "trial")
    deadline = '\n[checks.deadline]\nat = "2020-11-10 23:59"\nzone = "Europe/Budapest"\n'
    with (folder / "assignment.toml").open("a") as file:
        file.write(deadline)
    due = assignment.load(folder / "assignment.toml")
    last = 1605049199  # 2020-11-10 23:59:59 +01:00
    with pytest.raises(GraderError, match="nothing is revealed before that"):
        due.revealed(last)
    answers = check(due).collect(submit(handed_in(example.answered({"forget_gate": '"inp"'}))))
    shown = findings(check(due.revealed(last + 1)), answers)
    assert shown[0].message == "forget-gate: wrong, 0 of 1 points; right is fgt (the forget gate)"
    assert shown[0].hint == "The forget gate is multiplied with the old cell."
    assert not any("fgt" in each.message for each in findings(check(due), answers))


def test_several_answers_are_for_a_person(submit: Make, due: Assignment) -> None:
    book = example.answered(RIGHT, "open")
    book["cells"].append({"cell_type": "code", "source": "forget_gate = 'out'", "metadata": {}})
    verdict = engine.judge(due, example.evidence(due, submit(handed_in(book))))
    assert (verdict.outcome, verdict.points) == (Outcome.INCONCLUSIVE, Points(6, 10, 10))
    hints = [each.hint for each in verdict.results[0].findings]
    assert "different answers stand in #c2 and #c21" in hints


def test_a_notebook_elsewhere_is_found_by_its_name(submit: Make, due: Assignment) -> None:
    answers = check(due).collect(submit(handed_in(example.answered(RIGHT), "week 3/trial.ipynb")))
    assert answers.path == "week 3/trial.ipynb"
    assert next(check(due).judge(answers)).message == f"the notebook was found here, expected at {PATH}"
    twice = {**handed_in(example.release(), "a/trial.ipynb"), **handed_in(example.release(), "b/trial.ipynb")}
    with pytest.raises(SubmissionError, match="quizzes/trial.ipynb is not in the commit") as missing:
        check(due).collect(submit(twice))
    assert missing.value.missing


def test_what_is_no_notebook_is_the_students_trouble(submit: Make, due: Assignment) -> None:
    with pytest.raises(SubmissionError, match=f"{PATH} is not a notebook"):
        check(due).collect(submit({PATH: "no JSON"}))


def test_participation(submit: Make, due: Assignment) -> None:
    book = example.answered({**RIGHT, "forget_gate": '"inp"'}, "open")
    taking_part = replace(check(due), scoring="participation")
    assert taking_part.earned(taking_part.collect(submit(handed_in(book)))) == (1, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda folder: (folder / "quiz.toml").unlink(),
            "quiz.toml: No such file or directory; put the quiz",
        ),
        (
            lambda folder: (folder / "quiz.toml").write_text(
                QUIZ.replace('correct = "fgt"', 'correct = "x"')
            ),
            "quiz.toml:12: forget-gate: correct names 'x'",
        ),
        (lambda folder: (folder / "cell.png").unlink(), "cell.png is not there"),
    ],
)
def test_a_mistake_in_the_quiz_is_the_instructors(tmp_path: Path, change: Any, said: str) -> None:
    folder = example.write(tmp_path / "trial")
    change(folder)
    with pytest.raises(GraderError, match=said):
        assignment.load(folder / "assignment.toml")
