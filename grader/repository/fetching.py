"""Brings a student's repository into a fresh bare one of our own, without opening anything of theirs."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.ground.errors import SubmissionError
from grader.ground.visible import visible
from grader.repository import address, complaints
from grader.repository.address import Address
from grader.repository.git import SETTINGS, UPLOAD_PACK, Access, Git
from grader.repository.limits import Limits

# Answers only for the one host, with the words that git asks in; any other question gets nothing.
ASKPASS = """\
#!/bin/sh
case "$1" in
    "Username for 'https://$GRADER_HOST': ") echo x-access-token ;;
    "Password for 'https://x-access-token@$GRADER_HOST': ") printf '%s\\n' "$GRADER_TOKEN" ;;
esac
"""

# Branches carry the work, receipts show when it was handed in. Tags are only listed.
BRANCHES = "+refs/heads/*:refs/student/heads/*"
RECEIPTS = "+refs/receipts/{0}:refs/student/receipts/{0}"

QUIETLY = (
    "--quiet",
    "--no-tags",
    "--no-recurse-submodules",
    "--update-shallow",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-show-forced-updates",
)


class Refs(Struct, frozen=True):
    """The names at the source. `head` is its default branch, which need not exist ("": it names none).

    `receipts` are all that it offers by name; those beyond the limit are not fetched: their id is "".
    """

    head: str
    branches: dict[str, str]
    tags: dict[str, str]
    receipts: dict[str, str]


class Fetched(Struct, frozen=True):
    """Our own copy of a history. `complaints` are what git found wrong with the form of its objects.

    `kept` are commits that an observer held on to in `store`, whether or not the source still has them.
    """

    git: Git
    address: Address
    refs: Refs
    complaints: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    store: Address | None = None


class Wish(Struct, frozen=True):
    """How to fetch: over which protocols, within which limits, with which token, and whether all content."""

    allow: Collection[str] = ("https",)
    limits: Limits = Limits()
    access: Access | None = None
    content: bool = False  # True brings all content at once, to keep it


def fetch(url: str, into: Path, wish: Wish) -> Fetched:
    """Fetches all branches of `url` into `into`, which is created or empty.

    Raises:
        GraderError: no such repository, no access, no answer in time, an address that is not allowed.
        SubmissionError: it is larger than the limits, or damaged.
    """
    source = address.parse(url, wish.allow)
    git = prepare(into, source, wish)
    refs, needs_fetch = look(git, source)
    if not needs_fetch:
        return Fetched(git, source, refs)
    told = bring_history(git, source, wish, refs.receipts)
    return Fetched(git, source, _as_fetched(git, refs), told)


def with_kept(fetched: Fetched, store: Path) -> Fetched:
    """The repository together with the commits that an observer kept in `store`. Raises GraderError."""
    source = Address(str(store.absolute()), str(store), "file")
    git = fetched.git
    complaint = bring(git, source, ("--filter=blob:none", "student", "+refs/kept/*:refs/kept/*"))
    if complaint is not None:
        raise complaints.trouble(source, complaint)
    kept = git.output("for-each-ref", "--format=%(objectname)", "refs/kept/").decode("ascii").split()
    return replace(fetched, kept=tuple(kept), store=source)


def prepare(into: Path, source: Address, wish: Wish) -> Git:
    """A bare repository of our own in `into`, empty or as an earlier fetch left it."""
    into.mkdir(parents=True, exist_ok=True)
    git = Git(
        into.absolute(), wish.limits, source.protocol, wish.access if _applies(wish.access, source) else None
    )
    (into / "grader.settings").write_text(SETTINGS.format(fsck="true"))
    askpass = into / "askpass"
    askpass.write_text(ASKPASS)
    askpass.chmod(0o700)
    if not (into / "HEAD").exists():
        git.output("init", "--quiet", "--bare", "--template=")
    return git


def _applies(access: Access | None, source: Address) -> bool:
    return access is not None and source.protocol == "https" and source.host == access.host


def look(git: Git, source: Address) -> tuple[Refs, bool]:
    """What the source offers now, and whether there is anything to fetch. Raises as `fetch` does."""
    listing = git.online("ls-remote", "--symref", *_local(source), "--", source.url)
    if listing.status:
        raise complaints.trouble(source, listing.complaint)
    head, refs = "", {}
    for line in listing.output.decode("utf-8", "backslashreplace").splitlines():
        sha, _, name = line.partition("\t")
        if sha.startswith("ref: ") and name == "HEAD":
            head = sha.removeprefix("ref: refs/heads/")
        elif name != "HEAD":  # without a line above it is detached: which branch is meant, it does not say
            refs[name] = sha
    branches = _under("refs/heads/", refs)
    if len(branches) > git.limits.branches:
        raise SubmissionError(
            f"the repository has {len(branches):,} branches, more than {git.limits.branches:,}"
        )
    tags = {name.removesuffix("^{}"): sha for name, sha in _under("refs/tags/", refs).items()}
    receipts = _under("refs/receipts/", refs)
    return Refs(head, branches, tags, receipts), bool(branches or receipts)


def bring_history(git: Git, source: Address, wish: Wish, receipts: Collection[str]) -> tuple[str, ...]:
    """Fetches commits and trees; content follows when a tree is read, where the server can leave it out.

    `receipts` are the commit ids that the source has receipts for. Where they are more than the limit, those
    of the newest commits are fetched: anybody who may push can leave as many as they like.
    """
    content = () if wish.content else ("--filter=blob:none",)
    wanted = ("--prune", *content, "student")
    if len(receipts) <= git.limits.receipts:
        return _bring_whole(git, source, (*wanted, BRANCHES, RECEIPTS.format("*")))
    told = _bring_whole(git, source, (*wanted, BRANCHES))
    newest = _newest(git, set(receipts))
    return told + _bring_whole(git, source, (*wanted, *map(RECEIPTS.format, newest))) if newest else told


def _newest(git: Git, receipts: Collection[str]) -> list[str]:
    """The commits of the fetched branches that have a receipt, as many of the newest as the limit allows."""
    most = f"--max-count={git.limits.commits}"
    listed = git.output("rev-list", "--topo-order", most, "--glob=refs/student/heads/*").decode("ascii")
    return [sha for sha in listed.split() if sha in receipts][: git.limits.receipts]


def _bring_whole(git: Git, source: Address, wanted: Sequence[str]) -> tuple[str, ...]:
    """Fetches what is wanted, and returns what git finds wrong with the form of its objects."""
    fetched = bring(git, source, wanted)
    if fetched is None:
        return ()
    if "fsck error" not in fetched and "fsck warning" not in fetched:
        raise complaints.trouble(source, fetched)
    (git.folder / "grader.settings").write_text(SETTINGS.format(fsck="false"))
    again = bring(git, source, wanted)
    if again is not None:
        raise complaints.trouble(source, again)
    lines = (re.sub(r"^(?:remote: )?(?:error|warning): ", "", line) for line in fetched.splitlines())
    return tuple(visible(line, 200) for line in lines if line.startswith("object "))[:10]


def bring(git: Git, source: Address, wanted: Sequence[str], given: bytes = b"") -> str | None:
    """One `git fetch` from the remote `student`; None if it went well, else what git complained about.

    With `--stdin` among `wanted`, `given` are objects to fetch by name.
    Raises GraderError and SubmissionError where a limit is reached.
    """
    config = git.folder / "config"
    ours = config.read_bytes()
    settings = ["-c", f"remote.student.url={source.url}"]
    if given:  # a source that hears what commits we have takes their content for ours, too
        settings += ["-c", "fetch.negotiationAlgorithm=noop"]
    try:
        fetch = ("fetch", *QUIETLY, *_local(source), *wanted)
        fetched = replace(git, protocol=source.protocol).online(*settings, *fetch, given=given)
    finally:
        # A partial fetch notes its source as the place for missing objects, to be asked any time, one by one.
        config.write_bytes(ours)
    return fetched.complaint if fetched.status else None


def _local(source: Address) -> tuple[str, ...]:
    """What git starts at the source, if that is on this machine. Another machine decides for itself."""
    return (f"--upload-pack={UPLOAD_PACK}",) if source.protocol == "file" else ()


def _as_fetched(git: Git, listed: Refs) -> Refs:
    """The refs that were really fetched: somebody may have pushed since they were listed."""
    lines = git.output("for-each-ref", "--format=%(objectname) %(refname)", "refs/student/").decode(
        "utf-8", "replace"
    )
    refs = {name: sha for sha, _, name in (line.partition(" ") for line in lines.splitlines())}
    branches, receipts = _under("refs/student/heads/", refs), _under("refs/student/receipts/", refs)
    return Refs(listed.head, branches, listed.tags, dict.fromkeys(listed.receipts, "") | receipts)


def _under(prefix: str, refs: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(prefix): sha for name, sha in refs.items() if name.startswith(prefix)}
