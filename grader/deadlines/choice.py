"""Which commit counts by the dates that commits claim, and what other reasonable rules would have taken."""

from msgspec import Struct

from grader.deadlines.timeline import RULES, Timeline, Track

WHY = {
    "published": "takes the newest tip of the branch that is dated in time, as is all that it builds on",
    "first_parent": "follows first parents only, which a pull leads onto a side line",
    "commit_date": "takes the newest commit date, even of work that was merged after the deadline",
    "author_date": "takes the newest author date, which an amended or rebased commit keeps",
}


class Candidate(Struct, frozen=True):
    """What one rule takes. `sha` is empty where it finds nothing."""

    rule: str
    sha: str
    why: str


class Choice(Struct, frozen=True):
    """The commit that counts by its dates ("" = none), and each rule's candidate, ours first.

    `known` is False where the evidence has a gap there and has to be collected again.
    """

    sha: str
    candidates: tuple[Candidate, ...]
    known: bool = True

    @property
    def rivals(self) -> tuple[Candidate, ...]:
        """The candidates of other rules that are not our commit."""
        return tuple(each for each in self.candidates if each.sha != self.sha)


def choose(timeline: Timeline, last: int) -> Choice:
    """The choice for a deadline whose last second in time is `last`. Pure; any deadline may be asked for."""
    found = {rule: _first(timeline.tracks[rule], last) for rule in RULES}
    candidates = tuple(
        Candidate(rule, found[rule] or "", WHY[rule]) for rule in RULES if found[rule] is not None
    )
    ours = found["published"]
    return Choice(ours or "", candidates, known=ours is not None)


def _first(track: Track, last: int) -> str | None:
    """The first commit of a track that is not after `last`; "" if there is none, None if it lies in a gap."""
    expected = 0
    for mark in track.marks:
        if mark.at is not None and mark.at <= last:
            return mark.sha if mark.place == expected else None
        expected = mark.place + 1
    return "" if expected == track.length else None
