"""A submission's commits as plain data: what the deadline rules look at."""

from msgspec import Struct


class Stamp(Struct, frozen=True):
    """A moment that a commit claims: seconds since 1970 in UTC, and its zone in minutes east of UTC."""

    seconds: int
    zone: int


class Commit(Struct, frozen=True):
    """One commit. A date is None where the commit states none that can be read. Texts are safe to show."""

    sha: str
    parents: tuple[str, ...]
    committed: Stamp | None
    authored: Stamp | None
    committer: str
    author: str
    subject: str


class History(Struct, frozen=True):
    """All commits of a repository's branches, parents after their children.

    `branch` is the one that the submission is on, `head` its newest commit; where there is none, both are
    empty and `missing` says why in one sentence. `chosen` says why it is this branch, where that is not
    plain. `shallow` are commits whose parents the source itself does not have.
    """

    branch: str
    head: str
    commits: dict[str, Commit]
    branches: dict[str, str] = {}
    tags: dict[str, str] = {}
    missing: str = ""
    chosen: str = ""
    shallow: tuple[str, ...] = ()
