"""What a course makes of each status: settings, no logic."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from grader.ground.settings import Amount, Count, Percent

Effect = Literal["accept", "review", "refuse"]


class Status(StrEnum):
    """What can be said of the commit that is graded. Claim and evidence stay apart."""

    PROVEN_IN_TIME = "PROVEN_IN_TIME"
    CLAIMED_IN_TIME = "CLAIMED_IN_TIME"
    DATED_IN_TIME_FIRST_OBSERVED_LATE = "DATED_IN_TIME_FIRST_OBSERVED_LATE"
    LATE = "LATE"
    NOTHING_BEFORE_DEADLINE = "NOTHING_BEFORE_DEADLINE"
    HISTORY_REWRITTEN = "HISTORY_REWRITTEN"
    DATE_UNKNOWN = "DATE_UNKNOWN"


class Policy(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of an assignment. `accept` counts, `review` waits for a person, `refuse` does not count.

    `late_days` is how many days after the deadline work still counts, at `penalty_per_day` percent of the
    points. `unconfirmed` says which commit is graded when the claimed one was first observed late.
    """

    grace_minutes: Amount = 5.0  # for what servers saw, as a push takes time; never for dates
    late_days: Count = 0
    penalty_per_day: Percent = 0.0
    unconfirmed: Literal["proven", "claimed"] = "proven"
    claimed_in_time: Effect = "accept"
    first_observed_late: Effect = "review"
    late: Effect = "accept"
    history_rewritten: Effect = "review"
    date_unknown: Effect = "review"

    def effect(self, status: Status) -> Effect:
        """What the status does to the points."""
        return {
            Status.PROVEN_IN_TIME: "accept",
            Status.CLAIMED_IN_TIME: self.claimed_in_time,
            Status.DATED_IN_TIME_FIRST_OBSERVED_LATE: self.first_observed_late,
            Status.LATE: self.late,
            Status.NOTHING_BEFORE_DEADLINE: "refuse",
            Status.HISTORY_REWRITTEN: self.history_rewritten,
            Status.DATE_UNKNOWN: self.date_unknown,
        }[status]
