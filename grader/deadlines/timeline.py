"""What is kept of a history in the evidence: enough to choose again for another deadline, bounded in size.

Every rule for "the last commit before the deadline" walks some list and takes the first commit whose date is
not after the deadline. These lists are kept instead of the history. A long one keeps the parts around the
deadlines it was made for; when a later question falls into a gap, the answer is "collect again" instead of a
guess.
"""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from grader.deadlines import graph
from grader.deadlines.evidence import Gathered, Sighting, sightings, turns
from grader.deadlines.history import Commit, History

KEPT = 200  # marks of one track; the median student repository has 24 commits
NOTHING = Gathered()
NAMED = 20  # of things that are only listed
RULES = ("published", "first_parent", "commit_date", "author_date")


class Mark(Struct, frozen=True):
    """One commit of a track: its instant for the rule (None: unreadable) and its place from the top.

    `at_least` is the latest of the dates that can be read, where others cannot.
    """

    sha: str
    at: int | None
    place: int
    at_least: int | None = None

    @property
    def known(self) -> int | None:
        """The latest date that is known, whatever else it builds on."""
        return self.at_least if self.at is None else self.at


class Track(Struct, frozen=True):
    """What one rule walks, newest first, and how long it was before it was thinned out."""

    marks: tuple[Mark, ...]
    length: int


class Timeline(Struct, frozen=True):
    """A history as the deadline rules need it: `commits` are those in `tracks`, `total` counts all.

    The track `published` is the published line. Its instants are the latest among the commit and all its
    ancestors, so a commit is in time only if everything it builds on is. `side` are the tips of other
    branches and `tags` the tags that are not on the branch; `undated` are commits without a readable date,
    `troubles` what kept sources of evidence from knowing more.
    """

    branch: str
    head: str
    missing: str
    chosen: str
    collected: int
    total: int
    tracks: dict[str, Track]
    commits: dict[str, Commit]
    side: dict[str, Commit]
    tags: dict[str, str]
    shallow: tuple[str, ...]
    undated: tuple[str, ...]
    sightings: tuple[Sighting, ...] = ()
    troubles: tuple[str, ...] = ()


def timeline(
    history: History, instants: Iterable[int], collected: int, gathered: Gathered = NOTHING
) -> Timeline:
    """The tracks of the submission's branch; long ones are thinned out but around `instants` and sightings.

    `collected` is when the repository was fetched; instants are seconds in UTC.
    """
    here = graph.reachable(history)
    line = graph.published_line(history, graph.last_seen(here, gathered))
    moments = tuple(instants)
    seen = sightings(history, line, here, turns(gathered.observations, moments))
    tracks = _tracks(history, here, line)
    places = {each.covers for each in seen if each.covers is not None}
    kept = {
        rule: _thinned(track, moments, places if rule == "published" else ())
        for rule, track in tracks.items()
    }
    named = {mark.sha for track in kept.values() for mark in track.marks}
    return Timeline(
        branch=history.branch,
        head=history.head,
        missing=history.missing,
        chosen=history.chosen,
        collected=collected,
        total=len(here),
        tracks=kept,
        commits={sha: here[sha] for sha in here if sha in named},
        side=_side(history, here),
        tags=dict([(name, sha) for name, sha in sorted(history.tags.items()) if sha not in here][:NAMED]),
        shallow=tuple(sha for sha in history.shallow if sha in here)[:NAMED],
        undated=tuple(sha for sha, each in here.items() if each.committed is None)[:NAMED],
        sightings=seen,
        troubles=gathered.troubles[:NAMED],
    )


def _tracks(history: History, here: dict[str, Commit], line: list[str]) -> dict[str, Track]:
    reaches = graph.reaches(here)
    by_date = sorted(here.values(), key=lambda each: -(graph.committed(each) or 0))
    by_author = sorted(by_date, key=lambda each: -(_authored(each) or 0))
    return {
        "published": Track(
            tuple(_mark(sha, place, reaches[sha]) for place, sha in enumerate(line)), len(line)
        ),
        "first_parent": _falling((each.sha, graph.committed(each)) for each in graph.first_parents(history)),
        "commit_date": _falling((each.sha, graph.committed(each)) for each in by_date),
        "author_date": _falling((each.sha, _authored(each)) for each in by_author),
    }


def _mark(sha: str, place: int, reach: graph.Reach) -> Mark:
    return Mark(sha, reach.latest, place) if reach.whole else Mark(sha, None, place, reach.latest)


def _side(history: History, here: dict[str, Commit]) -> dict[str, Commit]:
    tips = {name: sha for name, sha in sorted(history.branches.items()) if sha not in here}
    return {name: history.commits[sha] for name, sha in list(tips.items())[:NAMED] if sha in history.commits}


def _authored(commit: Commit) -> int | None:
    return commit.authored.seconds if commit.authored else None


def _falling(dated: Iterable[tuple[str, int | None]]) -> Track:
    """Only commits that are older than all before them: no deadline makes a walk stop at any other."""
    marks: list[Mark] = []
    for sha, at in dated:
        if at is not None and (not marks or at < (marks[-1].at or 0)):
            marks.append(Mark(sha, at, len(marks)))
    return Track(tuple(marks), len(marks))


def _thinned(track: Track, instants: Sequence[int], needed: Collection[int]) -> Track:
    """About KEPT marks: the newest, the oldest, those around each instant, and those that are `needed`."""
    if track.length <= KEPT:
        return track
    around = KEPT // (2 * (len(instants) + 1))
    places = {*range(around), track.length - 1, *needed}
    for moment in instants:
        found = next(
            (mark.place for mark in track.marks if mark.known is not None and mark.known <= moment),
            track.length,
        )
        places.update(range(max(0, found - around), min(track.length, found + around)))
    return Track(tuple(mark for mark in track.marks if mark.place in places), track.length)
