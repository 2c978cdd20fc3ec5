"""Tables as CSV: for programs, and for a spreadsheet program whose language writes 1,5 for 1.5."""

import csv
import io
import re

from msgspec import Struct

from grader.course.gradebook import Cell, Table
from grader.ground.visible import visible

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell
# Texts that a spreadsheet program turns into numbers or dates when it opens a CSV file: 1E5234, 0012, 10-12.
REREAD = re.compile(r"\d+E\d+|0\d+|\d{16,}|\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?", re.IGNORECASE)


class Form(Struct, frozen=True):
    """`mark`: a byte order mark first, by which Excel knows UTF-8."""

    separator: str = ","
    decimal: str = "."
    mark: bool = False


PROGRAM = Form()
WITH_MARK = Form(mark=True)  # names with accents are right in any spreadsheet
HUNGARIAN = Form(";", ",", mark=True)  # what Excel of that language opens with a double click


def text(table: Table, form: Form = PROGRAM) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=form.separator, lineterminator="\n")
    writer.writerow([guarded(name) for name in table.header])
    writer.writerows([_cell(cell, form) for cell in row] for row in table.rows)
    return ("\ufeff" if form.mark else "") + written.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet computes: an apostrophe stands before what looks like a formula."""
    shown = visible(text)
    return f"'{shown}" if text.startswith(FORMULA) or shown.startswith(FORMULA) else shown


def reread(table: Table) -> tuple[str, ...]:
    """Codes of students that a spreadsheet program would change when it opens the file as CSV."""
    firsts = (row[0] for row in table.rows)
    return tuple(code for code in firsts if isinstance(code, str) and REREAD.fullmatch(code))


def _cell(cell: Cell, form: Form) -> str:
    if isinstance(cell, str):
        return guarded(cell)
    return "" if cell is None else number(cell, form.decimal)


def number(value: float, decimal: str = ".") -> str:
    """Without digits that say nothing: `12`, `7.5`."""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", decimal)
