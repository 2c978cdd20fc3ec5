"""How one student stands in one assignment: all that the rules of a course look at."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader import deadlines, engine
from grader.assignment import Assignment
from grader.checks.deadline import Deadline
from grader.deadlines import Ruling, Status, Timeline
from grader.ground.verdict import Evidence, Measured, Outcome, Points, Verdict

Word = Literal["yes", "no", "open"]


class Fact(Struct, frozen=True):
    """Whether something is so, and the sentence that says why."""

    word: Word
    because: str


class Standing(Struct, frozen=True, kw_only=True):
    """`points` are those before days of delay are charged; `due` is the deadline in seconds since 1970, 0
    where there is none. `excused` says by whom and why; `forgiven` late days cost nothing.
    """

    assignment: str
    points: Points
    passed: Fact
    in_time: Fact
    due: int = 0
    until: str = ""  # the deadline for people
    late_days: int = 0
    per_day: float = 0.0  # percent of the points
    forgiven: int = 0
    excused: str = ""

    def share(self, points: float) -> float:
        """From 0 to 1, of so many points, after what lateness costs."""
        penalty = min(100.0, (self.late_days - self.forgiven) * self.per_day)
        return points / self.points.of * (1 - penalty / 100) if self.points.of else 0.0


def absent(due: Assignment, trouble: str = "") -> Standing:
    """Nothing was measured: everything is open."""
    until = _until(due)
    why = f"{due.id} was not measured" + (f" ({trouble})" if trouble else "")
    told = Fact("open", f"{why}; it is due until {until}" if until else why)
    return Standing(
        assignment=due.id,
        points=Points(0.0, due.points, due.points),
        passed=told,
        in_time=told,
        due=_seconds(due),
        until=until,
    )


def excused(found: Standing, because: str) -> Standing:
    """The same with an excuse, if there is one."""
    return replace(found, excused=because) if because else found


def of(due: Assignment, verdict: Verdict, evidence: Evidence) -> Standing:
    """From a verdict and what it was made of. Pure."""
    ruling, timeline = engine.rule(due, evidence), _timeline(evidence)
    early = bool(timeline and ruling and timeline.collected <= ruling.deadline.last)
    late = bool(verdict.penalty and ruling)
    return Standing(
        assignment=due.id,
        points=_points(verdict, late, early),
        passed=_passed(due, verdict, early),
        in_time=_in_time(due, verdict, ruling, timeline),
        due=_seconds(due),
        until=_until(due),
        late_days=ruling.late_days if ruling and late else 0,
        per_day=_per_day(due) if late else 0.0,
    )


def _points(verdict: Verdict, late: bool, early: bool) -> Points:
    """Before the penalty, which the course may forgive. What may still be improved is open upwards."""
    least, most = verdict.points.min, verdict.points.max
    if late:
        least = sum(each.points.min for each in verdict.results)
        most = sum(each.points.max for each in verdict.results)
    return Points(least, verdict.points.of if early else most, verdict.points.of)


def _passed(due: Assignment, verdict: Verdict, early: bool) -> Fact:
    reached = f"{verdict.points.min:g} of {verdict.points.of:g} points"
    until = f"; it can be improved until {_until(due)}" if early else ""
    match verdict.outcome:
        case Outcome.PASSED:
            return Fact("yes", f"{due.id} is passed with {reached}")
        case Outcome.FAILED | Outcome.BLOCKED:
            return Fact("open" if early else "no", f"{due.id} is not passed: {_failures(verdict)}{until}")
    undecided = ", ".join(each.check for each in verdict.results if each.outcome is verdict.outcome)
    return Fact("open", f"{due.id} is not decided: a person looks at {undecided}{until}")


def _failures(verdict: Verdict) -> str:
    failed = (Outcome.FAILED, Outcome.BLOCKED)
    return ", ".join(each.check for each in verdict.results if each.required and each.outcome in failed)


def _in_time(due: Assignment, verdict: Verdict, ruling: Ruling | None, timeline: Timeline | None) -> Fact:
    result = next((each for each in verdict.results if each.check == "deadline"), None)
    if result and result.decided and not result.decided.again:
        word: Word = "yes" if result.outcome is Outcome.PASSED else "no"
        return Fact(word, f"{due.id}: decided by {result.decided.by}: {result.decided.because}")
    if due.deadline is None:
        return Fact("open", f"{due.id} has no deadline yet: its assignment.toml has to state one")
    if ruling is None or timeline is None:
        return Fact("open", f"{due.id}: its history was not measured")
    return _ruled(due.id, ruling, timeline)


def _ruled(name: str, ruling: Ruling, timeline: Timeline) -> Fact:
    early = timeline.collected <= ruling.deadline.last
    if ruling.status is Status.LATE:
        days = deadlines.duration_words(86_400 * ruling.late_days)
        return Fact("no", f"{name} came late: it counts with {days} of delay")
    if ruling.status is Status.NOTHING_BEFORE_DEADLINE:
        until = deadlines.local(ruling.deadline.last, ruling.deadline.zone)
        if early:
            return Fact("open", f"nothing of {name} is there yet; it is due until {until}")
        return Fact("no", f"nothing of {name} was there at its deadline, {until}")
    if ruling.status is Status.DATE_UNKNOWN and ruling.effect == "review":
        return Fact("open", f"{name} has a commit whose date no clock set; a person decides")
    seen = _first_seen(ruling, timeline)
    if not ruling.known or ruling.effect == "review":
        return Fact("open", f"{name}{seen or ': its history was rewritten'}; a person decides")
    if ruling.effect == "refuse":
        return Fact("no", f"{name}{seen or ': its history was rewritten'}")
    shown = "was recorded in time" if ruling.status is Status.PROVEN_IN_TIME else "is dated in time"
    return Fact("yes", f"{name} {shown}")


def _first_seen(ruling: Ruling, timeline: Timeline) -> str:
    """How long after the deadline a clock other than the student's first showed the claimed commit."""
    first = deadlines.first_sighting(timeline, ruling)
    if first is None or first.seen <= ruling.deadline.last:
        return " was not seen in time" if ruling.doubt else ""
    return f" was first seen {deadlines.margin_words(ruling.deadline.last - first.seen)}"


def _timeline(evidence: Evidence) -> Timeline | None:
    measured = evidence.measurements.get("deadline")
    if not isinstance(measured, Measured):
        return None
    timeline: Timeline = Deadline.restore(measured.data).timeline
    return timeline


def _seconds(due: Assignment) -> int:
    return due.deadline.instant.last if due.deadline else 0


def _until(due: Assignment) -> str:
    return deadlines.local(_seconds(due), due.deadline.zone) if due.deadline else ""


def _per_day(due: Assignment) -> float:
    return due.deadline.policy.penalty_per_day if due.deadline else 0.0
