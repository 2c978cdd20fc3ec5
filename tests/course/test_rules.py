"""How parts become a grade: worked out by hand, and what has to hold for every course and student."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.course import record, rules
from grader.course.record import Record
from grader.course.rules import Condition, LateDays, Part, Rules
from grader.course.standing import Fact, Standing
from grader.ground.errors import GraderError
from grader.ground.verdict import Points


def stands(name: str, least: float, most: float | None = None, of: float = 100, **more: object) -> Standing:
    """Passed where every point is certain; `most` is what is still possible."""
    most = least if most is None else most
    word = "yes" if least >= of / 2 else "open" if most >= of / 2 else "no"
    facts = {"passed": Fact(word, f"{name} {word}"), "in_time": Fact("yes", f"{name} in time")}
    return Standing(assignment=name, points=Points(least, most, of), **{**facts, **more})  # type: ignore[arg-type]


COURSE = Rules(
    title="Course",
    assignments={},
    parts={
        "homeworks": Part(assignments=("a", "b", "c"), weight=60, best=2),
        "project": Part(assignments=("p",), weight=40),
    },
    signature=Condition(passed=("p",), passed_of={"homeworks": 2}, least={"homeworks": 40}),
    offered_grade=Condition(signature=True, in_time=("p",), least={"total": 80}),
    grades={"1": 0, "2": 40, "3": 55, "4": 70, "5": 85},
    late_days=LateDays(free=2),
)


def of(*standings: Standing, stated: Rules = COURSE) -> Record:
    return record.of("ANN", "Ann", standings, stated)


def test_best_two_of_three_and_a_project_by_weight() -> None:
    """Homeworks: (90 % + 60 %) / 2 = 75 %. Total: 0.6 * 75 + 0.4 * 80 = 77 %, a 4."""
    found = of(stands("a", 90), stands("b", 6, of=10), stands("c", 10), stands("p", 40, of=50))
    assert found.percents == {
        "homeworks": Points(75, 75, 100),
        "project": Points(80, 80, 100),
        "total": Points(77, 77, 100),
    }
    assert found.grades == ("4", "4")
    assert found.signature is not None and found.signature.word == "yes"
    assert found.offered is not None
    assert (found.offered.word, found.offered.reasons) == ("no", ("at most 77 % of the whole, 80 % needed",))


def test_what_is_open_stays_a_range_and_says_what_is_missing() -> None:
    """c may add from 10 to 100: homeworks 55 to 100 %; with 80 % of the project the total is 65 to 92 %."""
    found = of(stands("a", 100), stands("b", 10), stands("c", 10, 100), stands("p", 80))
    assert found.percents["homeworks"] == Points(55, 100, 100)
    assert found.total == Points(65, 92, 100)
    assert found.grades == ("3", "5")
    assert found.signature is not None and found.offered is not None
    assert found.signature.word == "open"
    assert found.signature.reasons == ("1 of homeworks passed, 2 needed",)
    assert found.offered.word == "open"
    assert found.offered.reasons == (
        "the signature is open",
        "65 % of the whole reached so far, 80 % needed, 92 % possible",
    )


def test_late_days_are_free_in_the_order_of_the_deadlines() -> None:
    """Two free days: a takes one, c one of its two. c: 100 * (1 - 10 %) = 90 %."""
    late = {"per_day": 10.0}
    found = of(
        stands("c", 100, late_days=2, due=30, **late),
        stands("a", 100, late_days=1, due=10, **late),
        stands("b", 0, due=20),
        stands("p", 100),
    )
    assert {each.assignment: each.forgiven for each in found.standings} == {"a": 1, "b": 0, "c": 1, "p": 0}
    assert found.percents["homeworks"] == Points(95, 95, 100)


def test_what_is_excused_leaves_its_place_to_the_others() -> None:
    excused = stands("p", 0, excused="Dr. B, ill")
    found = of(stands("a", 90), stands("b", 60), stands("c", 0), excused)
    assert (found.percents["project"], found.total) == (None, Points(75, 75, 100))
    assert found.signature is not None and found.signature.word == "yes"
    assert "p is excused: Dr. B, ill" in found.signature.reasons


def test_who_is_excused_from_everything_has_no_grade_that_could_be_offered() -> None:
    found = of(*(stands(name, 0, excused="Dr. B, abroad") for name in "abcp"))
    assert found.total is None and found.offered is not None
    assert (found.offered.word, found.offered.reasons) == (
        "open",
        ("everything that counts is excused: a person decides",),
    )


def test_a_condition_on_the_whole_needs_weights() -> None:
    unweighed = replace(COURSE, parts={"all": Part(assignments=())}, grades={}, signature=None)
    assert "parts: the weights add up to 0 percent, expected 100" in rules.mistakes(unweighed)


def test_one_thing_not_met_is_no_whatever_else_is_open() -> None:
    late = stands("p", 90, in_time=Fact("no", "p came late"))
    found = of(stands("a", 90), stands("b", 0, 100), stands("c", 0, 100), late)
    assert found.offered is not None
    assert (found.offered.word, found.offered.reasons) == ("no", ("p came late",))


POINTS = st.integers(0, 100)
DAYS = st.integers(0, 4)


@st.composite
def students(draw: st.DrawFn) -> tuple[Standing, ...]:
    return tuple(
        stands(name, *sorted((draw(POINTS), draw(POINTS))), late_days=draw(DAYS), per_day=15.0, due=number)
        for number, name in enumerate("abcp")
    )


def better(one: Record, other: Record) -> bool:
    """Whether nothing of `one` is worse than in `other`."""
    order = ["", *COURSE.grades]
    words = ["no", "open", "yes"]
    assert one.grades and other.grades and one.signature and other.signature and one.offered and other.offered
    pairs = zip(one.percents.values(), other.percents.values(), strict=True)
    return (
        all(x is not None and y is not None and x.min >= y.min and x.max >= y.max for x, y in pairs)
        and all(order.index(x) >= order.index(y) for x, y in zip(one.grades, other.grades, strict=True))
        and words.index(one.signature.word) >= words.index(other.signature.word)
        and words.index(one.offered.word) >= words.index(other.offered.word)
    )


@given(students(), st.integers(0, 3), POINTS)
def test_more_points_never_lower_anything(before: Sequence[Standing], which: int, more: int) -> None:
    old = before[which].points
    least, most = min(100, old.min + more), min(100, old.max + more)
    changed = list(before)
    raised = stands(before[which].assignment, least, most)
    changed[which] = replace(before[which], points=raised.points, passed=raised.passed)
    assert better(of(*changed), of(*before))


@given(students(), st.permutations(range(4)))
def test_the_order_of_the_input_does_not_matter(found: Sequence[Standing], order: Sequence[int]) -> None:
    assert of(*(found[number] for number in order)) == of(*found)


@given(students(), st.data())
def test_what_comes_out_lies_in_the_range_that_was_told(
    found: Sequence[Standing], data: st.DataObject
) -> None:
    """Whatever an open check turns out to be, the grade is one of those that were possible."""
    told = of(*found)
    settled = []
    for each in found:
        points = data.draw(st.floats(each.points.min, each.points.max))
        now = stands(each.assignment, points)
        settled.append(replace(each, points=now.points, passed=now.passed))
    then = of(*settled)
    assert told.total and then.total and told.signature and then.signature
    assert told.total.min - 1e-5 <= then.total.min <= told.total.max + 1e-5
    assert told.signature.word in ("open", then.signature.word)


TOML = """\
schema = 1
title = "Course"
zone = "Europe/Budapest"

[parts.homeworks]
assignments = ["hw"]
weight = 100

[signature]
passed = ["hw"]

[grades]
1 = 0
2 = 40
"""
HOMEWORK = 'schema = 1\nid = "hw"\ntitle = "Homework"\npoints = 0\n[checks.required_files]\n'


@pytest.fixture
def course_file(tmp_path: Path) -> Path:
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "assignment.toml").write_text(HOMEWORK)
    (tmp_path / "course.toml").write_text(TOML)
    return tmp_path / "course.toml"


def test_a_course_reads_its_rules_beside_its_assignments(course_file: Path) -> None:
    found = rules.read(course_file)
    assert list(found.assignments) == ["hw"]
    assert found.grades == {"1": 0, "2": 40}
    assert found.signature == Condition(passed=("hw",))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [('["hw"]\nweight', '["hw1"]\nweight', "parts.homeworks.assignments: there is no assignment 'hw1'; did"),
     ("weight = 100", "weight = 90", "parts: the weights add up to 90 percent, expected 100"),
     ("weight = 100", "weight = 100\nbest = 2", "parts.homeworks.best: expected from 0 (all) to 1, got 2"),
     ("2 = 40", "2 = 140", "grades.2: expected percent from 0 to 100, got 140"),
     ("passed = [", "pased = [", "signature.pased is not a known key; did you mean passed?"),
     ('passed = ["hw"]', "least.homework = 50", "signature.least.homework: no such part; did you mean")],
)  # fmt: skip
def test_mistakes_are_told_by_file_and_key(course_file: Path, old: str, new: str, words: str) -> None:
    assert old in TOML
    course_file.write_text(TOML.replace(old, new))
    with pytest.raises(GraderError) as told:
        rules.read(course_file)
    assert words in str(told.value) and "course.toml" in str(told.value)
