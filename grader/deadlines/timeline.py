"""What is kept of a history in the evidence: enough to choose again for another deadline, bounded in size.

Every rule for "the last commit before the deadline" walks some list and takes the first commit whose date is
not after the deadline. These lists are kept instead of the history. A long one keeps the parts around the
deadlines it was made for; when a later question falls into a gap, the answer is "collect again" instead of a
guess.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from grader.deadlines.evidence import Gathered, Sighting, sightings
from grader.deadlines.history import Commit, History

KEPT = 200  # marks of one track; the median student repository has 24 commits
NOTHING = Gathered()
NAMED = 20  # of things that are only listed
RULES = ("published", "first_parent", "commit_date", "author_date")

# A pull makes the other side the second parent, so the branch as it was published continues there. Git leaves
# out `into` on the branch `master` only.
_PULL = re.compile(
    r"Merge (?:branch '(?P<pulled>[^']+)' of \S.*?|remote-tracking branch '[^'/]+/(?P<tracked>[^']+)')"
    r"(?: into (?P<into>\S+))?"
)


class Mark(Struct, frozen=True):
    """One commit of a track: its instant for the rule (None: unreadable) and its place from the top."""

    sha: str
    at: int | None
    place: int


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
    here = reachable(history)
    line = published_line(history, last_seen(here, gathered))
    seen = sightings(history, line, here, gathered.observations)
    tracks = _tracks(history, here, line)
    places = {each.covers for each in seen if each.covers is not None}
    moments = tuple(instants)
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
    settled = latest_ancestors(here)
    by_date = sorted(here.values(), key=lambda each: -(_committed(each) or 0))
    by_author = sorted(by_date, key=lambda each: -(_authored(each) or 0))
    return {
        "published": Track(
            tuple(Mark(sha, settled[sha], place) for place, sha in enumerate(line)), len(line)
        ),
        "first_parent": _falling((each.sha, _committed(each)) for each in _first_parents(history)),
        "commit_date": _falling((each.sha, _committed(each)) for each in by_date),
        "author_date": _falling((each.sha, _authored(each)) for each in by_author),
    }


def _side(history: History, here: dict[str, Commit]) -> dict[str, Commit]:
    tips = {name: sha for name, sha in sorted(history.branches.items()) if sha not in here}
    return {name: history.commits[sha] for name, sha in list(tips.items())[:NAMED] if sha in history.commits}


def reachable(history: History) -> dict[str, Commit]:
    """The commits of the submission's branch, each before its parents."""
    seen = {history.head}
    here = {}
    for sha, commit in history.commits.items():
        if sha in seen:
            here[sha] = commit
            seen.update(commit.parents)
    return here


def published_line(history: History, seen: Mapping[str, int]) -> list[str]:
    """The tips that the branch had when it was published, newest first, as far as graph and evidence tell.

    `seen` says for each commit when a tip among it and its ancestors was last seen: the line leads there.
    """
    line, sha = [], history.head
    while sha in history.commits:
        line.append(sha)
        commit = history.commits[sha]
        parents = commit.parents or ("",)
        if len(parents) == 2 and is_pull(commit.subject, history.branch):
            parents = parents[::-1]
        sha = max(parents, key=lambda parent: seen.get(parent, -1))  # of equals the first
    return line


def last_seen(here: dict[str, Commit], gathered: Gathered) -> dict[str, int]:
    """When a tip among each commit and its ancestors was last seen on the branch; not there if never."""
    tips = {
        each.sha: each.seen for each in sorted(gathered.observations, key=lambda each: each.seen) if each.tip
    }
    latest: dict[str, int] = {}
    for sha in reversed(here):
        moments = [latest[parent] for parent in here[sha].parents if parent in latest]
        if sha in tips:
            moments.append(tips[sha])
        if moments:
            latest[sha] = max(moments)
    return latest


def is_pull(subject: str, branch: str) -> bool:
    """Whether a merge is named as git names a pull of the same branch from its remote."""
    match = _PULL.fullmatch(subject)
    if match is None:
        return False
    source, into = match["pulled"] or match["tracked"], match["into"]
    own = {branch, "master"} if branch == "main" else {branch}  # hosts renamed `master` to `main` in 2020
    return source in own and (into is None or into in own)


def latest_ancestors(here: dict[str, Commit]) -> dict[str, int | None]:
    """The latest date of each commit and its ancestors; None where one of them has none."""
    latest: dict[str, int | None] = {}
    for sha in reversed(here):
        commit = here[sha]
        dates = [_committed(commit), *(latest[parent] for parent in commit.parents if parent in latest)]
        latest[sha] = None if None in dates else max(date for date in dates if date is not None)
    return latest


def _committed(commit: Commit) -> int | None:
    return commit.committed.seconds if commit.committed else None


def _authored(commit: Commit) -> int | None:
    return commit.authored.seconds if commit.authored else None


def _first_parents(history: History) -> Iterable[Commit]:
    sha = history.head
    while sha in history.commits:
        commit = history.commits[sha]
        yield commit
        sha = commit.parents[0] if commit.parents else ""


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
            (mark.place for mark in track.marks if mark.at is not None and mark.at <= moment), track.length
        )
        places.update(range(max(0, found - around), min(track.length, found + around)))
    return Track(tuple(mark for mark in track.marks if mark.place in places), track.length)
