"""The check `deadline`."""

from collections.abc import Iterator

from msgspec import Struct

from grader import deadlines
from grader.checks.protocol import Check
from grader.deadlines import Instant, Policy, Ruling, Timeline
from grader.ground.errors import GraderError, NotMeasured
from grader.ground.verdict import Finding, error, note
from grader.submission import Submission


class Dates(Struct, frozen=True, tag="dates"):
    """The history and what clocks recorded of it, and the commit that the other checks looked at."""

    timeline: Timeline
    looked_at: str


class Live(Struct, frozen=True, tag="live"):
    """Answered in class: `played` is when, as the program says that asked."""

    played: str


class Deadline(Check, frozen=True):
    """There is a commit before the deadline: the last one is what counts.

    `at` is local time in the IANA zone `zone`; "23:59" means through 23:59:59. `policy` says what late or
    unconfirmed work is worth.
    """

    at: str
    zone: str
    policy: Policy = Policy()

    def __post_init__(self) -> None:
        try:
            deadlines.instant(self.at, self.zone)
        except GraderError as mistake:
            raise ValueError(str(mistake)) from None

    @property
    def instant(self) -> Instant:
        return deadlines.instant(self.at, self.zone)

    def rule(self, timeline: Timeline) -> Ruling:
        """Which commit is graded, what is claimed, what is proven, what it costs."""
        return deadlines.decide(timeline, self.instant, self.policy)

    def collect(self, submission: Submission) -> Dates | Live:
        return Dates(submission.timeline, submission.sha)

    def judge(self, measured: Dates | Live) -> Iterator[Finding]:
        if isinstance(measured, Live):
            yield note(f"answered in class, {measured.played or 'on a day that is not told'}")
            return
        ruling = self.rule(measured.timeline)
        told = " ".join(deadlines.sentences(measured.timeline, ruling))
        where = f"commit {ruling.graded[:7]}" if ruling.graded else ""
        if ruling.effect == "refuse":
            hint = "what the other checks say is about the newest commit, for your information"
            yield error(told, where, hint if measured.looked_at else "commit your work and push it")
            return
        yield note(told, where)
        if not ruling.known or ruling.graded != measured.looked_at:
            raise NotMeasured(
                f"the other checks looked at {measured.looked_at[:7]}", "collect again with this deadline"
            )
        if ruling.effect == "review":
            raise NotMeasured(
                f"{deadlines.status_words(ruling.status)}: a person decides",
                "see docs/deadlines.md for what each means",
            )
