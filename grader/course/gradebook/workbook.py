"""Tables as XLSX: what is text stays text, whatever it looks like. Needs openpyxl (the extra `xlsx`)."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from grader.course import xlsx
from grader.course.gradebook import Cell, Table
from grader.ground.visible import visible

MOST_LETTERS = 32_000  # in a cell; openpyxl would cut without a word
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")  # in the name of a sheet


def content(table: Table, sheet: str) -> bytes:
    """The bytes of a workbook with one sheet. Raises GraderError: openpyxl is not installed."""
    book = xlsx.module().Workbook()
    page = book.active
    page.title = FORBIDDEN.sub("-", sheet)[:31] or "Gradebook"
    put(page, 1, table.header)
    for number, row in enumerate(table.rows, 2):
        put(page, number, row)
    page.freeze_panes = "B2"
    return saved(book)


def saved(book: Any) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def put(page: Any, row: int, cells: Sequence[Cell]) -> None:
    """Numbers as numbers; texts as texts, though they begin with `=` or look like an error or a date."""
    for column, cell in enumerate(cells, 1):
        if cell is not None and cell != "":
            put_one(page, row, column, cell)


def put_one(page: Any, row: int, column: int, cell: Cell) -> None:
    place = page.cell(row=row, column=column)
    if not isinstance(cell, str):
        place.value = cell
        return
    place.value = visible(cell, MOST_LETTERS)
    place.data_type = "s"
    place.number_format = "@"  # stays a text when a person edits it


def texts(cells: Iterable[Any]) -> list[str]:
    return ["" if cell.value is None else str(cell.value) for cell in cells]
