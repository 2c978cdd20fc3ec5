"""One student's work, frozen at the commit that counts: all that a check can see."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from grader.deadlines import Timeline
from grader.ground import encoded, lfs
from grader.ground.errors import SubmissionError
from grader.ground.spelling import Spellings

Value = TypeVar("Value")

# Told what is being done, and how far it is: "" at the start of a step, else such as "8 of 200".
Progress = Callable[[str, str], None]

TEXT_LIMIT = 20_000_000  # bytes; larger text files are refused before they are read
BINARY_LIMIT = 1_000_000_000


class Files(Protocol):
    """The content of one commit, read without a work tree. Paths are relative, with `/`."""

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each regular file, -1 where its content was not fetched yet. No links, no submodules."""
        ...

    def objects(self) -> Mapping[str, str]:
        """A name of each file's content, by path: the same bytes have the same name. Reads nothing."""
        ...

    def removed(self) -> Mapping[str, str]:
        """Files that recent commits deleted, by path, with the name of the commit."""
        ...

    def read(self, path: str) -> bytes: ...

    def export(self, paths: Iterable[str], folder: Path) -> None:
        """Writes files as plain files below `folder`. Raises SubmissionError."""
        ...


class Overlaid:
    """A commit's files with some of them replaced or gone (None), and further ones."""

    def __init__(self, below: Files, above: Mapping[str, bytes | None]) -> None:
        self._below = below
        self._gone = {path for path, content in above.items() if content is None}
        self._above = {path: content for path, content in above.items() if content is not None}

    def sizes(self) -> Mapping[str, int]:
        sizes = {**self._below.sizes(), **{path: len(content) for path, content in self._above.items()}}
        return {path: size for path, size in sizes.items() if path not in self._gone}

    def objects(self) -> Mapping[str, str]:
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in self._above.items()}
        names = {**self._below.objects(), **digests}
        return {path: name for path, name in names.items() if path not in self._gone}

    def removed(self) -> Mapping[str, str]:
        return self._below.removed()

    def read(self, path: str) -> bytes:
        return self._above[path] if path in self._above else self._below.read(path)

    def export(self, paths: Iterable[str], folder: Path) -> None:
        wanted = set(paths)
        self._below.export(wanted - self._above.keys(), folder)
        for path in wanted & self._above.keys():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(self._above[path])


def silence(_step: str, _far: str) -> None:
    """Nobody is told."""


class Surroundings(Struct, frozen=True):
    """What the grader's machine offers beside the submission."""

    scratch: Path  # ours, empty at the start, deleted at the end
    cache: Path  # ours, kept between runs
    images: Path | None = None  # a folder with the images of a data source that has no address
    mirror: str = ""  # where Open Images is served from; "" is its public address
    weights: Path | None = None  # a folder with pretrained weights, for machines without network
    device: str = "auto"  # auto | cpu | cuda | mps
    static: bool = False  # only what reads files: no worker, no network, no program of the submission
    pool: Path | None = None  # fresh images that no student listed: one folder for each class
    python: Path | None = None  # the environment that runs a submission's programs; None: this one
    unsafe: bool = False  # run them without a sandbox: for one's own work only
    progress: Progress = silence

    @property
    def offered(self) -> tuple[str, ...]:
        """The names of what was given to the grader besides the machine: more of it lets more be measured."""
        return tuple(
            name
            for name in ("images", "mirror", "weights", "pool", "python", "unsafe")
            if getattr(self, name)
        )


class Submission:
    """Reads are bounded; a missing file is a SubmissionError that says where it was looked for."""

    def __init__(
        self,
        files: Files,
        timeline: Timeline,
        sha: str,
        surroundings: Surroundings,
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.timeline = timeline  # the history, as the deadline rules need it
        self.sha = sha  # the commit that `files` are of; empty where there is none
        self.surroundings = surroundings
        self.remarks = remarks  # what is odd about the repository itself, in sentences
        self._files = files
        self._sizes = dict(files.sizes())
        self._known: dict[Callable[[Submission], Any], Any] = {}

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each file, by path."""
        return self._sizes

    @property
    def objects(self) -> Mapping[str, str]:
        """A name of each file's content, by path: the same bytes have the same name."""
        return self._files.objects()

    @property
    def removed(self) -> Mapping[str, str]:
        """Files that recent commits deleted, by path, with the name of the commit."""
        return self._files.removed()

    def has(self, path: str) -> bool:
        return path in self._sizes

    def spelled(self, path: str) -> str:
        """The file that a student means by `path`: `./x`, `a\\b`, letter case and accents differ."""
        return path if path in self._sizes else self.once(_spellings).of(path)

    def read(self, path: str, limit: int = BINARY_LIMIT) -> bytes:
        """The bytes of a file.

        Raises:
            SubmissionError: it is not there, it is a Git LFS pointer, or it is larger than `limit` bytes.
        """
        size = self._sizes.get(path)
        if size is None:
            raise SubmissionError(
                f"{path} is not in the commit",
                path,
                "make it, add it with git add -f and commit; or correct its path in submission.toml",
                missing=True,
            )
        content = self._files.read(path) if size <= limit else b""
        size = max(size, len(content))
        if size > limit:
            raise SubmissionError(f"{path} has {size:,} bytes, more than the {limit:,} that are read", path)
        if lfs.is_pointer(content):
            raise SubmissionError(
                f"{path} is a Git LFS pointer, not the file itself",
                path,
                "stop tracking it with git lfs (git lfs untrack), then add the file again",
                missing=True,
            )
        return content

    def text(self, path: str, limit: int = TEXT_LIMIT) -> str:
        """A text file as UTF-8, or as its byte order mark says. Raises SubmissionError as `read` does."""
        content = self.read(path, limit)
        try:
            return encoded.text(content)
        except UnicodeDecodeError as error:
            raise SubmissionError(
                f"{path}: byte {error.start} is not {error.encoding.upper()}", path, "save the file as UTF-8"
            ) from None

    def export(self, paths: Iterable[str], folder: Path) -> None:
        """Writes these files below `folder`, which is ours and empty, for a program in the sandbox.

        Raises:
            SubmissionError: a name or a content that is not written to a disk.
        """
        self._files.export(paths, folder)

    def with_files(self, files: Mapping[str, bytes | None]) -> "Submission":
        """The same submission as if these files had been handed in, or (None) had not."""
        overlaid = Overlaid(self._files, files)
        return Submission(overlaid, self.timeline, self.sha, self.surroundings, self.remarks)

    def once(self, measure: "Callable[[Submission], Value]") -> Value:
        """`measure(self)`, computed at the first call: two checks may share one measurement."""
        if measure not in self._known:
            self._known[measure] = measure(self)
        value: Value = self._known[measure]
        return value


def _spellings(submission: Submission) -> Spellings:
    return Spellings(submission.sizes)
