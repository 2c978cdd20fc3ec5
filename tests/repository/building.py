"""Builds real repositories, object by object, so that a test can say exactly what stands in them."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}

IN_TIME = "2020-11-10T23:59:59+0100"  # the last second of the deadline that most tests set


def git(
    folder: Path, *arguments: str, given: bytes | str = b"", environment: dict[str, str] | None = None
) -> str:
    """What git prints, run in `folder` as a student would run it."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        env=ENVIRONMENT | (environment or {}),
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def dated(when: str) -> dict[str, str]:
    """What makes git write a commit at another time than now."""
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


def commit(folder: Path, files: Mapping[str, str | bytes] | None = None, when: str = IN_TIME) -> Path:
    """Commits all of a folder, with these files more or other; it becomes a repository where it is none."""
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Work", environment=dated(when))
    return folder


def bare(folder: Path, branch: str = "main") -> Path:
    """An empty bare repository whose HEAD is `branch`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--bare", f"--initial-branch={branch}")
    return folder


def blob(folder: Path, content: bytes) -> str:
    return git(folder, "hash-object", "-w", "--stdin", given=content)


def tree(folder: Path, entries: Sequence[tuple[str, str, str]] = ()) -> str:
    """A tree of (mode, object, name)."""
    kinds = {"040000": "tree", "160000": "commit"}
    rows = "".join(f"{mode} {kinds.get(mode, 'blob')} {oid}\t{name}\0" for mode, oid, name in entries)
    return git(folder, "mktree", "-z", "--missing", given=rows)


def files(folder: Path, content: dict[str, bytes]) -> str:
    """A flat tree of regular files."""
    return tree(folder, [("100644", blob(folder, data), name) for name, data in content.items()])


@dataclass(frozen=True)
class C:
    """A commit to build: dates are ISO 8601 with an offset; `raw` is written in the place of both.

    `parents` None is the commit before it in the list; names, not ids.
    """

    name: str
    committed: str = "2020-11-01T12:00:00+01:00"
    parents: tuple[str, ...] | None = None
    authored: str = ""
    subject: str = "work"
    raw: str | None = None


def raw_date(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{int(moment.timestamp())} {moment:%z}"


def commit_object(root: str, parents: Sequence[str], wanted: C) -> bytes:
    """A commit object, byte by byte, whatever git thinks of it."""
    committed = raw_date(wanted.committed) if wanted.raw is None else wanted.raw
    authored = raw_date(wanted.authored or wanted.committed) if wanted.raw is None else wanted.raw
    lines = [f"tree {root}", *(f"parent {sha}" for sha in parents)]
    lines += [f"author Ada <ada@example.org> {authored}", f"committer Ada <ada@example.org> {committed}"]
    return ("\n".join(lines) + f"\n\n{wanted.subject}\n").encode()


def history(folder: Path, commits: Sequence[C], branch: str = "main", root: str = "") -> dict[str, str]:
    """Builds the commits, all with the tree `root`; the branch ends at the last. Returns ids by name."""
    root = root or files(folder, {"README.md": b"a student's work\n"})
    ids: dict[str, str] = {}
    before: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory() as written:
        for each in commits:
            parents = before if each.parents is None else each.parents
            content = commit_object(root, [ids[name] for name in parents], each)
            ids[each.name] = hashlib.sha1(b"commit %d\0" % len(content) + content).hexdigest()
            Path(written, each.name).write_bytes(content)
            before = (each.name,)
        paths = "".join(f"{written}/{name}\n" for name in ids)
        stored = git(folder, "hash-object", "-w", "-t", "commit", "--literally", "--stdin-paths", given=paths)
    assert stored.split() == list(ids.values())
    if commits:
        point(folder, f"refs/heads/{branch}", ids[commits[-1].name])
    return ids


def point(folder: Path, ref: str, sha: str) -> None:
    """Sets a ref by writing its file, as no check of git may refuse it."""
    file = folder / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{sha}\n")
