"""A table in a file, as Excel, Neptun, Moodle or an editor wrote it: CSV in any encoding, or XLSX."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader.course import xlsx
from grader.ground.errors import GraderError
from grader.reading import texts

SEPARATORS = ";\t,|"
WORKBOOKS = (".xlsx", ".xlsm")


class Row(Struct, frozen=True):
    """The cells of a row, without blanks around them, and the line of the file on which it ends, from 1."""

    line: int
    cells: tuple[str, ...]


class Table(Struct, frozen=True):
    """The rows that hold anything. `told` says how the file was read, where that needed a guess."""

    rows: tuple[Row, ...]
    told: str = ""


def read(path: Path) -> Table:
    """Raises GraderError: it cannot be read, or is no table."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path}: the roster cannot be read: {error.strerror}") from None
    if path.suffix.lower() in WORKBOOKS:
        return Table(tuple(_filled(_workbook(content, path))))
    text = texts.decode(content)
    if text is None:
        raise GraderError(
            f"{path}: the roster is no table of text; save it as CSV, or name it .xlsx if it is one"
        )
    try:
        return Table(tuple(_filled(_separated(text.content))), text.warning)
    except csv.Error as error:
        raise GraderError(f"{path}: the roster is not a CSV file: {error}; save it as one") from None


def _filled(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if any(row.cells))


def _separated(text: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    named = bool(lines) and lines[0].lower().startswith("sep=")  # Excel's own, for itself
    first = next((line for line in lines[named:] if line.strip()), "")
    separator = lines[0].strip()[4:] if named else max(SEPARATORS, key=first.count)
    reader = csv.reader(
        io.StringIO("".join(lines[named:]), newline=""), delimiter=separator or ",", strict=True
    )
    return (Row(reader.line_num + named, tuple(_plain(cell) for cell in cells)) for cells in reader)


def _plain(cell: str) -> str:
    """Moodle puts an apostrophe before what a spreadsheet would take for a formula."""
    return cell.strip().removeprefix("'").strip()


def _workbook(content: bytes, path: Path) -> Iterator[Row]:
    page = xlsx.read(content, str(path)).active
    return (Row(number, tuple(map(_cell, row))) for number, row in enumerate(page.iter_rows(), 1))


def _cell(cell: Any) -> str:
    """A day without a time of day stays one."""
    value = cell.value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if "h" in cell.number_format.lower() else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else _plain(str(value))
