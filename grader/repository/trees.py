"""The files of one commit, read as objects: nothing is checked out, no link followed, no filter run."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.ground import lfs
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.visible import visible
from grader.repository import complaints, fetching
from grader.repository.address import Address
from grader.repository.fetching import Fetched
from grader.repository.git import Git

Kind = Literal["file", "pointer", "link", "submodule", "other"]
KINDS: dict[str, Kind] = {"100644": "file", "100755": "file", "120000": "link", "160000": "submodule"}

REMARKS: dict[Kind, str] = {
    "pointer": "is a Git LFS pointer, not the file itself",
    "link": "is a symbolic link, which is not followed",
    "submodule": "is a submodule, which is not fetched",
    "other": "is neither a file nor a folder",
}

READ_AHEAD = 64_000  # bytes; smaller files are read together when the tree is opened
READ_AHEAD_ALL = 20_000_000
AT_ONCE = 200  # files that are written out
HEADER = 200  # bytes; more than git prints before the content of an object
UNKNOWN = -1  # the size of content that was left at its source

# Content that no check reads unless it asks for the very file: it stays at its source until then.
HEAVY = re.compile(
    r"\.(jpe?g|png|gif|bmp|webp|tiff?|heic|svg|mp[34]|avi|mov|mkv|webm|wav|flac|ogg"
    r"|zip|gz|bz2|xz|tar|tgz|7z|rar|h5|hdf5|keras|pb|pth?|ckpt|pkl|joblib|np[yz]|tfrecord|mat|bin|exe|dll|so)$",
    re.IGNORECASE,
)

RECENT = 200  # commits that are looked through for deleted files


class Entry(Struct, frozen=True):
    """One name in a commit. Only `file` and `pointer` have content, of `size` bytes or UNKNOWN."""

    path: str
    kind: Kind
    oid: str
    size: int


class Tree(Struct, frozen=True):
    """The entries of one commit by path. `read` and `export` fetch what was left at the source."""

    fetched: Fetched
    entries: dict[str, Entry]
    ahead: dict[str, bytes]
    sha: str = ""

    def sizes(self) -> dict[str, int]:
        """Bytes of each regular file; UNKNOWN (-1) for heavy content that nobody has asked for yet."""
        return {each.path: each.size for each in self.entries.values() if each.kind in ("file", "pointer")}

    def objects(self) -> dict[str, str]:
        """Git's name of each file's content, by path: the same bytes have the same name."""
        return {each.path: each.oid for each in self.entries.values() if each.kind in ("file", "pointer")}

    def remarks(self) -> tuple[str, ...]:
        """A sentence for each entry that is not what it seems: it has no content here."""
        return tuple(
            f"{each.path} {REMARKS[each.kind]}" for each in self.entries.values() if each.kind in REMARKS
        )

    def removed(self) -> dict[str, str]:
        """Files that one of the last RECENT commits deleted, by path, with the short name of that commit."""
        listing = self.fetched.git.run(
            "log", f"--max-count={RECENT}", "--no-renames", "--diff-filter=D", "--name-only", "-z",
            "--format=%x01%h", self.sha,
        ).output  # fmt: skip
        found, commit = dict[str, str](), ""
        for name in listing.decode("utf-8", "surrogateescape").split("\0"):
            if name.startswith("\x01"):
                commit = name[1:]
            elif path := visible(name.lstrip("\n")):
                found.setdefault(path, commit)
        return {path: commit for path, commit in found.items() if path not in self.entries}

    def read(self, path: str) -> bytes:
        """The bytes of a file as committed.

        Raises:
            SubmissionError: no such file, not a regular file, or larger than the limit of one file.
            NotMeasured: the source does not have its content.
        """
        entry = self._file(path)
        absent = entry.size == UNKNOWN and entry.oid not in self.ahead
        sizes = _sizes(self.fetched, {entry.oid}) if absent else {entry.oid: entry.size}
        return self._content(entry, sizes)

    def _file(self, path: str) -> Entry:
        entry = self.entries.get(path)
        if entry is None or entry.kind not in ("file", "pointer"):
            found = f"is a {entry.kind}, not a file" if entry else "is not in the commit"
            raise SubmissionError(f"{path} {found}", path, missing=True)
        return entry

    def _content(self, entry: Entry, sizes: Mapping[str, int]) -> bytes:
        """`sizes`: bytes of the contents that are here by now."""
        if entry.oid in self.ahead:
            return self.ahead[entry.oid]
        if entry.oid not in sizes:
            raise NotMeasured(f"the content of {entry.path} is not in the repository that was fetched")
        git, size = self.fetched.git, sizes[entry.oid]
        if size > git.limits.file_bytes:
            message = f"{entry.path} has {size:,} bytes, more than {git.limits.file_bytes:,}"
            raise SubmissionError(message, entry.path)
        return next(git.objects([entry.oid], size + HEADER)).content or b""

    def _near(self, paths: list[str], sizes: Mapping[str, int]) -> dict[str, bytes]:
        """The small contents among these files: git is started once for all of them."""
        oids = {self.entries[path].oid for path in paths if path in self.entries} - self.ahead.keys()
        small = {oid: sizes[oid] for oid in oids if oid in sizes and sizes[oid] <= READ_AHEAD}
        return _read_ahead(self.fetched.git, small) if small else {}

    def export(self, paths: Iterable[str], folder: Path) -> None:
        """Writes files as plain files below `folder`, which is ours and empty, for a program in the sandbox.

        Raises:
            SubmissionError: as `read`, or a name that a careful program would not write.
        """
        wanted = list(paths)
        sizes = _sizes(self.fetched, {self.entries[path].oid for path in wanted if path in self.entries})
        near: dict[str, bytes] = {}
        for at, path in enumerate(wanted):
            if at % AT_ONCE == 0:
                near = self._near(wanted[at : at + AT_ONCE], sizes)
            if not is_plain(path):
                raise SubmissionError(f"{path} has a name that is not written to a disk", path, "rename it")
            entry = self._file(path)
            content = near[entry.oid] if entry.oid in near else self._content(entry, sizes)
            target = folder / path
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch(exist_ok=False)
            except OSError:
                message = f"{path} collides with another file of the commit"
                raise SubmissionError(message, path, "rename it") from None
            target.write_bytes(content)


def tree(fetched: Fetched, sha: str) -> Tree:
    """The files of the commit `sha`, with the content that checks are likely to read fetched in one go.

    Raises:
        SubmissionError: more files, deeper folders, longer names or more bytes than the limits.
    """
    git = fetched.git
    output_bytes = git.limits.entries * (git.limits.path_bytes + 60)
    listing = git.output("ls-tree", "-r", "-z", "--full-tree", sha, output_bytes=output_bytes)
    rows = [_row(line) for line in listing.split(b"\0") if line]
    _refuse_bombs(git, rows)
    light = {oid for path, kind, oid in rows if kind == "file" and not HEAVY.search(path)}
    known = _sizes(fetched, light)
    total = sum(known.get(oid, 0) for _, _, oid in rows)
    if total > git.limits.tree_bytes:
        raise SubmissionError(f"the commit's files have {total:,} bytes, more than {git.limits.tree_bytes:,}")
    ahead = _read_ahead(git, known)
    entries = (Entry(path, kind, oid, known.get(oid, UNKNOWN)) for path, kind, oid in rows)
    return Tree(fetched, {each.path: _told_apart(each, ahead) for each in entries}, ahead, sha)


def is_plain(path: str) -> bool:
    """Whether a path stays below its folder, on every system, and means nothing to git or a shell."""
    parts = PurePosixPath(path).parts
    return (
        "/".join(parts) == path == visible(path)
        and "\\" not in path
        and all(part not in ("/", ".", "..") and part.lower() != ".git" for part in parts)
        and all(len(os.fsencode(part)) < 256 for part in parts)
    )


def _row(line: bytes) -> tuple[str, Kind, str]:
    about, _, name = line.partition(b"\t")
    mode, _, oid = about.decode("ascii").split(" ")
    return visible(name.decode("utf-8", "surrogateescape")), KINDS.get(mode, "other"), oid


def _refuse_bombs(git: Git, rows: list[tuple[str, Kind, str]]) -> None:
    limits = git.limits
    if len(rows) > limits.entries:
        raise SubmissionError(f"the commit has {len(rows):,} files, more than {limits.entries:,}")
    for path, _, _ in rows:
        if path.count("/") > limits.depth:
            raise SubmissionError(f"a file lies more than {limits.depth} folders deep", path[:60])
        if len(os.fsencode(path)) > limits.path_bytes:
            raise SubmissionError(f"a path is longer than {limits.path_bytes} bytes", path[:60])


def _sizes(fetched: Fetched, oids: set[str]) -> dict[str, int]:
    """Bytes of the blobs `oids`. What was left at the source is fetched; what it lacks is left out."""
    known = _local_sizes(fetched.git, oids)
    for source in (fetched.address, fetched.store):
        absent = oids - known.keys()
        if absent and source:
            _bring(fetched.git, source, sorted(absent))
            known |= _local_sizes(fetched.git, absent)
    return known


def _bring(git: Git, source: Address, oids: list[str]) -> None:
    """Fetches blobs in one go. A source that lacks one of them refuses all; halves find the others."""
    given = "".join(f"{oid}\n" for oid in oids).encode()
    complaint = fetching.bring(git, source, ("--filter=blob:none", "--stdin", "student"), given)
    if complaint is None:
        return
    if not complaints.LACKING.search(complaint):
        raise complaints.trouble(source, complaint)
    if len(oids) > 1:
        middle = len(oids) // 2
        _bring(git, source, oids[:middle])
        _bring(git, source, oids[middle:])


def _local_sizes(git: Git, oids: set[str]) -> dict[str, int]:
    given = "".join(f"{oid}\n" for oid in sorted(oids)).encode()
    listing = git.output("cat-file", "--batch-check", given=given).decode("ascii")
    rows = (line.split(" ") for line in listing.splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[1] == "blob"}


def _read_ahead(git: Git, known: dict[str, int]) -> dict[str, bytes]:
    oids, total = [], 0
    for oid, size in sorted(known.items(), key=lambda item: item[1]):
        total += size
        if size > READ_AHEAD or total > READ_AHEAD_ALL:
            break
        oids.append(oid)
    objects = git.objects(oids, READ_AHEAD_ALL + HEADER * len(oids))
    return {each.oid: each.content for each in objects if each.content is not None}


def _told_apart(entry: Entry, ahead: dict[str, bytes]) -> Entry:
    """A file that is only a Git LFS pointer is called so."""
    small = entry.kind == "file" and 0 <= entry.size <= lfs.LONGEST
    pointer = small and lfs.is_pointer(ahead.get(entry.oid, b""))
    return replace(entry, kind="pointer") if pointer else entry
