"""What a student handed in for a lab: a Python file or a notebook with the functions, and its modules."""

import bisect
import json
from collections.abc import Sequence

from msgspec import Struct

from grader.ground.errors import SubmissionError
from grader.reading import notebooks
from grader.submission import Submission

FILE_BYTES = 200_000
NOTEBOOK_BYTES = 20_000_000
NOT_WRITTEN = b"raise NotImplementedError"
MODULES = 50  # further Python files of its folder that it may import


class Work(Struct, frozen=True):
    """`files` are texts by path. For a notebook that at `main` is a JSON list of its cells, and `starts`
    are the first line of each cell, counted on, and its number. `others`: other forms of the lab, unread.
    """

    main: str
    files: dict[str, str]
    starts: tuple[tuple[int, int], ...] = ()
    others: tuple[str, ...] = ()

    @property
    def is_notebook(self) -> bool:
        return self.main.endswith(".ipynb")


def read(submission: Submission, paths: Sequence[str]) -> Work:
    """The first of `paths` that is there, of several the one in which more is written.

    Raises SubmissionError where none is, or it cannot be read.
    """
    there = [path for path in paths if submission.has(path)]
    if not there:
        known = " or ".join(paths)
        names = {path.rpartition("/")[2].lower() for path in paths}
        elsewhere = [path for path in sorted(submission.sizes) if path.rpartition("/")[2].lower() in names]
        hint = "put the lab's starter file there, write its functions, commit and push"
        if elsewhere:
            hint = f"{elsewhere[0]} is: move it there, commit and push"
        raise SubmissionError(f"{known} is not in the commit", paths[0], hint, missing=True)
    main = min(there, key=lambda path: _unwritten(submission, path)) if there[1:] else there[0]
    others = tuple(path for path in there if path != main)
    modules = _modules(submission, main)
    if not main.endswith(".ipynb"):
        return Work(main, {**modules, main: submission.text(main, FILE_BYTES)}, (), others)
    try:
        book = notebooks.parse(submission.read(main, NOTEBOOK_BYTES))
    except ValueError as trouble:
        raise SubmissionError(f"{main} is {trouble}", main, "save it in Jupyter again") from None
    texts, starts, line = [], [], 1
    for cell in book.cells:
        code = notebooks.translate(cell.source)
        if cell.kind == "code" and code.language == "python":
            texts.append("\n" * (line - 1) + code.text)
            starts.append((line, cell.number))
            line += code.text.count("\n") + 1
    return Work(main, {**modules, main: json.dumps(texts)}, tuple(starts), others)


def _unwritten(submission: Submission, path: str) -> tuple[bool, int]:
    """Whether no function is in it, and how many are still the starter's.

    Often both starters are committed, and one is filled in; the other may have been emptied.
    """
    try:
        content = submission.read(path, NOTEBOOK_BYTES)
    except SubmissionError:
        return True, 0
    return b"def " not in content, content.count(NOT_WRITTEN)


def _modules(submission: Submission, main: str) -> dict[str, str]:
    """The other Python files of its folder. One that cannot be read is not there for it either."""
    folder = main.rpartition("/")[0]
    beside = [path for path in sorted(submission.sizes) if path.endswith(".py") and path != main]
    found = {}
    for path in [path for path in beside if path.rpartition("/")[0] == folder][:MODULES]:
        try:
            found[path] = submission.text(path, FILE_BYTES)
        except SubmissionError:
            continue
    return found


def place(path: str, starts: Sequence[tuple[int, int]], line: int) -> str:
    """`path:line` in a file, `path#c7` in a notebook, all its cells counted from 0."""
    if not line:
        return path
    if not starts:
        return f"{path}:{line}"
    at = bisect.bisect_right(starts, line, key=lambda start: start[0])
    return f"{path}#c{starts[max(0, at - 1)][1]}"
