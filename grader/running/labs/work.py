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
MODULES = 50  # further Python files of its folder that it may import


class Work(Struct, frozen=True):
    """`files` are texts by path. For a notebook that at `main` is a JSON list of its cells, and `starts`
    are the first line of each cell, counted on, and its number.
    """

    main: str
    files: dict[str, str]
    starts: tuple[tuple[int, int], ...] = ()

    @property
    def is_notebook(self) -> bool:
        return self.main.endswith(".ipynb")


def read(submission: Submission, paths: Sequence[str]) -> Work:
    """The first of `paths` that is there. Raises SubmissionError where none is, or it cannot be read."""
    main = next((path for path in paths if submission.has(path)), None)
    if main is None:
        known = " or ".join(paths)
        raise SubmissionError(
            f"{known} is not in the commit",
            paths[0],
            "put the lab's starter file there, write its functions, commit and push",
            missing=True,
        )
    modules = _modules(submission, main)
    if not main.endswith(".ipynb"):
        return Work(main, {**modules, main: submission.text(main, FILE_BYTES)})
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
    return Work(main, {**modules, main: json.dumps(texts)}, tuple(starts))


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
