"""What the cells of a notebook printed, as lines."""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from grader.reading import notebooks
from grader.reading.logs import lines
from grader.reading.logs.lines import Line
from grader.reading.notebooks import Output

LINES_LIMIT = 300_000  # of one notebook

# The last line of a pandas series: one row of a table that was looked up, no epoch that was trained.
SERIES = re.compile(r"(?:^|\n)(?:Name: [^\n]{1,100}, )?dtype: \w{1,20}\s*$")
CELL_TAG = re.compile(r"<(/?)(tr|td|th|table)(?:\s[^<>]{0,1000})?>", re.IGNORECASE)
ANY_TAG = re.compile(r"<[^<>]{0,1000}>")


class Cell(Struct, frozen=True):
    """One code cell: its number counted from 0 over all cells, its source, and what it printed.

    `finished` is True where a later execution proves that this one came to its end, False where it was
    interrupted, None where nobody can tell.
    """

    number: int
    source: str
    lines: tuple[Line, ...]
    failed: bool
    finished: bool | None
    widget: bool


def cells(content: bytes) -> tuple[Cell, ...]:
    """The code cells, with and without outputs.

    Raises:
        ValueError: the file is not a notebook, or prints without end.
    """
    found = [cell for cell in notebooks.parse(content).cells if cell.kind == "code"]
    latest = max((cell.executed for cell in found), default=0)
    read: list[Cell] = []
    left = LINES_LIMIT
    for cell in found:
        read.append(_cell(cell, latest, left))
        left -= len(read[-1].lines)
        if left < 0:
            raise ValueError(f"its cells print more than {LINES_LIMIT} lines")
    return tuple(read)


def _cell(cell: notebooks.Cell, latest: int, most: int) -> Cell:
    """With one line more than `most` where there are more."""
    errors = [output.error for output in cell.outputs if output.error]
    return Cell(
        number=cell.number,
        source=cell.source,
        lines=tuple(islice(_lines(cell.outputs), most + 1)),
        failed=bool(errors),
        finished=_finished(errors, 0 < cell.executed < latest),
        widget=any(output.widget for output in cell.outputs),
    )


def _finished(errors: Sequence[str], followed: bool) -> bool | None:
    """An interrupt cut the cell; any other error may have come after the training."""
    if errors:
        return False if "KeyboardInterrupt" in errors else None
    return True if followed else None


def _lines(outputs: Sequence[Output]) -> Iterator[Line]:
    """Pieces of one stream are joined, even where the other stream wrote in the middle of a line."""
    waiting: dict[str, list[str]] = {}  # by stream, what it wrote since the last end of a line
    for output in outputs:
        if output.stream:
            pieces = waiting.setdefault(output.stream, [])
            whole, end, rest = output.text.rpartition("\n")
            if end:
                yield from lines.split("".join((*pieces, whole)))
                pieces.clear()
            pieces.append(rest)
        elif not output.error:
            for pieces in waiting.values():
                yield from lines.split("".join(pieces))
            waiting = {}
            yield from _shown(output)
    for pieces in waiting.values():
        yield from lines.split("".join(pieces))


def _shown(output: Output) -> Iterator[Line]:
    rows = list(table_rows(output.html))
    if rows:
        yield from (Line(number, row, table=True) for number, row in enumerate(rows, 1))
    elif not SERIES.search(output.text[-200:]):
        yield from lines.split(output.text)


def table_rows(page: str) -> Iterator[str]:
    """The rows of all tables in a piece of HTML, cells separated by tabs.

    Three kinds of tag are all that is needed, and one linear search for them cannot be made slow by bad HTML.
    """
    row: list[str] = []
    begin: int | None = None
    for tag in CELL_TAG.finditer(page):
        closing, name = tag[1], tag[2].lower()
        if begin is not None:
            row.append(" ".join(html.unescape(ANY_TAG.sub("", page[begin : tag.start()])).split()))
            begin = None
        if not closing and name in ("td", "th"):
            begin = tag.end()
        elif name == "tr" and row:
            yield "\t".join(row)
            row = []
    if row:
        yield "\t".join(row)
