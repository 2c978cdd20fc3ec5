"""The check `deadline`."""

from collections.abc import Iterator

from msgspec import Struct

from grader import deadlines
from grader.checks.protocol import Check
from grader.deadlines import Choice, Instant, Timeline
from grader.errors import GraderError, NotMeasured
from grader.submission import Submission
from grader.verdict import Finding, error, note, warning


class Dates(Struct, frozen=True):
    """The history as the rules need it, and the commit that the other checks looked at."""

    timeline: Timeline
    looked_at: str


class Deadline(Check, frozen=True):
    """There is a commit before the deadline: the last one is what counts.

    `at` is local time in the IANA zone `zone`; "23:59" means through 23:59:59.
    """

    at: str
    zone: str

    def __post_init__(self) -> None:
        try:
            deadlines.instant(self.at, self.zone)
        except GraderError as mistake:
            raise ValueError(str(mistake)) from None

    @property
    def instant(self) -> Instant:
        return deadlines.instant(self.at, self.zone)

    def collect(self, submission: Submission) -> Dates:
        return Dates(submission.timeline, submission.sha)

    def judge(self, measured: Dates) -> Iterator[Finding]:
        line, until = measured.timeline, self.instant
        yield from (warning(text) for text in until.warnings)
        if not line.head:
            yield error(line.missing or "there is no commit", hint="commit your work and push it")
            return
        choice = deadlines.choose(line, until.last)
        if not choice.known or choice.sha not in ("", measured.looked_at):
            raise NotMeasured(
                f"for {deadlines.local(until.last, self.zone)} another commit counts than the one measured",
                "collect again with this deadline",
            )
        if not choice.sha:
            yield self._nothing(line, until)
            return
        yield self._chosen(line, choice, until)
        yield from self._rivals(line, choice)

    def _nothing(self, line: Timeline, until: Instant) -> Finding:
        head = line.commits[line.head]
        when = "has no readable date"
        if head.committed:
            margin = deadlines.margin_words(until.last - head.committed.seconds)
            when = f"is dated {deadlines.local(head.committed.seconds, self.zone)}, {margin}"
        return error(
            f"no commit of {line.branch}, with all that it builds on, is dated by"
            f" {deadlines.local(until.last, self.zone)}; the newest {when}",
            f"commit {line.head[:7]}",
            "what the other checks say is about this newest commit, for your information",
        )

    def _chosen(self, line: Timeline, choice: Choice, until: Instant) -> Finding:
        commit = line.commits[choice.sha]
        assert commit.committed, "a commit without a readable date is never chosen"
        later = next(mark.place for mark in line.tracks["published"].marks if mark.sha == choice.sha)
        after = (
            f"; {later} later commit{'s' if later > 1 else ''} on {line.branch} not counted" if later else ""
        )
        return note(
            f"{choice.sha[:7]} “{commit.subject}” is the last in time, dated"
            f" {deadlines.local(commit.committed.seconds, self.zone)},"
            f" {deadlines.margin_words(until.last - commit.committed.seconds)}{after}",
            f"commit {choice.sha[:7]}",
        )

    def _rivals(self, line: Timeline, choice: Choice) -> Iterator[Finding]:
        for rival in choice.rivals:
            subject = line.commits[rival.sha].subject if rival.sha in line.commits else "nothing"
            yield note(
                f"another rule would have taken {rival.sha[:7]} “{subject}”: it {rival.why}; ours is"
                f" {choice.candidates[0].why}"
            )
