"""Notebooks saved as HTML (`jupyter nbconvert --to html`, both layouts), and blocks of code in Markdown."""

import html
import re
from collections.abc import Iterator
from itertools import islice

from grader.reading.logs import lines
from grader.reading.logs.cell_outputs import ANY_TAG, Cell, table_rows
from grader.reading.logs.lines import Line

CELLS_LIMIT = 5_000
OUTPUT_LIMIT = 20_000_000  # characters

# A cell of any kind begins with all classes of one of these sets; its outputs with one of OUTPUT.
CELLS = ({"jp-Cell"}, {"cell", "border-box-sizing"})
OUTPUT = frozenset({"jp-Cell-outputWrapper", "output_wrapper"})
DIVISION = re.compile(r'<div\b[^<>"]{0,100}class="([^"<>]{1,300})"')
OPENED = re.compile(r"<(pre|table)\b[^<>]{0,300}>", re.IGNORECASE)
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


def is_export(text: str) -> bool:
    return next(_cells(text), None) is not None


def cells(text: str) -> Iterator[Cell]:
    """The cells that have outputs, counted from 0 over all cells."""
    for number, source, output in islice(_cells(text), CELLS_LIMIT):
        shown = tuple(_shown(output[:OUTPUT_LIMIT]))
        plain = html.unescape(ANY_TAG.sub("", source))
        yield Cell(number, plain, shown, failed=False, finished=None, widget=False)


def _cells(text: str) -> Iterator[tuple[int, str, str]]:
    """The number, source and output of each cell with output, as HTML."""
    number, begin, middle = -1, 0, 0
    for found in DIVISION.finditer(text):
        classes = set(found[1].split())
        if any(wanted <= classes for wanted in CELLS):
            if middle:
                yield number, text[begin:middle], text[middle : found.start()]
            number, begin, middle = number + 1, found.end(), 0
        elif OUTPUT & classes and number >= 0 and not middle:
            middle = found.end()
    if middle:
        yield number, text[begin:middle], text[middle:]


def _shown(output: str) -> Iterator[Line]:
    """Text and tables in the order in which they stand; nothing inside a table is read twice."""
    at = 0
    small = output.lower()
    while found := OPENED.search(output, at):
        name = found[1].lower()
        at = small.find(f"</{name}", found.end())
        at = at if at >= 0 else len(output)
        if name == "table":
            rows = table_rows(output[found.start() : at])
            yield from (Line(number, row, table=True) for number, row in enumerate(rows, 1))
        else:
            yield from lines.split(html.unescape(ANY_TAG.sub("", output[found.end() : at])))


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks of a Markdown text, each with the number of its first line."""
    opened, first, held = "", 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence and not opened:
            opened, first, held = fence[1], number + 1, []
        elif opened and fence and fence[1].startswith(opened):
            yield first, "\n".join(held)
            opened = ""
        elif opened:
            held.append(line)
