"""How much of the code is explained: comments, docstrings and markdown cells, per line of code."""

import ast
import io
import tokenize
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from grader.errors import NotMeasured, SubmissionError
from grader.programs import read
from grader.submission import Submission

MARKDOWN_BYTES = 50_000_000


class Comments(Struct, frozen=True):
    """Words of explanation, lines of code, and functions without any word about them."""

    words: int = 0
    code_lines: int = 0
    functions: int = 0
    unexplained: tuple[str, ...] = ()

    @property
    def words_per_line(self) -> float:
        return self.words / self.code_lines if self.code_lines else 0.0


def comments(submission: Submission) -> Comments:
    """Over all programs that can be read. Commented-out code is no explanation."""
    words = lines = functions = 0
    unexplained: list[str] = []
    for source in submission.once(read):
        if source.tree is None:
            continue
        own = list(_comments(source.text))
        words += sum(len(text.split()) for _, text in own)
        lines += sum(
            bool(line.strip()) and not line.lstrip().startswith("#") for line in source.text.splitlines()
        )
        commented = {line for line, _ in own}
        for function in [node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef)]:
            functions += 1
            documented = ast.get_docstring(function)
            words += len(documented.split()) if documented else 0
            inside = range(function.lineno - 1, (function.end_lineno or function.lineno) + 1)
            if not documented and commented.isdisjoint(inside):
                unexplained.append(source.place(function.lineno))
    words += sum(_markdown(submission, path) for path in submission.sizes if path.endswith(".ipynb"))
    return Comments(words, lines, functions, tuple(unexplained[:10]))


def _comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            content = token.string.lstrip("#! ").strip()
            if token.type == tokenize.COMMENT and content and not _is_code(content):
                yield token.start[0], content
    except (tokenize.TokenError, SyntaxError):
        return


def _is_code(content: str) -> bool:
    """`# model.fit(x, y)` parses as a statement that a sentence never is."""
    try:
        body = ast.parse(content).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(not isinstance(each, ast.Expr) or isinstance(each.value, ast.Call) for each in body)


def _markdown(submission: Submission, path: str) -> int:
    try:
        book = msgspec.json.decode(submission.read(path, MARKDOWN_BYTES))
        cells = [cell for cell in book["cells"] if cell.get("cell_type") == "markdown"]
        return sum(len("".join(cell.get("source", "")).split()) for cell in cells)
    except (
        SubmissionError,
        NotMeasured,
        msgspec.DecodeError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return 0
