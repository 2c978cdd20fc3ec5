"""The check `required_files`."""

from collections.abc import Iterator

from msgspec import Struct

from grader import handed_in
from grader.checks.free_form import files as found_files
from grader.checks.free_form.files import FoundFiles
from grader.checks.protocol import Check
from grader.ground import toml
from grader.ground.errors import SubmissionError
from grader.ground.settings import Inside
from grader.ground.verdict import Finding, error, warning
from grader.submission import Submission


class Absent(Struct, frozen=True):
    """A file that was asked for and cannot be read as one, in words."""

    path: str
    message: str
    hint: str


class FilesFound(Struct, frozen=True, tag="declared"):
    """Bytes by path of the files that are there, the others, and what is odd about the repository."""

    present: dict[str, int]
    absent: tuple[Absent, ...]
    remarks: tuple[str, ...] = ()


class RequiredFiles(Check, frozen=True):
    """Everything that has to be handed in is in the commit, as itself and not empty.

    `paths` are taken as they are; `declared` names entries of submission.toml, such as `documents.report`, so
    that a student may call the file otherwise.
    """

    paths: tuple[Inside, ...] = ()
    declared: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.declared:
            return
        from grader import contract  # of the image homework, whose assignments alone have such entries

        for name in self.declared:
            if name not in contract.PATHS:
                raise ValueError(f"declared: {name} names no file{toml.did_you_mean(name, contract.PATHS)}")

    def collect(self, submission: Submission) -> FilesFound | FoundFiles:
        if not submission.has(handed_in.NAME) and (self.declared or handed_in.NAME in self.paths):
            return found_files.collect(submission)
        present: dict[str, int] = {}
        absent: list[Absent] = []
        for path in self._wanted(submission):
            try:
                present[path] = len(submission.read(path))
            except SubmissionError as trouble:
                absent.append(Absent(path, trouble.message, trouble.hint))
        said = handed_in.read(submission).complaint
        remarks = (*filter(None, [said]), *submission.remarks)
        return FilesFound(present, tuple(absent), remarks[: found_files.REMARKS])

    def judge(self, measured: FilesFound | FoundFiles) -> Iterator[Finding]:
        if isinstance(measured, FoundFiles):
            yield from found_files.judge(measured, self.declared)
        else:
            yield from _judge_paths(measured)

    def verified(self, measured: FilesFound | FoundFiles) -> str:
        if isinstance(measured, FoundFiles):
            return found_files.verified(measured, self.declared)
        return self.looked_for()

    def _wanted(self, submission: Submission) -> list[str]:
        if not self.declared:
            return [submission.spelled(path) for path in self.paths]
        from grader import contract

        declared = contract.read(submission)
        chosen = (_entry(declared, name) for name in self.declared)
        paths = [submission.spelled(path) for path in self.paths]
        return [*paths, *(path for entry in chosen for path in entry if path not in paths)]


def _judge_paths(measured: FilesFound) -> Iterator[Finding]:
    for file in measured.absent:
        yield error(file.message, file.path, file.hint)
    for path, size in measured.present.items():
        if size == 0:
            yield error(f"{path} is empty", path, "run the program that writes it, then commit again")
    for remark in measured.remarks:
        yield warning(remark)


def _entry(declared: object, name: str) -> tuple[str, ...]:
    """The path or paths that submission.toml gives under a dotted name; none where it says nothing."""
    value = declared
    for part in name.split("."):
        value = getattr(value, part)
    return value if isinstance(value, tuple) else (str(value),) if value else ()
