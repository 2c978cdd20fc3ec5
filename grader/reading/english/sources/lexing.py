"""Comments and strings of one source text, through a lexer of Pygments."""

import re
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Literal, String, Text, Token, _TokenType

from grader.reading.english.sources.python import Piece
from grader.reading.english.unit import Kind

LONGEST_LINE = 5_000  # characters; the rest of a longer line is cut off before the lexer sees it
QUOTES = "\"'`"
MARKS = re.compile(r"^\s*(?://+|#+|--+(?:\[\[)?|%+|/\*+|\*+/?|;+|::|REM\b)\s?|\s*(?:\*/|\]\])\s*$")
SILENT = (
    Comment.Preproc,
    Comment.PreprocFile,
    Comment.Hashbang,
    String.Interpol,
    String.Escape,
    String.Regex,
    String.Affix,
)
SCALARS = (String, Literal.Scalar, Literal.String)


def pieces(source: str, language: str) -> Iterator[Piece]:
    """`language` is the name of a lexer."""
    lexer: Lexer = get_lexer_by_name(language, stripnl=False)
    source = "".join(f"{line[:LONGEST_LINE]}\n" for line in source.splitlines())
    line, start = 1, 1
    held, kind = "", None
    for token, text in lexer.get_tokens(source):
        found = _kind(token, language)
        if found != kind or (kind == "comment" and held.endswith("\n")):
            yield from _flushed(held, kind, start)
            held, kind, start = "", found, line
        held += text
        line += text.count("\n")
    yield from _flushed(held, kind, start)


def _kind(token: _TokenType, language: str) -> Kind | None:
    if any(token in silent for silent in SILENT):
        return None
    if token in Comment:
        return "comment"
    if any(token in scalar for scalar in SCALARS):
        return "string"
    if language == "tex" and (token in Text or token is Token.Text):
        return "markdown"
    return None


def _flushed(held: str, kind: Kind | None, start: int) -> Iterator[Piece]:
    if kind is None:
        return
    for number, line in enumerate(held.split("\n")):
        text = MARKS.sub("", line).strip() if kind == "comment" else line.strip().strip(QUOTES).strip()
        if text:
            yield start + number, kind, text
