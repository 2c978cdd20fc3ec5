"""Where the logical lines of a cell begin and end: brackets, strings and backslashes join several."""

import re
from collections.abc import Sequence

from msgspec import Struct

# One step over source text: a string as far as it goes on its line, a comment, or one other character.
STEP = re.compile(
    r"""(?P<triple>\"{3}|'{3})"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*+(?:"|\\?$)|'(?:[^'\\\n]|\\.)*+(?:'|\\?$))"""
    r"""|(?P<comment>\#.*)|(?P<open>[\[({])|(?P<close>[\])}])"""
    r"""|(?P<equal>(?<![=!<>:+\-*/%&|^@])=(?!=))|(?P<space>\s++)|[^\s"'#\[\](){}=]++|."""
)
TRIPLE = {quotes: re.compile(rf"(?:[^\\]|\\.)*?{quotes}") for quotes in ('"' * 3, "'" * 3)}
SINGLE = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*+(?:{quote}|(\\)?$)") for quote in ('"', "'")}
HANDED_OVER = re.compile(r"\s*(?:!|%[^\W\d])")  # behind `=`: `files = !ls`, `took = %time f()`


class Logical(Struct, frozen=True):
    """The lines up to `last`, counted from 0, are one statement or several.

    `handed_over` is line and column of what follows `=` where a shell or a magic gets it; the statement ends
    there. `asks`: it ends with a question mark.
    """

    last: int
    handed_over: tuple[int, int] | None = None
    asks: bool = False


def statement(lines: Sequence[str], first: int) -> Logical:
    """The logical line that begins at `first`."""
    scan = _Scan()
    last = first
    for last in range(first, len(lines)):
        scan.line(lines[last])
        if scan.handed_over is not None:
            return Logical(last, (last, scan.handed_over))
        if not scan.is_open and (scan.commented or not lines[last].endswith("\\")):
            break
    return Logical(last, asks=scan.final == "?" and not scan.commented)


def joined(lines: Sequence[str], first: int, column: int = 0) -> tuple[str, int]:
    """What backslashes make of the lines from `first` on: one line, and the number of its last."""
    last = first
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    pieces = [lines[first][column:], *lines[first + 1 : last + 1]]
    return " ".join([*(piece.rstrip()[:-1] for piece in pieces[:-1]), pieces[-1].rstrip()]), last


class _Scan:
    """What is open while the physical lines go by."""

    def __init__(self) -> None:
        self.depth = 0
        self.quotes = ""  # of a string that goes on on the next line
        self.final = ""  # the last character that is neither space nor comment
        self.commented = False
        self.assigned = False  # the first `=` outside brackets was seen
        self.handed_over: int | None = None  # the column behind it

    @property
    def is_open(self) -> bool:
        return bool(self.depth or self.quotes)

    def line(self, text: str) -> None:
        self.commented = False
        at = self._rest_of_string(text, 0)
        while at < len(text) and self.handed_over is None and (step := STEP.match(text, at)):
            self._take(step)
            at = self._rest_of_string(text, step.end()) if step.lastgroup == "triple" else step.end()

    def _take(self, step: re.Match[str]) -> None:
        kind, text = step.lastgroup, step[0]
        self.final = self.final if kind in ("comment", "space") else text[-1]
        if kind in ("open", "close"):
            self.depth = self.depth + 1 if kind == "open" else max(0, self.depth - 1)
        elif kind == "triple" or (kind == "string" and text.endswith("\\")):
            self.quotes = text if kind == "triple" else text[0]
        elif kind == "equal" and not self.depth and not self.assigned:
            self.assigned = True
            self.handed_over = step.end() if HANDED_OVER.match(step.string, step.end()) else None
        self.commented = kind == "comment"

    def _rest_of_string(self, text: str, at: int) -> int:
        """Where the string ends that is open at `at`: at the end of the line if it goes on."""
        if not self.quotes:
            return at
        self.final = self.quotes[0]
        end = (TRIPLE | SINGLE)[self.quotes].match(text, at)
        if len(self.quotes) == 3:
            self.quotes = "" if end else self.quotes
        elif end is None or not end[1]:
            self.quotes = ""
        return end.end() if end else len(text)
