"""A file that another system exported, as cells to fill in: nothing else in it is touched."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from grader.course import xlsx
from grader.course.gradebook import workbook
from grader.course.roster import headings
from grader.ground.errors import GraderError
from grader.ground.visible import visible

MARK = "\ufeff"
WORKBOOKS = (".xlsx", ".xlsm")
HEADINGS_WITHIN = 10  # rows from the top in which the headings are looked for


class Sheet(Struct, frozen=True):
    """Rows of texts, as read; `top` is that of the headings, counted from 0.

    `separator`, `mark` and `end` say how a CSV file was written; else `book` is the workbook.
    """

    name: str
    rows: list[list[str]]
    top: int = 0
    separator: str = ""
    mark: bool = False
    end: str = "\n"
    book: Any = None

    @property
    def headings(self) -> list[str]:
        return self.rows[self.top]

    def below(self) -> Iterator[tuple[int, list[str]]]:
        """The rows under the headings, with their numbers."""
        return ((number, row) for number, row in enumerate(self.rows) if number > self.top and any(row))


def read(path: Path, codes: Collection[str]) -> tuple[Sheet, int]:
    """The sheet and the column that holds the students' codes, found by the codes themselves.

    Raises:
        GraderError: not readable, no column with codes of the roster, or two of them.
    """
    try:
        content = path.read_bytes()
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name the file that was exported") from None
    sheet = _workbook(content, path) if path.suffix.lower() in WORKBOOKS else _separated(content, path)
    return _with_top(sheet, codes)


def column(sheet: Sheet, wanted: str, known: Sequence[str] = ()) -> int:
    """The column of the heading `wanted`; if that is "", the only one that is called as one of `known`.

    Raises GraderError: none or several, with those that there are.
    """
    names = [wanted] if wanted else list(known)
    plain = {headings.plain(name) for name in names}
    found = [number for number, heading in enumerate(sheet.headings) if headings.plain(heading) in plain]
    if len(found) == 1:
        return found[0]
    what = "several columns are" if found else "no column is"
    there = ", ".join(visible(heading) for heading in sheet.headings if heading)
    raise GraderError(
        f"{sheet.name}: {what} called {' or '.join(names)}: name one with --column; there are {there}"
    )


def optional(sheet: Sheet, known: Sequence[str]) -> int | None:
    """The first column that is called as one of `known`."""
    wanted = {headings.plain(name) for name in known}
    return next(
        (number for number, each in enumerate(sheet.headings) if headings.plain(each) in wanted), None
    )


def filled(sheet: Sheet, cells: Mapping[tuple[int, int], str]) -> bytes:
    """The file with these cells, by row and column, put in."""
    if sheet.book is not None:
        for (row, place), cell in cells.items():
            workbook.put_one(sheet.book.active, row + 1, place + 1, cell)
        return workbook.saved(sheet.book)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=sheet.separator, lineterminator=sheet.end)
    for number, texts in enumerate(sheet.rows):
        writer.writerow([cells.get((number, at), text) for at, text in enumerate(texts)])
    return ((MARK if sheet.mark else "") + written.getvalue()).encode()


def code(text: str) -> str:
    """A student's code as it is compared: other programs put an apostrophe before, or write it small."""
    return text.strip().removeprefix("'").strip().upper()


def _separated(content: bytes, path: Path) -> Sheet:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise GraderError(f"{path} is not UTF-8: export it again as CSV in UTF-8") from None
    mark, text = text.startswith(MARK), text.removeprefix(MARK)
    end = "\r\n" if "\r\n" in text else "\n"
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as trouble:
        raise GraderError(f"{path} is no CSV file: {trouble}; export it again") from None
    return Sheet(str(path), rows, 0, separator, mark, end)


def _workbook(content: bytes, path: Path) -> Sheet:
    book = xlsx.read(content, str(path))
    rows = [workbook.texts(row) for row in book.active.iter_rows()]
    return Sheet(str(path), rows, book=book)


def _with_top(sheet: Sheet, codes: Collection[str]) -> tuple[Sheet, int]:
    wanted = {code(each) for each in codes}
    width = max((len(row) for row in sheet.rows), default=0)
    holds = {
        place: [
            number for number, row in enumerate(sheet.rows) if place < len(row) and code(row[place]) in wanted
        ]
        for place in range(width)
    }
    found = [place for place, rows in holds.items() if rows]
    if not found or not _agree(sheet, found):
        what = "holds codes of the roster in several columns" if found else "holds no code of the roster"
        raise GraderError(f"{sheet.name} {what}: export it with one column of the students' codes")
    place, first = found[0], holds[found[0]][0]
    above = range(min(first, HEADINGS_WITHIN))
    top = next((number for number in above if all(sheet.rows[number][: place + 1])), 0)
    return structs.replace(sheet, top=top), place


def _agree(sheet: Sheet, places: Sequence[int]) -> bool:
    """Whether columns say the same of each row, as a login name that is the code does."""
    codes = ({code(row[place]) for place in places if place < len(row)} for row in sheet.rows)
    return len(places) == 1 or all(len(each) == 1 for each in list(codes)[-1:])
