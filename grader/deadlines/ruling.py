"""The verdict on the deadline: which commit is graded, what is claimed, what is proven, and what it costs.

Commits of the published line are ordered: whoever has one has all that follow. So dates and evidence each
mark a place on the line, and the newer of the two counts: a date can be wrong in both directions.
"""

import itertools

from msgspec import Struct
from msgspec.structs import replace

from grader.deadlines.choice import Choice, choose
from grader.deadlines.evidence import Sighting
from grader.deadlines.instants import Instant, moved
from grader.deadlines.policy import Effect, Policy, Status
from grader.deadlines.timeline import Mark, Timeline


class Ruling(Struct, frozen=True):
    """What was found for one deadline. `graded`, `claimed` and `proven` are commits, "" for none.

    `claimed` is the newest that dates or proofs speak for, `proven` the newest that proofs alone speak for.
    `proof` is the sighting that shows most in time, `doubt` the one after the deadline that lacks the claimed
    commit, `kept` the last observed tip that is no longer part of the branch. `penalty` is in percent of the
    points. `known` False: the evidence has a gap here, and the submission has to be collected again.
    """

    status: Status
    effect: Effect
    graded: str
    claimed: str
    proven: str
    deadline: Instant
    choice: Choice
    proof: Sighting | None = None
    doubt: Sighting | None = None
    kept: Sighting | None = None
    late_days: int = 0
    penalty: float = 0.0
    known: bool = True


def decide(timeline: Timeline, deadline: Instant, policy: Policy) -> Ruling:
    """The verdict for one deadline. Pure: changing an extension or a setting only needs this again."""
    ruling = _on_time(timeline, deadline, policy)
    for days in range(policy.late_days, 0, -1):
        late = _on_time(timeline, moved(deadline, days), policy)
        sooner = _on_time(timeline, moved(deadline, days - 1), policy)
        if late.graded and late.graded != sooner.graded:
            return replace(
                late,
                status=Status.LATE,
                effect=policy.effect(Status.LATE),
                deadline=deadline,
                late_days=days,
                penalty=min(100.0, days * policy.penalty_per_day),
            )
    return ruling


def _on_time(timeline: Timeline, deadline: Instant, policy: Policy) -> Ruling:
    """The verdict as if nothing after the deadline counted."""
    choice = choose(timeline, deadline.last)
    line = timeline.tracks["published"].marks
    dated = _place(line, choice.sha)
    grace_end = deadline.last + round(policy.grace_minutes * 60)
    proof = _best_proof(timeline, deadline.last, grace_end, dated)
    proven = None if proof is None else _within_date(proof, deadline.last, dated)
    claimed = _newer(dated, proven)
    undated = _undated(timeline, deadline.last, grace_end, claimed)
    doubt = None
    if kept := _replaced(timeline, grace_end):
        status = Status.HISTORY_REWRITTEN
    elif undated is not None and policy.date_unknown != "refuse":
        status, claimed = Status.DATE_UNKNOWN, undated
    elif claimed is None:
        status = Status.NOTHING_BEFORE_DEADLINE
    elif proven == claimed:
        status = Status.PROVEN_IN_TIME
    elif doubt := _contradiction(timeline, grace_end, claimed):
        status = Status.DATED_IN_TIME_FIRST_OBSERVED_LATE
    else:
        status = Status.CLAIMED_IN_TIME
    graded = proven if doubt and policy.unconfirmed == "proven" and proven is not None else claimed
    return Ruling(
        status=status,
        effect=policy.effect(status) if choice.known else "review",
        graded=_sha(line, graded),
        claimed=_sha(line, claimed),
        proven=_sha(line, proven),
        deadline=deadline,
        choice=choice,
        proof=proof,
        doubt=doubt,
        kept=kept,
        known=choice.known,
    )


def _best_proof(timeline: Timeline, last: int, grace_end: int, dated: int | None) -> Sighting | None:
    """The sighting in time that shows most; among equals the first."""
    useful = [each for each in timeline.sightings if each.seen <= grace_end and each.covers is not None]
    useful = [each for each in useful if each.seen <= last or dated is not None]
    return min(useful, key=lambda each: (_within_date(each, last, dated), each.seen), default=None)


def _within_date(sighting: Sighting, last: int, dated: int | None) -> int:
    """The newest place that a sighting proves. Within the grace it only confirms what is dated in time."""
    covers = sighting.covers or 0
    return covers if sighting.seen <= last or dated is None else max(covers, dated)


def _undated(timeline: Timeline, last: int, grace_end: int, claimed: int | None) -> int | None:
    """The newest place above `claimed` that is in time by all dates that can be read, but not all can.

    A clock that was never set says 1970 or 2000; what it dated was in time or not. Where the branch was seen
    without the commit after the deadline, it was not.
    """
    for mark in timeline.tracks["published"].marks:
        if claimed is not None and mark.place >= claimed:
            return None
        in_time = mark.at is None and (mark.at_least is None or mark.at_least <= last)
        if in_time and not _contradiction(timeline, grace_end, mark.place):
            return mark.place
    return None


def _replaced(timeline: Timeline, grace_end: int) -> Sighting | None:
    """The last tip observed by the deadline, if it is not part of the branch any more."""
    tips = [each for each in timeline.sightings if each.tip and each.seen <= grace_end]
    return tips[-1] if tips and not tips[-1].reachable else None


def _contradiction(timeline: Timeline, grace_end: int, claimed: int) -> Sighting | None:
    """The last look after the deadline, before any that shows the claimed commit, that lacks it."""
    looks = itertools.takewhile(lambda each: not holds(each, claimed), timeline.sightings)
    late = [each for each in looks if each.tip and each.known and each.asked >= grace_end]
    return late[-1] if late else None


def holds(sighting: Sighting, place: int) -> bool:
    """Whether a sighting shows the commit at a place of the line."""
    return sighting.covers is not None and sighting.covers <= place


def _newer(one: int | None, other: int | None) -> int | None:
    places = [place for place in (one, other) if place is not None]
    return min(places, default=None)


def _place(line: tuple[Mark, ...], sha: str) -> int | None:
    return next((mark.place for mark in line if mark.sha == sha), None)


def _sha(line: tuple[Mark, ...], place: int | None) -> str:
    return next((mark.sha for mark in line if mark.place == place), "")
