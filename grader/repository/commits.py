"""Commits read from raw objects, strictly: a date that git would guess at is a date that cannot be read."""

import re

from grader.deadlines.history import Commit, History, Stamp
from grader.ground.errors import SubmissionError
from grader.ground.visible import visible
from grader.repository.fetching import Fetched, Refs
from grader.repository.git import Git

_PERSON = re.compile(
    rb"(?P<name>[^<>\n]*?) ?<[^<>\n]*> (?P<seconds>[0-9]{10,11}) (?P<sign>[+-])(?P<zone>[0-9]{4})"
)
_NAME = re.compile(rb"[^<\n]*")
GIT_BEGAN = 1112911993  # 2005-04-07, its own first commit: an earlier date is that of a clock never set
FARTHEST_ZONE = 14 * 60  # minutes; Kiribati keeps +14:00
SUBJECT_LENGTH = 100
NAME_LENGTH = 60


def history(fetched: Fetched, branch: str | None) -> History:
    """All commits of all branches. `branch` None is the source's default branch. Raises SubmissionError."""
    name, chosen, missing = choose_branch(fetched.refs, branch)
    commits = read(fetched.git, sorted({*fetched.refs.branches.values(), *fetched.kept}))
    return History(
        branch=visible(name),
        head=fetched.refs.branches.get(name, ""),
        commits=commits,
        branches={visible(each): sha for each, sha in fetched.refs.branches.items()},
        tags={visible(each): sha for each, sha in fetched.refs.tags.items()},
        missing=missing,
        chosen=chosen,
        shallow=tuple(sorted(_shallow(fetched.git) & commits.keys())),
    )


def choose_branch(refs: Refs, wanted: str | None) -> tuple[str, str, str]:
    """The branch that counts, why it is that one if that is not plain, and why there is none."""
    names = sorted(refs.branches)
    listed = ", ".join(visible(name) for name in names[:5])
    if not names:
        tags = (
            "There are tags, but no branch"
            if refs.tags
            else "The repository is empty: nothing was pushed yet"
        )
        return "", "", f"{tags}."
    if wanted is not None:
        missing = (
            "" if wanted in refs.branches else f"There is no branch {visible(wanted)}; there are: {listed}."
        )
        return (wanted if not missing else ""), "", missing
    if refs.head in refs.branches:
        return refs.head, "", ""
    head = (
        f"the default branch {visible(refs.head)} does not exist"
        if refs.head
        else "no default branch is named"
    )
    if len(names) == 1:
        return names[0], f"{head}, and {visible(names[0])} is the only branch", ""
    return "", "", f"{head[0].upper()}{head[1:]}; there are: {listed}. Name the branch that counts."


def read(git: Git, tips: list[str]) -> dict[str, Commit]:
    """The commits that are reachable from `tips`, each before its parents. Raises SubmissionError."""
    if not tips:
        return {}
    limit = git.limits.commits
    given = "".join(f"{tip}\n" for tip in tips).encode()
    listed = git.output("rev-list", "--topo-order", f"--max-count={limit + 1}", "--stdin", given=given)
    shas = listed.decode("ascii").split()
    if len(shas) > limit:
        raise SubmissionError(f"the repository has more than {limit:,} commits")
    return {
        each.oid: parse(each.oid, each.content or b"") for each in git.objects(shas, git.limits.history_bytes)
    }


def parse(sha: str, raw: bytes) -> Commit:
    """A commit out of its raw object. The first line of each kind counts, as it does for git."""
    header, _, message = raw.partition(b"\n\n")
    parents, people = [], {b"author": b"", b"committer": b""}
    for line in header.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent" and not any(people.values()):
            parents.append(value.decode("ascii", "replace"))
        elif key in people and not people[key]:
            people[key] = value
    committer, author = people[b"committer"], people[b"author"]
    return Commit(
        sha=sha,
        parents=tuple(parents),
        committed=stamp(committer),
        authored=stamp(author),
        committer=_name(committer),
        author=_name(author),
        subject=_text(message.lstrip(b"\n").partition(b"\n")[0], SUBJECT_LENGTH),
    )


def stamp(person: bytes) -> Stamp | None:
    """The date at the end of an `author` or `committer` line; None unless it is what git itself writes."""
    match = _PERSON.fullmatch(person)
    if match is None:
        return None
    zone = int(match["zone"][:2]) * 60 + int(match["zone"][2:])
    seconds = int(match["seconds"])
    if int(match["zone"][2:]) > 59 or zone > FARTHEST_ZONE or seconds < GIT_BEGAN:
        return None
    return Stamp(seconds, -zone if match["sign"] == b"-" else zone)


def _name(person: bytes) -> str:
    match = _NAME.match(person)
    return _text(match.group().strip() if match else b"", NAME_LENGTH)


def _text(raw: bytes, longest: int) -> str:
    return visible(raw[: 4 * longest].decode("utf-8", "backslashreplace"), longest)


def _shallow(git: Git) -> set[str]:
    """Commits that the source itself has no parents of: git notes them in a file of our repository."""
    file = git.folder / "shallow"
    return set(file.read_text("ascii").split()) if file.exists() else set()
