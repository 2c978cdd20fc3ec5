"""Assignment files: what is wrong is told by file, key and nearest known key."""

from pathlib import Path

import pytest

from grader import assignment
from grader.checks.splits import Splits
from grader.cli import main
from grader.course import doubts
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
        ("required = false", "required = 0", "checks.splits.required: expected bool, got int"),
        ("points = 20\nreq", "points = -1\nreq", "checks.splits.points: expected float >= 0.0"),
        ("schema = 1", "schema = 2", "schema is 2, this grader reads 1"),
        ('id = "hw"', 'id = "hw/4"', "id is 'hw/4', expected letters, digits, dashes and dots, as in hw4"),
        ('title = "Homework"', 'title = " "', "title is empty"),
        ("train = 8", "train = -8", "checks.splits.train: expected int >= 0"),
        ("train = 8", "train = true", "checks.splits.train: expected int, got bool"),
        (
            "train = 8",
            "tolerance = 101",
            "checks.splits: tolerance is 101, more than the 100 images of a split",
        ),
        (
            '59"\n',
            '59"\npolicy.penalty_per_day = 120\n',
            "deadline.policy.penalty_per_day: expected float <= 100.0",
        ),
        ('59"\n', '59"\npolicy.late_days = -1\n', "checks.deadline.policy.late_days: expected int >= 0"),
        (
            "train = 8",
            "[checks.accuracy]\nalpah = 2",
            "checks.accuracy.alpah is not a known key; did you mean apart?",
        ),
        (
            "train = 8",
            "[checks.accuracy]\ndisagreements = 2",
            "checks.accuracy.disagreements: expected float <= 1.0",
        ),
        ("train = 8", "[checks.accuracy]\nmargin = nan", "checks.accuracy.margin: expected float >= 0.0"),
        (
            "train = 8",
            "[checks.accuracy]\nmargin = inf",
            "checks.accuracy.margin: expected float <= 1000000000.0",
        ),
        (
            "train = 8",
            '[checks.required_files]\ndeclared = ["document.report"]',
            "checks.required_files: declared: document.report names no file; did you mean documents.report?",
        ),
        (
            "train = 8",
            '[checks.required_files]\npaths = ["README.md", "../x"]',
            "checks.required_files.paths[1]: expected a path that stays inside",
        ),
        (
            "train = 8",
            '[checks.document]\npath = "/etc/passwd"',
            "document.path: expected a path that stays inside",
        ),
        (
            "train = 8",
            "[checks.document]\npath = 'a\\..\\..\\b'",
            "document.path: expected a path that stays inside",
        ),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(GraderError) as mistake:
        assignment.load(written(tmp_path, HOMEWORK.replace(old, new)))
    assert str(mistake.value).endswith(sentence)
    assert "assignment.toml: " in str(mistake.value)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = (
        HOMEWORK.replace("schema = 1", "schema = 3")
        .replace('"hw"', '"h w"')
        .replace("train = 8", "trian = 8\nval = -1")
    )
    text = text.replace('"2020-11-10 23:59"', '"2020-11-31 23:59"') + "[checks.splts]\npoints = 1\n"
    with pytest.raises(GraderError) as mistake:
        assignment.load(written(tmp_path, text))
    told = [line.partition("assignment.toml: ")[2] for line in str(mistake.value).splitlines()]
    assert told == [
        "schema is 3, this grader reads 1",
        "id is 'h w', expected letters, digits, dashes and dots, as in hw4",
        "checks.deadline: the deadline '2020-11-31 23:59' is not a time; write it as 2020-11-10 23:59",
        "checks.splits.val: expected int >= 0",
        "checks.splits.trian is not a known key; did you mean train?",
        "checks.splts is not a known check; did you mean splits?",
    ]


@pytest.mark.parametrize("path", ["a/..b", "..a/b", "a..", "a/...", "."])
def test_paths_that_stay_inside(tmp_path: Path, path: str) -> None:
    text = HOMEWORK.replace("train = 8", f'[checks.document]\npath = "{path}"')
    assert assignment.load(written(tmp_path, text)).criteria[2].name == "document"


NOW = 1605049199 + 86_400  # a day after the deadline
LATE_DAYS = "policy = {late_days = 3, penalty_per_day = 40}"


@pytest.mark.parametrize(
    ("old", "new", "days", "doubt"),
    [
        ("", "", 1, ""),
        ("", "", 400, "its deadline, 2020-11-10 23:59:59 CET (22:59:59 UTC), is long gone"),
        ("2020-11-10 23:59", "2020-10-25 02:30", 1, "comes twice in Europe/Budapest"),
        ("2020-11-10 23:59", "2021-03-28 02:30", 1, "does not exist in Europe/Budapest"),
        ('[checks.deadline]\nat = "2020-11-10 23:59"', "", 1, "it has no deadline"),
        ('59"\n', '59"\npolicy.penalty_per_day = 10\n', 1, "penalty_per_day has no effect without late_days"),
        ('59"\n', f'59"\n{LATE_DAYS}\n', 1, "3 late days at 40 % cost more than all points"),
        ("points = 20", "points = 0", 1, "no check is worth any points"),
    ],
)
def test_what_is_rarely_meant_is_doubted(tmp_path: Path, old: str, new: str, days: int, doubt: str) -> None:
    found = assignment.load(written(tmp_path, HOMEWORK.replace(old, new) if old else HOMEWORK))
    told = list(doubts.doubts(found, NOW + days * 86_400))
    assert len(told) == bool(doubt)
    assert doubt in "".join(told)


def test_a_folder_of_assignments_is_linted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, HOMEWORK)
    shelf = path.parent.parent
    assert main(["spec", "lint", str(shelf)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"{shelf}/course.toml: Course: 1 assignments, 0 parts",
        f"{path}: Homework: 2 checks, 20 points",
    ]
    assert told.err.startswith(f"{path}: warning: its deadline, ") and "is long gone" in told.err
    for name, text in (("two", HOMEWORK), ("three", HOMEWORK.replace("schema = 1", "schema = 9"))):
        (shelf / name).mkdir()
        (shelf / name / "assignment.toml").write_text(text)
    assert main(["spec", "lint", str(shelf)]) == 2
    told = capsys.readouterr()
    assert told.err.count("schema is 9, this grader reads 1") == 2  # of the file, and of the course
    assert "two/assignment.toml: the id hw is another assignment's, too" in told.err


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
    assert assignment.find("lstm-04") == assignment.find("quizzes/lstm-04")
    with pytest.raises(GraderError, match="there is no assignment 'private/quizzes/lstm-04'"):
        assignment.find("private/quizzes/lstm-04")  # and not the one of that name whose key is public
    assert sum(each.points for each in found.criteria) == 100


def test_another_deadline_keeps_everything_else(tmp_path: Path) -> None:
    found = assignment.load(written(tmp_path, HOMEWORK))
    later = found.due("2020-11-12 12:00").deadline
    assert later is not None and found.deadline is not None
    assert later.instant.last - found.deadline.instant.last == 36 * 3600 + 60


@pytest.mark.parametrize(
    "reference",
    ["*", "hw?", "hw[4]", "**/hw4", "..", ".", "", "~root", "/etc", "hw4/..", "a\0b", "hw4" * 2000],
)
def test_what_is_no_name_of_an_assignment_is_told_in_a_sentence(reference: str) -> None:
    with pytest.raises(GraderError, match="there is no assignment"):
        assignment.find(reference)
