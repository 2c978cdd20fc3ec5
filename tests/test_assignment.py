"""Assignment files: what is wrong is told by file, key and nearest known key."""

from pathlib import Path

import pytest

from grader import assignment
from grader.checks.splits import Splits
from grader.ground.errors import GraderError

COURSE = 'schema = 1\ntitle = "Course"\nzone = "Europe/Budapest"\n'
HOMEWORK = """\
schema = 1
id = "hw"
title = "Homework"
points = 20

[checks.deadline]
at = "2020-11-10 23:59"

[checks.splits]
points = 20
required = false
train = 8
"""


def written(folder: Path, text: str, course: str = COURSE) -> Path:
    path = folder / "assignments" / "hw" / "assignment.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    if course:
        (path.parent.parent / "course.toml").write_text(course)
    return path


def test_settings_reach_their_check_and_the_zone_comes_from_the_course(tmp_path: Path) -> None:
    found = assignment.load(written(tmp_path, HOMEWORK))
    assert [(each.name, each.points, each.required) for each in found.criteria] == [
        ("deadline", 0, True),
        ("splits", 20, False),
    ]
    assert found.criteria[1].check == Splits(train=8)
    assert found.deadline is not None
    assert found.deadline.zone == "Europe/Budapest"


def test_2020_11_10_23_59_in_budapest_ends_at_22_59_59_utc(tmp_path: Path) -> None:
    deadline = assignment.load(written(tmp_path, HOMEWORK)).deadline
    assert deadline is not None
    assert deadline.instant.last == 1605049199  # date -u -d '2020-11-10 22:59:59' +%s


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("train = 8", "trian = 8", "checks.splits.trian is not a known key; did you mean train?"),
        ("[checks.splits]", "[checks.split]", "checks.split is not a known check; did you mean splits?"),
        ("points = 20\n\n", "points = 21\n\n", "the checks' points add up to 20, but points is 21"),
        ("train = 8", 'train = "8"', "checks.splits.train: expected int, got str"),
        ("at = ", "att = ", "checks.deadline.att is not a known key; did you mean at?"),
        (
            '"2020-11-10 23:59"',
            '"tomorrow"',
            "the deadline 'tomorrow' is not a time; write it as 2020-11-10 23:59",
        ),
        ('title = "Homework"\n', "", "missing the key title"),
        ("required = false", "required = 0", "checks.splits.required: expected true or false, got 0"),
        ("points = 20\nreq", "points = -1\nreq", "checks.splits.points: expected a number from 0, got -1"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(GraderError) as mistake:
        assignment.load(written(tmp_path, HOMEWORK.replace(old, new)))
    assert str(mistake.value).endswith(sentence)
    assert "assignment.toml: " in str(mistake.value)


def test_a_deadline_needs_a_zone(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="assignment.toml: checks.deadline: missing the key zone"):
        assignment.load(written(tmp_path, HOMEWORK, course=""))


def test_a_wrong_zone_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="there is no time zone 'Europe/Budapset'"):
        assignment.load(written(tmp_path, HOMEWORK, COURSE.replace("Budapest", "Budapset")))


def test_an_unknown_assignment_names_the_nearest() -> None:
    with pytest.raises(GraderError, match="there is no assignment 'hw44'; did you mean hw4?"):
        assignment.find("hw44")


def test_the_courses_own_assignments_are_right() -> None:
    found = assignment.load(assignment.find("hw4"))
    assert (found.id, found.points) == ("hw4", 100)
    assert sum(each.points for each in found.criteria) == 100


def test_another_deadline_keeps_everything_else(tmp_path: Path) -> None:
    found = assignment.load(written(tmp_path, HOMEWORK))
    later = found.due("2020-11-12 12:00").deadline
    assert later is not None and found.deadline is not None
    assert later.instant.last - found.deadline.instant.last == 36 * 3600 + 60
