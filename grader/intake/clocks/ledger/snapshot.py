"""One look at the repositories of a course: heads go to the ledger, objects to a folder beside it."""

import fcntl
import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from grader.ground.errors import GraderError, SubmissionError
from grader.intake.clocks import ledger
from grader.intake.clocks.ledger.rows import Row
from grader.repository import Access, Limits, address, fetching
from grader.repository.address import Address
from grader.repository.fetching import Refs, Wish
from grader.repository.git import Git

AT_ONCE = 8  # repositories that are looked at in parallel


class Observer(Struct, frozen=True):
    """How to look. Objects are kept in `keep`, one bare repository for each address."""

    keep: Path
    allow: Collection[str] = ("https",)
    limits: Limits = Limits()
    access: Access | None = None


def snapshot(urls: Sequence[str], path: Path, observer: Observer, progress: Callable[[Row], None]) -> str:
    """Looks at each repository, adds a row for each to the ledger `path`, and returns the ledger's new seal.

    Rows are written as they come, so an interrupted snapshot keeps what it saw. A repository that does not
    answer gets a row that says so. Raises GraderError if the ledger cannot be written.
    """
    seal = ledger.append(path, ())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for row in pool.map(lambda url: look(url, observer), urls):
            seal = ledger.append(path, (row,))
            progress(row)
    return seal


def look(url: str, observer: Observer) -> Row:
    """What a repository's branches are now, after their objects were kept."""
    asked, shown = int(time.time()), address.key(url)
    try:
        source = address.parse(url, observer.allow)
        shown = source.shown
        folder = store(observer.keep, url)
        wish = Wish(observer.allow, observer.limits, observer.access, content=True)
        with alone(folder):
            git = fetching.prepare(folder, source, wish)
            refs, _ = fetching.look(git, source)
            answered = int(time.time()) + 1  # a clock of whole seconds is up to one second behind
            lost = keep(git, source, wish, refs)
    except (GraderError, SubmissionError) as error:
        return Row(asked=asked, answered=int(time.time()), url=shown, trouble=str(error))
    return Row(asked=asked, answered=answered, url=shown, head=refs.head, refs=refs.branches, lost=lost)


def store(folder: Path, url: str) -> Path:
    """The bare repository in which the objects behind an address are kept."""
    return folder / f"{hashlib.sha256(address.key(url).encode()).hexdigest()[:16]}.git"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one observer at a time works in a store."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "observer.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def keep(git: Git, source: Address, wish: Wish, refs: Refs) -> str:
    """Holds on to every head: a later force-push moves the branch, but not these. Says why it cannot.

    And to every receipt up to the limit.
    """
    few = len(refs.receipts) <= git.limits.receipts
    if all(_is_kept(git, sha) for sha in {*refs.branches.values(), *(refs.receipts.values() if few else ())}):
        return ""
    try:
        fetching.bring_history(git, source, wish, refs.receipts)
        listed = git.output("for-each-ref", "--format=%(objectname)", "refs/student/").decode("ascii")
        fresh = sorted(sha for sha in set(listed.split()) if not _is_kept(git, sha))
        commands = "".join(f"create refs/kept/{sha} {sha}\n" for sha in fresh)
        git.output("update-ref", "--stdin", given=commands.encode())
    except (GraderError, SubmissionError) as error:
        return str(error)
    if few:
        return ""
    most = git.limits.receipts
    return f"of {len(refs.receipts)} receipts those of the newest commits were kept, {most} at most"


def _is_kept(git: Git, sha: str) -> bool:
    return (git.folder / "refs" / "kept" / sha).exists()
