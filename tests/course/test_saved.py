"""What a class handed in: whose it is, and what of it counts."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader import assignment, intake
from grader.assignment import Assignment
from grader.course import saved
from grader.course.decisions import Decision
from grader.course.saved import Due, Handed, Missing
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.intake import Request
from grader.submission import Surroundings
from tests import quiz_example as example
from tests.repository.building import commit

DEADLINE = """
[checks.deadline]
at = "2020-11-10 23:59"
zone = "UTC"
"""
ONE_DAY_LATE = "2020-11-11T12:00:00+0000"


def due(folder: Path, policy: str = "") -> Due:
    path = example.write(folder / "trial") / "assignment.toml"
    path.write_text(path.read_text() + DEADLINE + policy)
    found = assignment.load(path)
    (criterion,) = (each for each in found.criteria if each.name == "quiz")
    return Due(found, criterion)


def handed_in(folder: Path, asked: Assignment, when: str, claims: str = "") -> Evidence:
    files = {"quizzes/trial.ipynb": json.dumps(example.answered(example.RIGHT))}
    if claims:
        files["submission.toml"] = f'student = "{claims}"\n'
    url = str(commit(folder / "work", files, when))
    return intake.collect(
        Request(url=url, assignment="trial"), asked, Surroundings(scratch=folder, cache=folder)
    )


def read(folder: Path, evidence: Evidence, asked: Due, *made: Decision, revealed: float = 0) -> list[object]:
    evidence_file.save(folder / "evidence/one.json", evidence)
    found = saved.read(folder / "evidence", asked, made, revealed)
    return [(each.student, each.penalty) if isinstance(each, Handed) else each for each in found]


def test_the_roster_says_whose_work_it_is(tmp_path: Path) -> None:
    """Points do not go to whom a student names; without a roster nobody else says whose they are."""
    asked = due(tmp_path)
    found = handed_in(tmp_path, asked.assignment, "2020-11-10T12:00:00+0000", claims="BOB222")
    assert read(tmp_path, replace(found, listed=("ANN111", "EVE333")), asked) == [("ANN111", 0)]
    assert read(tmp_path, found, asked) == [("BOB222", 0)]
    nobody = [Missing("one.json", "nobody is named: put student = into submission.toml")]
    assert read(tmp_path, replace(found, student=""), asked) == nobody


IN_TIME_ALL_THE_SAME = Decision(
    time="2020-11-12T10:00:00Z", by="Dr. B", student="ANN111", assignment="trial", check="deadline",
    outcome="passed", because="ill",
)  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "made", "expected"),
    [("", [], Missing("one.json", "nothing was handed in by the deadline")),
     ("", [IN_TIME_ALL_THE_SAME], ("ANN111", 0)),
     ("", [replace(IN_TIME_ALL_THE_SAME, evidence="of another commit")],
      Missing("one.json", "which commit counts by the deadline is open: grader judge tells why")),
     ("policy.late_days = 2\npolicy.penalty_per_day = 25", [], ("ANN111", 25))],
    ids=["late", "a person's word", "a word on another commit", "a penalty"],
)  # fmt: skip
def test_late_work_counts_as_the_deadline_says(
    tmp_path: Path, policy: str, made: list[Decision], expected: object
) -> None:
    asked = due(tmp_path, policy)
    found = replace(handed_in(tmp_path, asked.assignment, ONE_DAY_LATE), listed=("ANN111",))
    assert read(tmp_path, found, asked, *made) == [expected]


def test_nothing_is_revealed_while_somebody_has_an_extension(tmp_path: Path) -> None:
    asked = due(tmp_path)
    found = handed_in(tmp_path, asked.assignment, ONE_DAY_LATE, claims="ANN111")
    now = 1605139200  # 2020-11-12 00:00 UTC
    longer = replace(found, deadline="2020-11-13 23:59")
    with pytest.raises(GraderError, match="due at 2020-11-13 23:59: nothing is revealed"):
        read(tmp_path, longer, asked, revealed=now)
    assert read(tmp_path, longer, asked) == [("ANN111", 0)]
