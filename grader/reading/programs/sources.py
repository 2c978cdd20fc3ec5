"""Python files and notebooks as syntax trees, with the places of their lines and what could not be read."""

import ast
import bisect
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import notebooks, texts
from grader.reading.programs import syntax
from grader.submission import Submission

FILES = 200  # modules, and as many notebooks
BYTES = 200_000  # of one file; a longer one was not written by hand
TOTAL_BYTES = 200_000_000
FOREIGN = (".r", ".rmd", ".qmd", ".jl", ".lua", ".mlx")  # in which networks are trained, too
CALLS = 5_000  # of one file
NOT_OURS = {"tests", "test", "venv", "site-packages", "node_modules", "__pycache__", "build", "dist"}


class Command(Struct, frozen=True):
    """A line of a notebook that a shell runs, such as `!wget ...`."""

    where: str
    text: str


class Unread(Struct, frozen=True):
    """What stands at `where` is not known as Python; `text` is what is known of it, "" for nothing."""

    where: str
    reason: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.where} ({self.reason})"


class Source(Struct, frozen=True):
    """One module or notebook. `tree` is None where nothing of it could be read as Python.

    `cells` are the first lines of a notebook's cells and their numbers, both rising; `text` is what the tree
    was made of, with blank lines for a cell that is `unread`; `prose` are the texts between its cells.
    """

    path: str
    tree: ast.Module | None
    cells: tuple[tuple[int, int], ...] = ()
    commands: tuple[Command, ...] = ()
    text: str = ""
    unread: tuple[Unread, ...] = ()
    prose: tuple[str, ...] = ()

    def place(self, line: int) -> str:
        """`path:line` in a module, `path#c7` in a notebook (all its cells counted from 0)."""
        if not self.path.endswith(".ipynb"):
            return f"{self.path}:{line}"
        at = bisect.bisect_right(self.cells, line, key=lambda cell: cell[0])
        return f"{self.path}#c{self.cells[at - 1][1] if at else 0}"


def read(submission: Submission) -> tuple[Source, ...]:
    """Modules, then notebooks. A notebook with a broken cell loses that cell, not its others."""
    own = [path for path in sorted(submission.sizes) if is_own(path)]
    modules = [path for path in own if path.endswith(".py")]
    books = [path for path in own if path.endswith(".ipynb")]
    found = [_module(submission, path) for path in modules[:FILES]]
    left = TOTAL_BYTES
    for path in books[:FILES]:
        found.append(_notebook(submission, path, min(left, notebooks.BYTES)))
        left -= max(0, submission.sizes[path])
    beyond = [*modules[FILES:], *books[FILES:]]
    foreign = [path for path in own if PurePosixPath(path).suffix.lower() in FOREIGN]
    if not any(path.endswith((".h", ".mm", ".swift", ".pbxproj")) for path in own):
        foreign += [path for path in own if path.endswith(".m")]  # MATLAB's, where nothing is for a telephone
    found += [_lost(path, "a program in another language than Python") for path in foreign[:1]]
    return (*found, *[_lost(path, f"beyond the {FILES} that are read") for path in beyond[:1]])


def unread(sources: Sequence[Source], about: str) -> tuple[str, ...]:
    """What could not be read and may hold something of the pattern `about`, with its place and the reason.

    A cell that is lost may be the one that calls what the others define, whatever words it has.
    """
    return tuple(
        str(lost)
        for source in sources
        for lost in source.unread
        if source.tree is not None or not lost.text or re.search(about, lost.text)
    )


def is_own(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    return not NOT_OURS & set(folders) and not any(part.startswith(".") for part in (*folders, name))


def _module(submission: Submission, path: str) -> Source:
    try:
        text = texts.python(submission.read(path, BYTES))
        if text is None:
            raise ValueError("it is no text")
    except (SubmissionError, NotMeasured, ValueError) as trouble:
        return _lost(path, str(trouble))
    try:
        return Source(path, syntax.parse(text.content), text=text.content)
    except syntax.NotPython as trouble:
        return _lost(path, str(trouble), text.content)


def _lost(path: str, reason: str, text: str = "") -> Source:
    reason = reason.removeprefix(path).lstrip(": ")
    return Source(path, None, text=text, unread=(Unread(path, reason, text),))


def _notebook(submission: Submission, path: str, limit: int) -> Source:
    try:
        book = notebooks.parse(submission.read(path, limit))
    except (SubmissionError, NotMeasured, ValueError) as trouble:
        return _lost(path, str(trouble))
    if "python" not in book.language:
        return _lost(path, f"a notebook in {book.language}")
    return _joined(path, book)


def _joined(path: str, book: notebooks.Notebook) -> Source:
    """All cells as one module, in the order in which they stand, since execution counts cannot be trusted."""
    body: list[ast.stmt] = []
    starts, commands, written = [], [], []
    lost = [Unread(path, f"{book.left_out} cells beyond the first")] if book.left_out else []
    line = 1
    for cell in book.cells:
        if cell.kind == "code":
            where = f"{path}#c{cell.number}"
            code = notebooks.translate(cell.source)
            commands += [Command(where, command.text) for command in code.commands]
            tree, text, trouble = _parsed(code)
            lost += [Unread(where, trouble, code.text)] if trouble else []
            starts.append((line, cell.number))
            written.append(text)
            body += ast.increment_lineno(tree, line - 1).body
            line += text.count("\n") + 1
    return Source(
        path,
        ast.Module(body=body, type_ignores=[]),
        tuple(starts),
        tuple(commands),
        "\n".join(written),
        tuple(lost),
        tuple(cell.source for cell in book.cells if cell.kind == "text"),
    )


def _parsed(code: notebooks.Code) -> tuple[ast.Module, str, str]:
    """Tree and text of a cell, and why it is lost, "" where it is not: then its lines are blank."""
    text = code.text if code.language == "python" else ""
    try:
        return syntax.parse(text), text, ""
    except syntax.NotPython as trouble:
        return ast.Module(body=[], type_ignores=[]), "\n" * text.count("\n"), str(trouble)


def calls(tree: ast.Module | None) -> Iterator[ast.Call]:
    """The calls of a module in the order of their lines."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    yield from sorted(found[:CALLS], key=lambda call: (call.lineno, call.col_offset))
