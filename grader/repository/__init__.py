"""A student's repository, fetched so that nothing in it can act, and read as objects."""

from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

from grader.deadlines.history import History
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.repository import commits, fetching, receipts, trees
from grader.repository.fetching import Fetched, Wish
from grader.repository.git import Access, access_from
from grader.repository.limits import Limits
from grader.repository.trees import Entry, Tree

__all__ = ["Access", "Entry", "History", "Limits", "Repository", "Tree", "Wish", "access_from", "fetch"]

GENEROUS = Limits()


class Repository(Struct, frozen=True):
    """A fetched repository. `url` is safe to show; `complaints` are git's own on the form of the objects."""

    fetched: Fetched

    @property
    def url(self) -> str:
        return self.fetched.address.shown

    @property
    def complaints(self) -> tuple[str, ...]:
        return self.fetched.complaints

    def history(self, branch: str | None = None) -> History:
        """All commits. Without `branch` the source's default branch counts. Raises SubmissionError."""
        return commits.history(self.fetched, branch)

    def with_kept(self, store: Path) -> "Repository":
        """Together with the commits that an observer kept in `store`. Raises GraderError."""
        return Repository(fetching.with_kept(self.fetched, store))

    def receipts(self, commits: Collection[str]) -> dict[str, dict[str, bytes]]:
        """The files of the receipts that came with the repository for these commits, by commit id."""
        return receipts.read(self.fetched, commits)

    def resolved(self, commit: str) -> str:
        """The whole id of a commit that is named by its first letters. Raises GraderError."""
        wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
        found = self.fetched.git.run(*wanted)
        if found.status:
            raise GraderError(f"{self.url} has no commit {visible(commit)}, on no branch")
        return found.output.decode("ascii").strip()

    def tree(self, sha: str) -> Tree:
        """The files of one commit. Raises SubmissionError when they are more than the limits."""
        return trees.tree(self.fetched, sha)


def fetch(
    url: str,
    into: Path,
    *,
    allow: Collection[str] = ("https",),
    limits: Limits = GENEROUS,
    access: Access | None = None,
) -> Repository:
    """Fetches `url` into `into`, a new or empty folder of ours that the caller deletes.

    `allow` names the protocols: `https`, and on request `ssh`, `file` (paths and `file://`), `http`.

    Raises:
        GraderError: no such repository, no access, no answer in time, an address that is not allowed.
        SubmissionError: it is larger than the limits, or damaged.
    """
    return Repository(fetching.fetch(url, into, Wish(allow, limits, access)))
