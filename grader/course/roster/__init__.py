"""Who is in the course, and which repository is whose: a table that the instructor keeps, or exports."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader import deadlines
from grader.course.roster import headings, tables, times
from grader.course.roster.headings import Columns
from grader.course.roster.tables import Row
from grader.ground import spreadsheets
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.repository import address

HEADINGS_WITHIN = 10  # rows from the top in which the headings are looked for
NOTHING: Mapping[str, str] = {}


class Member(Struct, frozen=True):
    """One student. `url` "" is not known yet, `branch` "" the default one; `extensions` are by assignment.

    `partners` are the codes of those who hand in under the same address.
    """

    student: str
    url: str
    name: str = ""
    branch: str = ""
    extensions: Mapping[str, str] = {}
    partners: tuple[str, ...] = ()

    @property
    def listed(self) -> tuple[str, ...]:
        """Whose work it may be."""
        return (self.student, *self.partners)


class Roster(Struct, frozen=True):
    """The students in the order of the file, and in sentences what is odd and yet no mistake."""

    members: tuple[Member, ...]
    told: tuple[str, ...] = ()


class _Line(Struct, frozen=True):
    """A student and the line of the file that names them."""

    line: int
    member: Member


def read(path: Path, assignments: Collection[str] = (), said: Mapping[str, str] = NOTHING) -> Roster:
    """The students of a roster: CSV or XLSX, with the headings that `headings` knows or `said` names.

    A column that is none of these is an assignment, as `hw4` or `project.final`, whose cells are extended
    deadlines such as `2020-11-12 23:59`; an empty cell is no extension. If `assignments` are given, the
    column must be one of them. Students with one address hand in together: the later extension is both's.

    Raises:
        GraderError: all that is wrong with it, each with its line.
    """
    table = tables.read(path)
    if not table.rows:
        raise GraderError(f"{path}: the roster is empty; its first line should be 'student,url'")
    heads = [row for row in table.rows[:HEADINGS_WITHIN] if headings.is_heading(row.cells, said)]
    top = heads[0] if heads else table.rows[0]
    below = table.rows[table.rows.index(top) + 1 :]
    mistakes: list[str] = []
    columns = headings.columns(top.cells, said, assignments, mistakes)
    mistakes = [_placed(path, top.line, each) for each in mistakes]
    lines = [
        _Line(row.line, _member(row, columns, path, mistakes)) for row in below if "student" in columns.places
    ]
    mistakes += (_placed(path, line, text) for line, text in _twice(lines))
    if not below:
        mistakes.append(f"{path}: the roster names nobody; give each student a line below the first")
    if mistakes:
        raise GraderError("\n".join(mistakes))
    told = [table.told] if table.told else []
    return Roster(tuple(_together(lines)), (*told, *_odd(lines)))


def _placed(path: Path, line: int, text: str) -> str:
    return f"{path}:{line}: {text}"


def _member(row: Row, columns: Columns, path: Path, mistakes: list[str]) -> Member:
    """What the row says; what is wrong in it is added to `mistakes`."""

    def cell(place: int | None) -> str:
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    found = {role: cell(columns.places.get(role)) for role in headings.KNOWN}
    wrong = []
    if any(row.cells[columns.width :]):
        wrong.append("this line has more cells than the line of headings")
    if not found["student"]:
        wrong.append("the column student is empty")
    elif spreadsheets.damaged(found["student"]):
        wrong.append(
            f"{visible(found['student'])} is what a spreadsheet made of a code; give the column the type Text"
        )
    extensions = {}
    for name, place in columns.assignments.items():
        try:
            if cell(place):
                extensions[name] = times.plain(cell(place))
        except GraderError:
            wrong.append(
                f"{visible(name)}: {visible(cell(place))!r} is not a time; write it as 2020-11-12 23:59"
            )
    mistakes += (_placed(path, row.line, each) for each in wrong)
    name = found["name"] or " ".join(filter(None, map(cell, columns.parts)))
    return Member(found["student"], found["url"], name, found["branch"], extensions)


def _twice(lines: Sequence[_Line]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for each in lines:
        student = each.member.student
        if student and student in seen:
            yield each.line, f"student {visible(student)} is listed twice, on line {seen[student]} too"
        seen.setdefault(student, each.line)


def _odd(lines: Sequence[_Line]) -> Iterator[str]:
    for alike in _groups(lines, lambda member: member.student.casefold()):
        yield f"{_listed(alike)} differ in letter case only, and are taken for different students"
    for alike in _groups(lines, _key):
        yield f"{_listed(alike)} have one address: they hand in together, and the later extension is both's"
    for each in lines:
        if not each.member.url:
            yield f"{visible(each.member.student)} (line {each.line}) has no address yet"


def _key(member: Member) -> str:
    return address.key(member.url) if member.url else ""


def _groups(lines: Sequence[_Line], key: Callable[[Member], str]) -> Iterator[list[_Line]]:
    """Those who have something in common, where it is more than one."""
    groups: defaultdict[str, list[_Line]] = defaultdict(list)
    for each in lines:
        groups[key(each.member)].append(each)
    return (alike for common, alike in groups.items() if common and len(alike) > 1)


def _listed(alike: Sequence[_Line]) -> str:
    return " and ".join(f"{visible(each.member.student)} (line {each.line})" for each in alike)


def _together(lines: Sequence[_Line]) -> Iterator[Member]:
    """Everybody, with the partners and the later extension of those who hand in together."""
    groups = {_key(alike[0].member): [each.member for each in alike] for alike in _groups(lines, _key)}
    for each in lines:
        member = each.member
        alike = groups.get(_key(member), [member])
        given = [until for one in alike for until in one.extensions.items()]
        given.sort(key=lambda until: deadlines.instant(until[1], "UTC").last)
        partners = tuple(one.student for one in alike if one.student != member.student)
        yield replace(member, extensions=dict(given), partners=partners)
