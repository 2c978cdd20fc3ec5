"""Judging: outcomes, points as ranges, blocked checks, and crashes that cost nobody points."""

from collections.abc import Iterator

import msgspec
import pytest
from msgspec import Struct

from grader import engine
from grader.assignment import Assignment, Criterion
from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import (
    Crashed,
    Evidence,
    Finding,
    Measured,
    Measurement,
    Outcome,
    Points,
    Unfit,
    Unmeasured,
    error,
    note,
    warning,
)
from grader.render import terminal
from grader.submission import Submission
from tests.conftest import Make


class Size(Struct, frozen=True):
    size: int


class Named(Struct, frozen=True):
    one: str
    other: str


class Weighs(Check, frozen=True):
    """A file weighs at most `limit` bytes.

    More about it.
    """

    needs = ("first",)
    limit: int = 10

    def collect(self, submission: Submission) -> Size:
        size = len(submission.read("file"))
        if size == 13:
            raise ZeroDivisionError("thirteen")
        if size == 14:
            raise NotMeasured("fourteen cannot be weighed", "ask somebody")
        return Size(size)

    def judge(self, measured: Size) -> Iterator[Finding]:
        if measured.size > self.limit:
            yield error("too heavy", "file", "eat less")
        if measured.size == 7:
            yield warning("seven is odd")
            raise NotMeasured("seven is hard to judge")
        if measured.size == 99:
            raise RuntimeError("ninety-nine")


FIRST = Criterion("first", Weighs(), 30, required=True)
SECOND = Criterion("second", Weighs(limit=5), 70, required=False)
RUBRIC = Assignment(id="a", title="A", points=100, criteria=(FIRST, SECOND))


def evidence(**measurements: Measurement) -> Evidence:
    return Evidence(
        grader="0", assignment="a", url="u", student="s", commit=None, measurements=dict(measurements)
    )


@pytest.mark.parametrize(
    ("measurement", "outcome", "points", "findings"),
    [
        (Measured({"size": 3}), Outcome.PASSED, (70, 70), ()),
        (Measured({"size": 6}), Outcome.FAILED, (0, 0), (error("too heavy", "file", "eat less"),)),
        (
            Unfit(error("file is empty", "file")),
            Outcome.FAILED,
            (0, 0),
            (error("file is empty", "file"),),
        ),
        (
            Unmeasured("no GPU", "get one"),
            Outcome.INCONCLUSIVE,
            (0, 70),
            (note("no GPU", hint="get one"),),
        ),
    ],
)
def test_each_measurement_has_its_outcome(
    measurement: Measurement, outcome: Outcome, points: tuple[float, float], findings: tuple[Finding, ...]
) -> None:
    verdict = engine.judge(RUBRIC, evidence(first=Measured({"size": 1}), second=measurement))
    result = verdict.results[1]
    assert (result.outcome, result.points, result.findings) == (outcome, Points(*points, 70), findings)
    assert verdict.points == Points(30 + points[0], 30 + points[1], 100)


def test_a_crash_costs_no_points_and_is_the_graders_fault() -> None:
    verdict = engine.judge(RUBRIC, evidence(first=Measured({"size": 1}), second=Crashed("boom", "trace")))
    assert verdict.results[1].outcome is Outcome.BROKEN
    assert verdict.points == Points(30, 100, 100)
    assert verdict.outcome is Outcome.BROKEN


def test_a_crash_while_judging_is_the_graders_too() -> None:
    verdict = engine.judge(RUBRIC, evidence(first=Measured({"size": 99}), second=Measured({"size": 1})))
    assert verdict.results[0].outcome is Outcome.BROKEN
    assert "RuntimeError: ninety-nine" in verdict.results[0].findings[-1].message


def test_a_judge_may_leave_it_open_and_keeps_what_it_found() -> None:
    rubric = msgspec.structs.replace(RUBRIC, criteria=(FIRST,), points=30)
    verdict = engine.judge(rubric, evidence(first=Measured({"size": 7})))
    assert verdict.results[0].outcome is Outcome.INCONCLUSIVE
    assert [each.message for each in verdict.results[0].findings] == [
        "seven is odd",
        "seven is hard to judge",
    ]


def test_an_error_outweighs_what_is_open() -> None:
    rubric = Assignment(id="a", title="A", points=1, criteria=(Criterion("first", Weighs(limit=5), 1, True),))
    assert engine.judge(rubric, evidence(first=Measured({"size": 7}))).results[0].outcome is Outcome.FAILED


def test_a_file_that_is_reported_missing_elsewhere_blocks_instead_of_failing_again() -> None:
    missing = Unfit(error("report.pdf is not in the commit", "report.pdf"), missing=True)
    blocked = engine.judge(RUBRIC, evidence(first=Measured({"size": 11}), second=missing)).results[1]
    assert blocked.outcome is Outcome.BLOCKED
    assert blocked.findings == (note("report.pdf is not in the commit: see first", "report.pdf"),)
    failed = engine.judge(RUBRIC, evidence(first=Measured({"size": 1}), second=missing)).results[1]
    assert failed.outcome is Outcome.FAILED


def test_only_required_checks_fail_a_submission() -> None:
    light, heavy = Measured({"size": 1}), Measured({"size": 50})
    assert engine.judge(RUBRIC, evidence(first=light, second=heavy)).outcome is Outcome.PASSED
    assert engine.judge(RUBRIC, evidence(first=heavy, second=light)).outcome is Outcome.FAILED


def test_evidence_of_another_form_or_without_the_check_is_inconclusive() -> None:
    verdict = engine.judge(RUBRIC, evidence(first=Measured({"weight": 1})))
    assert [each.outcome for each in verdict.results] == [Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE]
    assert "collect again" in verdict.results[0].findings[0].hint


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"file": "abc"}, Measured({"size": 3})),
        ({}, Unfit),
        ({"file": "x" * 13}, Crashed),
        ({"file": "x" * 14}, Unmeasured("fourteen cannot be weighed", "ask somebody")),
    ],
)
def test_collecting_tells_the_owners_of_trouble_apart(
    submit: Make, files: dict[str, str], expected: Measurement | type
) -> None:
    found = engine.measure_all(RUBRIC, submit(files)).measurements["first"]
    assert found == expected if not isinstance(expected, type) else isinstance(found, expected)


class Labels(Check, frozen=True):
    """Two labels differ."""

    def collect(self, submission: Submission) -> Named:
        one, other = submission.text("file").split()
        return Named(one, other)

    def judge(self, measured: Named) -> Iterator[Finding]:
        if measured.one == measured.other:
            yield error(f"both are {measured.one}")
        yield note(f"{measured.one} is not {measured.other}")


def test_labels_that_look_like_codes_are_judged_as_they_are_and_masked_when_shown(submit: Make) -> None:
    rubric = Assignment(id="a", title="A", points=1, criteria=(Criterion("labels", Labels(), 1, True),))
    verdict = engine.judge(
        rubric, evidence(**engine.measure_all(rubric, submit({"file": "EVEN01 ODD002"})).measurements)
    )
    assert verdict.outcome is Outcome.PASSED
    assert "EVEN01" not in terminal.text(verdict, terminal.Style())
    assert "****** is not ******" in terminal.text(verdict, terminal.Style())


def test_two_checks_share_one_measurement(submit: Make) -> None:
    submission, calls = submit({}), []

    def measure(_: Submission) -> int:
        calls.append(1)
        return 42

    assert (submission.once(measure), submission.once(measure), len(calls)) == (42, 42, 1)


def test_a_submission_error_knows_whether_something_is_missing(submit: Make) -> None:
    with pytest.raises(SubmissionError) as trouble:
        submit({}).text("README.md")
    assert trouble.value.missing
    with pytest.raises(SubmissionError) as trouble:
        submit({"README.md": b"caf\xe9"}).text("README.md")
    assert (trouble.value.message, trouble.value.missing) == ("README.md: byte 3 is not UTF-8", False)
