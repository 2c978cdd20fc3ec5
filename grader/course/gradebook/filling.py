"""Import files for Moodle, Canvas and Neptun: what each of them exported, with grades put in.

What would fail there without a word is refused here, or told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.course.gradebook import template
from grader.course.gradebook.separated import number
from grader.course.gradebook.template import Sheet
from grader.ground.errors import GraderError
from grader.ground.verdict import Points
from grader.ground.visible import visible

GRADE = ("Grade", "Osztályzat", "Értékelés", "Pontszám", "Bewertung", "Calificación")  # Moodle's worksheet
MOST = ("Maximum Grade", "Maximum grade")
CHANGEABLE = ("Grade can be changed",)
ENTRY = ("Bejegyzés", "Érdemjegy", "Jegy", "Entry", "Grade")  # Neptun
POSSIBLE = "Points Possible"
NEVER_READ = re.compile(r"(?:current|final|unposted).*(?:score|points|grade)", re.IGNORECASE)  # by Canvas


class Value(Struct, frozen=True):
    """What a student gets: points, or a word such as a grade; nothing where it is open, because of `why`."""

    points: Points | None = None
    word: str = ""
    excused: bool = False
    why: str = ""

    @property
    def is_open(self) -> bool:
        return not self.excused and not self.word and (not self.points or self.points.min != self.points.max)


class Filled(Struct, frozen=True):
    """The file, and what a person should know before importing it."""

    content: bytes
    told: tuple[str, ...]


class Wish(Struct, frozen=True):
    """`values` are by the students' codes; `column` is the heading to fill, "" the usual one."""

    values: Mapping[str, Value]
    column: str = ""
    title: str = ""  # of the assignment


def moodle(sheet: Sheet, key: int, wish: Wish) -> Filled:
    """The worksheet of an assignment, or any file for the import of grades. Raises GraderError."""
    place = template.column(sheet, wish.column, GRADE)
    most, changeable = template.optional(sheet, MOST), template.optional(sheet, CHANGEABLE)
    cells: dict[tuple[int, int], str] = {}
    told = list(_strangers(sheet, key, wish))
    for row, cell, value in _given(sheet, key, wish):
        if changeable is not None and _cell(sheet.rows[row], changeable) == "No":
            told.append(f"{cell}: its grade is locked in Moodle; the cell is left as it was")
        elif value.is_open or value.excused:
            told.append(
                f"{cell}: {'excused' if value.excused else value.why or 'open'}; its cell is left as it was"
            )
        else:
            text = value.word or number(value.points.min if value.points else 0.0)
            _refuse_above(sheet, text, _cell(sheet.rows[row], most) if most is not None else "", cell)
            cells[row, place] = text
    told.append(
        f"on import choose the separator {_separator(sheet)!r} and UTF-8; rows that were graded there before "
        "are skipped without a word unless you tick that modified ones are updated"
    )
    return Filled(template.filled(sheet, cells), tuple(told))


def canvas(sheet: Sheet, key: int, wish: Wish) -> Filled:
    """The gradebook that Canvas exported. Raises GraderError."""
    heads = sheet.headings
    if sheet.top or not ("Student" in heads[0] or heads[0] == "LastName") or "Section" not in "".join(heads):
        raise GraderError(f"{sheet.name} is no gradebook of Canvas: export it there, in English")
    place = _canvas_column(sheet, wish)
    possible = next((row for _, row in sheet.below() if row and POSSIBLE in row[0]), [])
    if "read only" in _cell(possible, place):
        raise GraderError(f"{sheet.name}: Canvas does not read {heads[place]!r}: it is read only there")
    identity = heads.index("ID") if "ID" in heads else 1
    cells: dict[tuple[int, int], str] = {}
    told = list(_strangers(sheet, key, wish))
    for row, cell, value in _given(sheet, key, wish):
        if not _cell(sheet.rows[row], identity):
            raise GraderError(
                f"{sheet.name}: {cell} has no ID, so Canvas would go by the name: export it again"
            )
        if value.is_open:
            told.append(f"{cell}: {value.why or 'open'}; its cell is left as it was")
            continue
        earned = round(value.points.min, 2) if value.points else 0.0  # Canvas keeps two decimals
        text = "EX" if value.excused else value.word or number(earned)
        if not value.excused:
            _refuse_above(sheet, text, _cell(possible, place), cell)
        cells[row, place] = text
    return Filled(template.filled(sheet, cells), tuple(told))


def neptun(sheet: Sheet, key: int, wish: Wish) -> Filled:
    """The sheet of a course that Neptun exported. Raises GraderError."""
    place = template.column(sheet, wish.column, ENTRY)
    cells: dict[tuple[int, int], str] = {}
    told = list(_strangers(sheet, key, wish))
    for row, cell, value in _given(sheet, key, wish):
        if value.is_open or value.excused:
            told.append(
                f"{cell}: {'excused' if value.excused else value.why or 'open'}; its cell is left as it was"
            )
        else:
            cells[row, place] = value.word or number(value.points.min if value.points else 0.0, ",")
    return Filled(template.filled(sheet, cells), tuple(told))


SYSTEMS = {"moodle": moodle, "canvas": canvas, "neptun": neptun}


def _given(sheet: Sheet, key: int, wish: Wish) -> Iterator[tuple[int, str, Value]]:
    """Row number, code and value of each student that the file and the roster have in common."""
    values = {template.code(student): value for student, value in wish.values.items()}
    seen: set[str] = set()
    for row, cells in sheet.below():
        found = template.code(_cell(cells, key))
        if found in seen:
            raise GraderError(f"{sheet.name}: {visible(found)} is there twice: export it again")
        if found in values:
            seen.add(found)
            yield row, found, values[found]


def _strangers(sheet: Sheet, key: int, wish: Wish) -> Iterator[str]:
    """Who is only in the file or only in the roster."""
    there = {template.code(_cell(cells, key)) for _, cells in sheet.below()}
    for student in wish.values:
        if template.code(student) not in there:
            yield f"{visible(student)}: not in {sheet.name}, so nothing is written for them"


def _canvas_column(sheet: Sheet, wish: Wish) -> int:
    """`Title (12345)`, by its whole heading or its title. Raises GraderError."""
    wanted = wish.column or wish.title
    pattern = re.compile(rf"{re.escape(wanted)}(?: \(\d+\))?")
    found = [place for place, head in enumerate(sheet.headings) if head == wanted or pattern.fullmatch(head)]
    if len(found) != 1:
        heads = ", ".join(visible(head) for head in sheet.headings if re.search(r" \(\d+\)$", head))
        raise GraderError(
            f"{sheet.name}: {len(found)} columns are called {wanted!r}: "
            f"name one with --column; there are {heads}"
        )
    if NEVER_READ.search(sheet.headings[found[0]]):
        raise GraderError(
            f"{sheet.name}: Canvas reads no column called {wanted!r}: name the assignment otherwise"
        )
    return found[0]


def _refuse_above(sheet: Sheet, text: str, most: str, who: str) -> None:
    try:
        above = bool(most) and float(text) > float(most.replace(",", "."))
    except ValueError:
        return
    if above:
        raise GraderError(
            f"{sheet.name}: {who} has {text} points, more than the {most} that are possible there"
        )


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _separator(sheet: Sheet) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}.get(sheet.separator, "comma")
