"""Reads the outputs of a notebook's cells. A notebook is never executed."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from grader.reading.logs import lines
from grader.reading.logs.lines import Line

CELLS_LIMIT = 5_000
OUTPUT_LIMIT = 20_000_000  # characters of one output
LINES_LIMIT = 300_000  # of one notebook

ERRORS = ("error", "pyerr")  # in formats 4 and 3
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
    text = lines.decode(content)
    try:
        book = msgspec.json.decode(text.content if text else b"")
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a notebook: {error}") from None
    found = _all_cells(book)
    latest = max((_executed(cell) for cell in found), default=0)
    read: list[Cell] = []
    left = LINES_LIMIT
    for number, cell in enumerate(found):
        if "outputs" in cell:
            read.append(_cell(number, cell, latest, left))
            left -= len(read[-1].lines)
            if left < 0:
                raise ValueError(f"its cells print more than {LINES_LIMIT} lines")
    return tuple(read)


def _all_cells(book: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(book, dict):
        raise ValueError("not a notebook: no object")
    sheets = [book, *(sheet for sheet in _list(book, "worksheets") if isinstance(sheet, dict))]  # format 3
    found = [cell for sheet in sheets for cell in _list(sheet, "cells") if isinstance(cell, dict)]
    return found[:CELLS_LIMIT]


def _executed(cell: Mapping[str, Any]) -> int:
    count = cell.get("execution_count", cell.get("prompt_number"))
    return count if isinstance(count, int) else 0


def _finished(errors: Sequence[str], followed: bool) -> bool | None:
    """An interrupt cut the cell; any other error may have come after the training."""
    if errors:
        return False if "KeyboardInterrupt" in errors else None
    return True if followed else None


def _cell(number: int, cell: Mapping[str, Any], latest: int, most: int) -> Cell:
    """With one line more than `most` where there are more."""
    outputs = [output for output in _list(cell, "outputs") if isinstance(output, dict)]
    errors = [str(output.get("ename")) for output in outputs if output.get("output_type") in ERRORS]
    bundles = [_bundle(output) for output in outputs]
    return Cell(
        number=number,
        source=_text(cell.get("source", cell.get("input"))),
        lines=tuple(islice(_lines(outputs), most + 1)),
        failed=bool(errors),
        finished=_finished(errors, 0 < _executed(cell) < latest),
        widget=any("application/vnd.jupyter.widget-view+json" in bundle for bundle in bundles),
    )


def _lines(outputs: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """Pieces of one stream are joined, even where the other stream wrote in the middle of a line."""
    waiting: dict[str, list[str]] = {}  # by stream, what it wrote since the last end of a line
    for output in outputs:
        if output.get("output_type") == "stream":
            pieces = waiting.setdefault(str(output.get("name", output.get("stream", "stdout"))), [])
            whole, end, rest = _text(output.get("text"))[:OUTPUT_LIMIT].rpartition("\n")
            if end:
                yield from lines.split("".join((*pieces, whole)))
                pieces.clear()
            pieces.append(rest)
        elif output.get("output_type") not in ERRORS:
            for pieces in waiting.values():
                yield from lines.split("".join(pieces))
            waiting = {}
            yield from _shown(_bundle(output))
    for pieces in waiting.values():
        yield from lines.split("".join(pieces))


def _shown(bundle: Mapping[str, Any]) -> Iterator[Line]:
    rows = list(table_rows(_text(bundle.get("text/html", bundle.get("html")))[:OUTPUT_LIMIT]))
    if rows:
        yield from (Line(number, row, table=True) for number, row in enumerate(rows, 1))
    else:
        yield from lines.split(_text(bundle.get("text/plain", bundle.get("text")))[:OUTPUT_LIMIT])


def _bundle(output: Mapping[str, Any]) -> Mapping[str, Any]:
    data = output.get("data", output)
    return data if isinstance(data, dict) else {}


def _list(mapping: Mapping[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


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
