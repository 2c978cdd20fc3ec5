"""Python files and notebooks as syntax trees, with the places of their lines."""

import ast
import bisect
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading.programs import notebook
from grader.submission import Submission

FILES = 200
BYTES = 200_000  # of one file; a longer one was not written by hand
NOTEBOOK_BYTES = 50_000_000  # with the pictures in it
TOTAL_BYTES = 200_000_000
CALLS = 5_000  # of one file
NOT_OURS = {"tests", "test", "venv", "site-packages", "node_modules", "__pycache__", "build", "dist"}


class Command(Struct, frozen=True):
    """A line of a notebook that a shell runs, such as `!wget ...`."""

    where: str
    text: str


class Source(Struct, frozen=True):
    """One module or notebook. `tree` is None where the text is no Python that this interpreter can parse.

    `cells` are the first lines of a notebook's cells and their numbers, both rising.
    """

    path: str
    tree: ast.Module | None
    cells: tuple[tuple[int, int], ...] = ()
    commands: tuple[Command, ...] = ()
    text: str = ""

    def place(self, line: int) -> str:
        """`path:line` in a module, `path#c7` in a notebook (all its cells counted from 0)."""
        if not self.path.endswith(".ipynb"):
            return f"{self.path}:{line}"
        at = bisect.bisect_right(self.cells, line, key=lambda cell: cell[0])
        return f"{self.path}#c{self.cells[at - 1][1] if at else 0}"


def python_files(submission: Submission) -> tuple[Source, ...]:
    """Every module that the student may have written, in the order of their paths."""
    own = (path for path in sorted(submission.sizes) if path.endswith(".py") and is_own(path))
    return tuple(_module(submission, path) for path in list(own)[:FILES])


def read(submission: Submission) -> tuple[Source, ...]:
    """Modules, then notebooks. A notebook with a broken cell loses that cell, not its others."""
    paths = (path for path in sorted(submission.sizes) if path.endswith(".ipynb") and is_own(path))
    books, left = [], TOTAL_BYTES
    for path in list(paths)[:FILES]:
        book, size = _notebook(submission, path, min(left, NOTEBOOK_BYTES))
        left -= size
        books.append(book)
    return (*python_files(submission), *books)


def unread(sources: Sequence[Source], about: str) -> tuple[str, ...]:
    """What could not be read, or not as Python, and may hold something of the pattern `about`."""
    return tuple(
        source.path
        for source in sources
        if source.tree is None and (not source.text or re.search(about, source.text))
    )


def is_own(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    return not NOT_OURS & set(folders) and not any(part.startswith(".") for part in (*folders, name))


def _module(submission: Submission, path: str) -> Source:
    try:
        text = submission.text(path, limit=BYTES)
    except (SubmissionError, NotMeasured):
        return Source(path, None)
    return Source(path, parse(text), text=text)


def _notebook(submission: Submission, path: str, limit: int) -> tuple[Source, int]:
    try:
        content = submission.read(path, limit)
        cells = notebook.cells(content)
    except (SubmissionError, NotMeasured, ValueError):
        return Source(path, None), 0
    return _joined(path, cells), len(content)


def _joined(path: str, cells: Sequence[notebook.Cell]) -> Source:
    """All cells as one module, in the order in which they stand, since execution counts cannot be trusted."""
    body: list[ast.stmt] = []
    starts, commands, texts = [], [], []
    line = 1
    for cell in cells:
        tree = parse(cell.code)
        starts.append((line, cell.number))
        commands += [Command(f"{path}#c{cell.number}", text) for text in cell.commands]
        texts.append(cell.code)
        if tree:
            ast.increment_lineno(tree, line - 1)
            body += tree.body
        line += cell.code.count("\n") + 1
    module = ast.Module(body=body, type_ignores=[])
    return Source(path, module, tuple(starts), tuple(commands), "\n".join(texts))


def parse(text: str) -> ast.Module | None:
    """Python's parser bounds nesting itself: hostile text raises, it does not overflow the stack."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the student's invalid escapes are not our output
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def calls(tree: ast.Module | None) -> Iterator[ast.Call]:
    """The calls of a module in the order of their lines."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    yield from sorted(found[:CALLS], key=lambda call: (call.lineno, call.col_offset))
