"""Python source: comments, docstrings, strings and the names that it defines, each with its line.

Only `tokenize` is used, never `ast`: hostile source (thousands of nested brackets) exhausts the stack of
CPython's parser and takes the process with it, and one line that does not parse would hide a whole file.
The names that a file defines are visible in the stream of tokens already: after `def`, `class`, `as` and
`for`, before `=`, and as parameters. Names that are imported or called are somebody else's.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from keyword import iskeyword
from tokenize import TokenInfo

from grader.reading.english.unit import Kind

Piece = tuple[int, Kind, str]  # line (from 1), kind, text

QUOTES = re.compile(r"""^([A-Za-z]*)('''|\"\"\"|'|")(.*?)(?:\2)?$""", re.DOTALL)
ESCAPES = re.compile(r"\\[ntr]")
BETWEEN = {tokenize.NL, tokenize.COMMENT}
STARTS = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
OPEN, CLOSE = set("([{"), set(")]}")
FORMATTED_PIECE = getattr(tokenize, "FSTRING_MIDDLE", -1)  # f-strings are several tokens from Python 3.12 on


def pieces(source: str) -> Iterator[Piece]:
    """Raises tokenize.TokenError, SyntaxError (IndentationError) where the source is no Python."""
    before: TokenInfo | None = None
    names = DefinedNames()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            yield line, "comment", token.string
        elif token.type in (tokenize.STRING, FORMATTED_PIECE):
            kind: Kind = "docstring" if before is None or before.type in STARTS else "string"
            yield from _lines(token, kind)
        if token.type not in BETWEEN:
            yield from ((line, "identifier", name) for line, name in names.feed(token))
            before = token


def _lines(token: TokenInfo, kind: Kind) -> Iterator[Piece]:
    match = QUOTES.match(token.string)
    body = match[3] if match and token.type == tokenize.STRING else token.string
    for number, text in enumerate(body.split("\n")):
        if text.strip():
            yield token.start[0] + number, kind, ESCAPES.sub(" ", text).strip()


class DefinedNames:
    """Fed with the tokens of a file in order, returns the names that they define."""

    def __init__(self) -> None:
        self._statement: list[TokenInfo] = []

    def feed(self, token: TokenInfo) -> list[tuple[int, str]]:
        if token.type in STARTS or token.type == tokenize.ENDMARKER:
            found = _defined(self._statement)
            self._statement = []
            return found
        self._statement.append(token)
        return []


def _defined(statement: list[TokenInfo]) -> list[tuple[int, str]]:
    if not statement or statement[0].string in ("global", "nonlocal", "del"):
        return []
    is_function = any(token.string == "def" for token in statement[:2])
    found: list[tuple[int, str]] = []
    depth = 0
    targets_end = _targets_end(statement)
    for index, token in enumerate(statement):
        if token.string in OPEN:
            depth += 1
        elif token.string in CLOSE:
            depth -= 1
        elif token.type == tokenize.NAME and not iskeyword(token.string):
            before = statement[index - 1].string if index else ""
            after = statement[index + 1].string if index + 1 < len(statement) else ""
            if _defines(before, after, depth, is_function, index < targets_end):
                found.append((token.start[0], token.string))
    return found


def _targets_end(statement: list[TokenInfo]) -> int:
    """The index of the last `=` outside brackets (names before it are assigned to), 0 without one.

    In `for a, b in rows:` the names end at `in`; in `x: int = 1` at the colon.
    """
    end = depth = 0
    if statement[0].string in ("for", "async"):
        return next((index for index, token in enumerate(statement) if token.string == "in"), 0)
    for index, token in enumerate(statement):
        if token.string in OPEN:
            depth += 1
        elif token.string in CLOSE:
            depth -= 1
        elif depth == 0 and token.string == "=":
            end = index
        elif depth == 0 and token.string == ":" and not end and index == 1:
            return index if statement[0].type == tokenize.NAME and not iskeyword(statement[0].string) else 0
    return end


def _defines(before: str, after: str, depth: int, is_function: bool, is_target: bool) -> bool:
    if before in ("def", "class", "as") or after == ":=":
        return True
    if is_function:
        return depth == 1 and before in ("(", ",", "*", "**") and after in (",", ":", "=", ")")
    if before == "for":
        return True
    return is_target and after not in ("(", "[", ".") and (depth == 0 or before in ("(", "[", ",", "*"))
