"""Turns text into plain lines: no colours, no carriage returns, no logger prefixes."""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

LINE_LIMIT = 1_000_000  # characters; the rest of a longer line is not read
LINES_LIMIT = 300_000
PIECES_LIMIT = 2_000_000  # between two ends of lines or returns, kept or not

ANSI = re.compile(r"\x1b(?:\[[0-9;?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\-_])")
BREAKS = re.compile(r"(\r\n|[\n\r\x08\x0b\x0c])[\n\r\x08\x0b\x0c]*+")

# `12/25 [==>`, `Epoch 3:  48%|####     | 12/25 [`
PARTIAL = re.compile(r"(?:[^|\n]{0,80}%\|[^|]{0,400}\|)?\s{0,8}(\d{1,9})/(\d{1,9})[\s\[]")

# A whole bar of tqdm, with what another line printed behind it.
BAR = re.compile(r"^[^|\n]{0,80}%\|[^|\n]{0,400}\|\s{0,8}\d{1,9}/\d{1,9}\s?\[[^\]\n]{0,120}\]\s{0,4}")
HEADED = re.compile(r"^\W{0,20}(?:ep(?:och)?\b|train|val|test)", re.IGNORECASE)

CONTAINER = re.compile(r"^[\w.-]{1,60}[-_]\d{1,4}\s{1,20}\|\s?")
TIME = re.compile(
    r"^\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]{1,2}|\w{3} \d\d )?\d\d:\d\d:\d\d(?:[.,]\d{3,6}(?![\d.,;]))?"
    r"(?:Z|\s?[+-]\d\d:?\d\d)?\]?(?=[\s:|\[-])[\s:|-]{0,8}"
)
LEVEL = re.compile(
    r"^(?:[\w.]{1,60}\s{0,4}[-:|]\s{0,4}|\[[\w.]{1,60}\]\s?(?:-\s?)?)?"
    r"[\[(]?(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL)[\])]?\s{0,10}(?:[:|-]|(?<=[\]) ]))\s{0,4}"
)
LOGGER = re.compile(
    r"^(?:[A-Za-z_][\w.]{0,60}:(?=[^\s\d])|(?:root|__main__|[\w.]{1,60}\.py(?::\d{1,6})?)\s?[:|-]{1,2}\s)"
)


class Line(Struct, frozen=True):
    """`number` counts from 1 in the file as an editor shows it. `table` marks a row of an HTML table."""

    number: int
    text: str
    table: bool = False


def split(text: str, first: int = 1) -> Iterator[Line]:
    """Clean, non-empty lines. A carriage return or a backspace ends a piece, not an editor's line.

    A progress bar that is not full and was drawn over again says nothing that the next one does not.
    """
    start, number, kept = 0, first, 0
    for ending in islice(BREAKS.finditer(text + "\n"), PIECES_LIMIT):
        piece = text[start : min(ending.start(), start + LINE_LIMIT)]
        start = ending.end()
        line = "" if "\n" not in ending[1] and _is_partial(piece) else clean(piece)
        if line:
            kept += 1
            yield Line(number, line)
        number += ending[0].count("\n")
        if kept >= LINES_LIMIT:
            return


def _is_partial(piece: str) -> bool:
    bar = PARTIAL.match(piece)
    return bar is not None and int(bar[1]) < int(bar[2]) and _behind_bar(piece) == piece


def _behind_bar(line: str) -> str:
    """What a logger printed behind a bar that stands on its line, the bar being of no epoch itself."""
    bar = BAR.match(line)
    rest = line[bar.end() :] if bar else ""
    if bar is None or re.search(r"\bep(?:och)?\b", bar[0], re.IGNORECASE):
        return line
    return rest if TIME.match(rest) or HEADED.match(rest) else line


def clean(line: str) -> str:
    """Without colours, container name, time stamp, level and logger name."""
    if "\x1b" in line:
        line = ANSI.sub("", line)
    line = line.strip("\0 \ufeff") if not line.startswith("\t") else line.rstrip("\0 ")
    line = _behind_bar(CONTAINER.sub("", line))
    line = TIME.sub("", line)
    leveled = LEVEL.sub("", line)
    if leveled != line:
        line = LOGGER.sub("", leveled)
    return line.rstrip()
