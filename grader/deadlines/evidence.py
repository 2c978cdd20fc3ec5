"""What clocks other than the student's recorded, as plain data, and how it lies on the published line."""

import bisect
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from grader.deadlines.history import History
from grader.ground.errors import GraderError

KEPT = 200  # sightings of one submission by one source


class Observation(Struct, frozen=True):
    """One fact: at `asked` the branch did not hold more than `sha`, and at `seen` it held it.

    The two moments are those before and after somebody looked; what was pushed between them is in doubt.
    `tip` False says only that the commit existed, as a receipt does. An empty `sha` is a branch that was
    not there.
    """

    source: str
    asked: int
    seen: int
    sha: str
    tip: bool = True


class Gathered(Struct, frozen=True):
    """What one source knows of one submission, and what kept it from knowing more, in sentences."""

    observations: tuple[Observation, ...] = ()
    troubles: tuple[str, ...] = ()


class Subject(Struct, frozen=True):
    """The submission that a source is asked about.

    `commits` are all of its history, `receipts` the files that came with some of them.
    """

    url: str
    branch: str
    commits: Collection[str] = ()
    receipts: dict[str, dict[str, bytes]] = {}


class Source(Protocol):
    """Where evidence comes from: a ledger, a host's record, receipts."""

    def gather(self, subject: Subject) -> Gathered:
        """All that the source knows. Raises GraderError where it cannot be asked at all."""
        ...


def gather(sources: Iterable[Source], subject: Subject) -> Gathered:
    """What all sources know together. One that cannot be asked leaves a sentence; the others still count."""
    observations: list[Observation] = []
    troubles: list[str] = []
    for source in sources:
        try:
            found = source.gather(subject)
        except GraderError as trouble:
            troubles.append(f"One source of evidence is missing: {trouble}.")
            continue
        observations += found.observations
        troubles += found.troubles
    return Gathered(tuple(observations), tuple(troubles))


class Sighting(Struct, frozen=True):
    """An observation laid on the published line: it held the commits from the place `covers` on downwards.

    `covers` None: none of them. `known` False: the commit is not in the repository, so nobody can tell.
    `reachable` False: the commit is not part of the branch any more.
    """

    source: str
    asked: int
    seen: int
    sha: str
    tip: bool
    covers: int | None
    known: bool
    reachable: bool


def sightings(
    history: History, line: Sequence[str], branch: Container[str], observations: Iterable[Observation]
) -> tuple[Sighting, ...]:
    """The observations on the published `line`, oldest first; `branch` holds all commits of the branch."""
    covers = newest_on_line(history, line)
    return tuple(
        Sighting(
            source=each.source,
            asked=each.asked,
            seen=each.seen,
            sha=each.sha,
            tip=each.tip,
            covers=covers.get(each.sha),
            known=not each.sha or each.sha in history.commits,
            reachable=not each.sha or each.sha in branch,
        )
        for each in observations
    )


def newest_on_line(history: History, line: Sequence[str]) -> dict[str, int]:
    """For each commit the place of the newest commit of the line among itself and its ancestors."""
    places = {sha: place for place, sha in enumerate(line)}
    newest: dict[str, int] = {}
    for sha in reversed(history.commits):
        found = [newest[parent] for parent in history.commits[sha].parents if parent in newest]
        if sha in places:
            found.append(places[sha])
        if found:
            newest[sha] = min(found)
    return newest


def turns(observations: Iterable[Observation], moments: Sequence[int]) -> tuple[Observation, ...]:
    """Of looks that found the same, only the first and the last: between them nothing changed.

    Of each source about KEPT, so that none crowds out another: its newest, and those around each moment.
    """
    sources: defaultdict[tuple[str, bool], list[Observation]] = defaultdict(list)
    for each in sorted(observations, key=lambda each: each.seen):
        sources[each.source, each.tip].append(each)
    kept = [look for looks in sources.values() for look in _bounded(_changes(looks), moments)]
    return tuple(sorted(kept, key=lambda each: each.seen))


def _changes(looks: Sequence[Observation]) -> list[Observation]:
    last = len(looks) - 1
    return [
        look
        for place, look in enumerate(looks)
        if place in (0, last) or not looks[place - 1].sha == look.sha == looks[place + 1].sha
    ]


def _bounded(looks: list[Observation], moments: Sequence[int]) -> list[Observation]:
    if len(looks) <= KEPT:
        return looks
    around = KEPT // (2 * (len(moments) + 1))
    places = set(range(len(looks) - 2 * around, len(looks)))
    for moment in moments:
        after = bisect.bisect(looks, moment, key=lambda each: each.seen)
        places.update(range(max(0, after - around), min(len(looks), after + around)))
    return [looks[place] for place in sorted(places)]
