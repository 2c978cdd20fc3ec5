"""Who is in the course, and which repository is whose: a CSV file that the instructor keeps."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.toml import did_you_mean
from grader.ground.visible import visible

REQUIRED = ("student", "url")
OPTIONAL = ("name", "branch")


class Member(Struct, frozen=True):
    """One student. `branch` "" is the repository's default; `extensions` are deadlines by assignment."""

    student: str
    url: str
    name: str = ""
    branch: str = ""
    extensions: Mapping[str, str] = {}


def read(path: Path, assignments: tuple[str, ...] = ()) -> tuple[Member, ...]:
    """The students of a roster, in its order.

    The columns `student` and `url` are required, `name` and `branch` may be there. Any other column is an
    assignment, as `hw4` or `project.final`, whose cells are extended deadlines such as `2020-11-12 23:59`; an
    empty cell is no extension. If `assignments` are given, the column must be one of them.

    Raises:
        GraderError: no such file, a missing or unknown column, nobody in it, a student
            without an address or listed twice.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file, strict=True)
            columns = _columns(lines.fieldnames or (), path, assignments)
            members = tuple(_member(row, columns, f"{path}:{lines.line_num}") for row in lines)
    except OSError as error:
        raise GraderError(f"{path}: the roster cannot be read: {error.strerror}") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise GraderError(f"{path}: the roster is not a CSV file in UTF-8: {error}; save it as one") from None
    if not members:
        raise GraderError(f"{path}: the roster names nobody; give each student a line below the first")
    seen: set[str] = set()
    for member in members:
        if member.student in seen:
            raise GraderError(f"{path}: student {visible(member.student)} is listed twice")
        seen.add(member.student)
    return members


def _columns(header: Sequence[str], path: Path, assignments: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that are assignments."""
    if not header:
        raise GraderError(f"{path}: the roster is empty; its first line should be 'student,url'")
    for name in REQUIRED:
        if name not in header:
            raise GraderError(
                f"{path}: the roster has no column {name}; its first line is {','.join(header)!r}, and"
                " should be 'student,url' or more columns, with commas between them"
            )
    others = tuple(name for name in header if name not in (*REQUIRED, *OPTIONAL))
    for name in others:
        if assignments and name not in assignments:
            known = (*REQUIRED, *OPTIONAL, *assignments)
            raise GraderError(
                f"{path}: the column {visible(name)} is no assignment{did_you_mean(name, known)}"
            )
    return others


def _member(row: "dict[str, str]", columns: tuple[str, ...], where: str) -> Member:
    cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    if None in row:
        raise GraderError(f"{where}: this line has more cells than the first line")
    for name in REQUIRED:
        if not cells[name]:
            raise GraderError(f"{where}: the column {name} is empty")
    return Member(
        student=cells["student"],
        url=cells["url"],
        name=cells.get("name", ""),
        branch=cells.get("branch", ""),
        extensions={name: cells[name] for name in columns if cells[name]},
    )
