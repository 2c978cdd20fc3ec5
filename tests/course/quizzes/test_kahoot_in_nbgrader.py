"""What Kahoot brought, in nbgrader's gradebook, which adds up all questions of a quiz."""

import pytest
from msgspec.structs import replace

from grader.checks.quiz import Loaded
from grader.course.nbgrader.scores import Entry
from grader.course.quizzes import for_nbgrader, statistics
from grader.course.quizzes.saved import Graded
from grader.course.saved import Handed
from grader.ground.verdict import Evidence
from grader.reading.quizzes import Answers
from grader.reading.quizzes.answers import Reading, Totals
from tests import quiz_example as example

PICTURES = {"cell.png": example.PICTURE}
# One of two questions is right: of 1 and of 2 points.
PLAYED = ("forget-gate", "gates")
GIVEN = {"forget-gate": (Reading(":2", "fgt"),), "gates": (Reading(":3", ["cand"]),)}
LONG = Answers("r.xlsx", GIVEN, played=PLAYED)
SHORT = Answers("r.xlsx", totals=Totals(correct=3, questions=4, points=2700))


def graded(answers: Answers) -> Graded:
    evidence = Evidence(
        grader="0", assignment="trial", url="u", student="ABC123", commit=None, measurements={}
    )
    return Graded.of(Handed("ABC123", evidence, answers), Loaded(quiz=example.quiz()))


def entry(answers: Answers) -> Entry:
    return for_nbgrader.entry(graded(answers), example.quiz(), PICTURES)


@pytest.mark.parametrize(("answers", "share"), [(LONG, 1 / 3), (SHORT, 3 / 4)])
def test_the_sum_is_the_share_that_was_reached(answers: Answers, share: float) -> None:
    """10 points in all, most of them for what was not asked."""
    made = entry(answers)
    assert sum(score.of for score in made.scores.values()) == 10
    for end in ("least", "most"):
        assert sum(getattr(score, end) for score in made.scores.values()) == pytest.approx(10 * share)
    assert made.comments["count"].startswith("not asked: ") and "as the rest" in made.comments["count"]


def test_likeness_alone_gives_no_point() -> None:
    """A person says whose it is before nbgrader counts it."""
    doubtful = replace(LONG, doubt="'ABCI23' looks like ABC123")
    scores = entry(doubtful).scores
    assert {score.least for score in scores.values()} == {0}
    assert scores["forget-gate"].most == 1
    assert "looks like" in entry(doubtful).comments["forget-gate"]


def test_totals_tell_nothing_of_single_questions() -> None:
    """They are neither reported as unanswered, nor counted as wrong where the class is looked at."""
    check = Loaded(quiz=example.quiz())
    assert list(check.judge(SHORT)) == []
    assert statistics.of(example.quiz(), [graded(SHORT)]).shares == ()
