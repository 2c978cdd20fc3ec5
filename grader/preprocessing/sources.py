"""The Python files of a submission as syntax trees, read with limits and never run."""

import ast
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath

from msgspec import Struct

from grader.errors import SubmissionError
from grader.submission import Submission

FILES = 200
BYTES = 200_000  # of one file; a longer one was not written by hand
NOT_OURS = {"tests", "test", "venv", "site-packages", "node_modules", "__pycache__", "build", "dist"}


class Source(Struct, frozen=True):
    """One module. `tree` is None where the text is no Python that this interpreter can parse."""

    path: str
    tree: ast.Module | None


def read(submission: Submission) -> tuple[Source, ...]:
    """Every module that the student may have written, in the order of their paths."""
    return tuple(Source(path, _tree(submission, path)) for path in _paths(submission))


def _paths(submission: Submission) -> Iterator[str]:
    own = (path for path in sorted(submission.sizes) if path.endswith(".py") and _is_own(path))
    yield from list(own)[:FILES]


def _is_own(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    return not NOT_OURS & set(folders) and not any(part.startswith(".") for part in (*folders, name))


def _tree(submission: Submission, path: str) -> ast.Module | None:
    """Python's parser bounds nesting itself: hostile text raises, it does not overflow the stack."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the student's invalid escapes are not our output
            return ast.parse(submission.text(path, limit=BYTES))
    except (SubmissionError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
