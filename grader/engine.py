"""The two steps of grading: `measure_all` measures a submission, `judge` compares what was measured."""

import time
import traceback
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from grader import handed_in
from grader.assignment import Assignment, Criterion
from grader.checks.deadline import Dates
from grader.deadlines import Ruling, Status
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import (
    Commit,
    Crashed,
    Evidence,
    Finding,
    Measured,
    Measurement,
    Outcome,
    Points,
    Result,
    Unfit,
    Unmeasured,
    Verdict,
    error,
    note,
    warning,
)
from grader.submission import Submission

Counts = Literal["yes", "no", "open"]
COUNTS: Counts = "yes"
LONGEST, LONGEST_TRACE = 1_000, 100_000  # characters that are kept of a crash


class Taken(NamedTuple):
    """What was measured, by check, and how many seconds each took; none for what was left out."""

    measurements: dict[str, Measurement]
    seconds: dict[str, float]


def measure_all(assignment: Assignment, submission: Submission) -> Taken:
    """Measures every criterion, each on its own: a crash in one costs that check, not the run."""
    measurements: dict[str, Measurement] = {}
    seconds: dict[str, float] = {}
    for criterion in assignment.criteria:
        name, check = criterion.name, criterion.check
        if submission.surroundings.static and check.lane != "static":
            measurements[name] = Unmeasured("left out: only static checks were asked for")
            continue
        submission.surroundings.progress(name, "")
        started = time.monotonic()
        try:
            found: Measurement = Measured(msgspec.to_builtins(check.collect(submission)))
        except Exception as trouble:  # noqa: BLE001 - what breaks in one check must not cost the others
            found = unmeasured(trouble)
        measurements[name] = found
        seconds[name] = round(time.monotonic() - started, 3)
    return Taken(measurements, seconds)


def unmeasured(trouble: Exception) -> Measurement:
    """Whose trouble it is that nothing was measured: the student's, nobody's, or else our own."""
    match trouble:
        case SubmissionError():
            return Unfit(error(trouble.message, trouble.where, trouble.hint), trouble.missing)
        case NotMeasured():
            return Unmeasured(trouble.reason, trouble.hint)
        case _:
            trace = "".join(traceback.format_exception(trouble))
            return Crashed(f"{type(trouble).__name__}: {str(trouble)[:LONGEST]}", trace[-LONGEST_TRACE:])


def judge(assignment: Assignment, evidence: Evidence) -> Verdict:
    """The verdict on saved evidence. Pure: the same evidence and assignment always give the same verdict."""
    results: dict[str, Result] = {}
    for criterion in assignment.criteria:
        measurement = evidence.measurements.get(criterion.name)
        outcome, findings = decide(criterion, measurement, results)
        results[criterion.name] = Result(
            check=criterion.name,
            outcome=outcome,
            points=worth(outcome, criterion.points, _earned(criterion, measurement)),
            required=criterion.required,
            looked_for=_headline(criterion, measurement, outcome),
            findings=findings,
            measured=measurement.data if isinstance(measurement, Measured) else {},
            seconds=evidence.seconds.get(criterion.name),
        )
    ruling = rule(assignment, evidence)
    penalty, counts = (ruling.penalty, _counts(ruling, evidence)) if ruling else (0.0, COUNTS)
    looked_at = _looked_at(evidence, ruling)
    return Verdict(
        grader=evidence.grader,
        assignment=assignment.id,
        title=assignment.title,
        url=evidence.url,
        student=evidence.student,
        commit=looked_at if counts == COUNTS else None,
        looked_at=looked_at,
        counts=counts,
        outcome=overall(results.values()),
        points=total(results.values(), assignment.points, penalty, counts),
        penalty=penalty,
        results=tuple(results.values()),
        for_instructor=tuple(_whose(evidence)),
    )


def _whose(evidence: Evidence) -> Iterator[Finding]:
    """Whether the submission names somebody else than the roster does."""
    own, listed = evidence.student, evidence.listed
    if own and listed and own.casefold() not in {each.casefold() for each in listed}:
        expected = " and ".join(listed)
        message = f"the submission names {own} as its student, the roster has its address for {expected}"
        yield warning(message, handed_in.NAME, "compare the two: a wrong code, address or repository")


def _looked_at(evidence: Evidence, ruling: Ruling | None) -> Commit | None:
    if evidence.commit is None or ruling is None:
        return evidence.commit
    return replace(evidence.commit, status=ruling.status)


def _counts(ruling: Ruling, evidence: Evidence) -> Counts:
    """Whether what was measured is what the ruling grades. Points follow it, whatever the checks say."""
    if ruling.effect == "refuse":
        return "no"
    measured = evidence.commit.sha if evidence.commit else ""
    if ruling.status is Status.DATE_UNKNOWN and ruling.effect == "review":
        return "open"
    return COUNTS if ruling.known and ruling.graded == measured else "open"


def rule(assignment: Assignment, evidence: Evidence) -> Ruling | None:
    """The ruling on the deadline, where the assignment has one and it was measured."""
    check, measurement = assignment.deadline, evidence.measurements.get("deadline")
    if check is None or not isinstance(measurement, Measured):
        return None
    try:
        found = check.restore(measurement.data)
        return check.rule(found.timeline) if isinstance(found, Dates) else None
    except msgspec.ValidationError:  # the check itself says so
        return None


def decide(
    criterion: Criterion, measurement: Measurement | None, earlier: Mapping[str, Result]
) -> tuple[Outcome, tuple[Finding, ...]]:
    """A check's outcome and its findings, given what was measured and the results of the checks before it."""
    match measurement:
        case None:
            missing = "the evidence holds nothing on this check"
            return Outcome.INCONCLUSIVE, (note(missing, hint="collect again with this assignment"),)
        case Unmeasured(reason, hint):
            return Outcome.INCONCLUSIVE, (note(reason, hint=hint),)
        case Crashed(summary):
            hint = "no points are lost; the evidence file holds the trace for a bug report"
            return Outcome.BROKEN, (note(f"the grader broke here: {summary}", hint=hint),)
        case Unfit(finding, missing):
            blocker = next((name for name in criterion.check.needs if _failed(earlier.get(name))), None)
            if missing and blocker:
                return Outcome.BLOCKED, (note(f"{finding.message}: see {blocker}", finding.where),)
            return Outcome.FAILED, (finding,)
        case Measured(data):
            return _compare(criterion, data)


def _compare(criterion: Criterion, data: Mapping[str, object]) -> tuple[Outcome, tuple[Finding, ...]]:
    """Lets the check judge its own measurement. An error outweighs what remained undecided."""
    findings: list[Finding] = []
    outcome = Outcome.PASSED
    try:
        for finding in criterion.check.judge(criterion.check.restore(data)):
            findings.append(finding)
    except NotMeasured as trouble:
        findings.append(note(trouble.reason, hint=trouble.hint))
        outcome = Outcome.INCONCLUSIVE
    except msgspec.ValidationError as stale:
        findings = [note(f"the evidence has another form: {stale}", hint="collect again with this grader")]
        outcome = Outcome.INCONCLUSIVE
    except Exception as crash:  # noqa: BLE001 - as in `measure`
        findings.append(
            note(f"the grader broke here: {type(crash).__name__}: {crash}", hint="no points are lost")
        )
        outcome = Outcome.BROKEN
    if outcome is not Outcome.BROKEN and any(finding.level == "error" for finding in findings):
        outcome = Outcome.FAILED
    return outcome, tuple(findings)


def _earned(criterion: Criterion, measurement: Measurement | None) -> tuple[float, float] | None:
    """The share that the check itself says; None where it says nothing, or could not judge."""
    if not isinstance(measurement, Measured):
        return None
    try:
        return criterion.check.earned(criterion.check.restore(measurement.data))
    except Exception:  # noqa: BLE001 - `_compare` has told of it
        return None


def _headline(criterion: Criterion, measurement: Measurement | None, outcome: Outcome) -> str:
    if outcome is Outcome.PASSED and isinstance(measurement, Measured):
        return criterion.check.verified(criterion.check.restore(measurement.data))
    return criterion.check.looked_for()


def worth(outcome: Outcome, points: float, share: tuple[float, float] | None = None) -> Points:
    """What an outcome earns: everything, nothing, or a range while nobody has decided; else `share` of it."""
    if share and outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.INCONCLUSIVE):
        return Points(share[0] * points, share[1] * points, points)
    certain = points if outcome is Outcome.PASSED else 0.0
    possible = 0.0 if outcome in (Outcome.FAILED, Outcome.BLOCKED) else points
    return Points(certain, possible, points)


def total(results: Collection[Result], of: float, penalty: float, counts: Counts = COUNTS) -> Points:
    """The sum of all results, less `penalty` percent of it; nothing where nothing counts."""
    share = 1 - penalty / 100
    least, most = sum(each.points.min for each in results), sum(each.points.max for each in results)
    return Points(least * share * (counts == COUNTS), most * share * (counts != "no"), of)


def overall(results: Collection[Result]) -> Outcome:
    """A required failure is certain whatever else is open; else our own trouble comes first.

    What is neither required nor worth points decides nothing, also where it stays open.
    """
    if any(_failed(each) for each in results if each.required):
        return Outcome.FAILED
    for open_end in (Outcome.BROKEN, Outcome.INCONCLUSIVE):
        if any(each.outcome is open_end for each in results if each.required or each.points.of):
            return open_end
    return Outcome.PASSED


def _failed(result: Result | None) -> bool:
    return result is not None and result.outcome in (Outcome.FAILED, Outcome.BLOCKED)
