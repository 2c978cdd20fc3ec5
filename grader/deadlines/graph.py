"""Questions to the graph of commits: what a branch holds, where it ended, and how late its parts are."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from grader.deadlines.evidence import Gathered
from grader.deadlines.history import Commit, History

# A pull makes the other side the second parent, so the branch as it was published continues there. Git leaves
# out `into` on the branch `master` only.
_PULL = re.compile(
    r"Merge (?:branch '(?P<pulled>[^']+)' of \S.*?|remote-tracking branch '[^'/]+/(?P<tracked>[^']+)')"
    r"(?: into (?P<into>\S+))?"
)


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


class Reach(NamedTuple):
    """The latest date among a commit and its ancestors that can be read, and whether all can."""

    latest: int | None
    whole: bool


def reaches(here: dict[str, Commit]) -> dict[str, Reach]:
    """What each commit builds on, by its dates."""
    found: dict[str, Reach] = {}
    for sha in reversed(here):
        own = committed(here[sha])
        below = [found[parent] for parent in here[sha].parents if parent in found]
        dates = [date for date in (own, *(each.latest for each in below)) if date is not None]
        whole = own is not None and all(each.whole for each in below)
        found[sha] = Reach(max(dates, default=None), whole)
    return found


def first_parents(history: History) -> Iterator[Commit]:
    """The commits that a walk along first parents meets, newest first."""
    sha = history.head
    while sha in history.commits:
        commit = history.commits[sha]
        yield commit
        sha = commit.parents[0] if commit.parents else ""


def committed(commit: Commit) -> int | None:
    """The moment of a commit's date, if it can be read."""
    return commit.committed.seconds if commit.committed else None
