"""`grader gradebook`: the gradebook in the form that somebody else reads, from what is kept."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from grader.assignment import Assignment
from grader.cli import assignments, course
from grader.course import gradebook, lines, rules, telling
from grader.course.gradebook import Table, filling, separated, template, workbook
from grader.course.gradebook.filling import Value, Wish
from grader.course.lines import Course, Line
from grader.course.record import Record
from grader.course.rules import Rules
from grader.ground import whole_file
from grader.ground.errors import GraderError
from grader.ground.visible import visible

PLAIN = ("csv", "excel", "xlsx", "json-lines")


class Content(Struct, frozen=True):
    """What the gradebook is made of: of one assignment, or of the course."""

    table: Table
    json_lines: str
    values: Mapping[str, Value]
    title: str


def gradebook_command(arguments: Namespace) -> int:
    opened = course.opened(arguments)
    found = _of_assignment(arguments, opened) if arguments.assignment else _of_course(arguments, opened)
    if arguments.form in PLAIN:
        content = _plain(arguments.form, found)
    else:
        content = _filled(arguments, opened, found)
    _write(arguments.output, content)
    if arguments.form in ("csv", "excel"):
        for student in separated.reread(found.table):
            told = "a spreadsheet program reads this code as a number or date: give people --as xlsx"
            print(f"{visible(student)}: {told}", file=sys.stderr)
    return 0


def _of_assignment(arguments: Namespace, opened: Course) -> Content:
    due: Assignment = assignments.due(arguments.assignment)
    found = lines.lines(opened, due)
    values = {each.member.student: _points(each) for each in found}
    return Content(gradebook.of_assignment(found), gradebook.json_lines(found), values, due.title)


def _of_course(arguments: Namespace, opened: Course) -> Content:
    stated: Rules = rules.read(arguments.course or rules.find())
    found = lines.records(opened, stated)
    values = {each.student: _grade(each) for each in found}
    return Content(gradebook.of_course(found, stated), telling.json_lines(found), values, stated.title)


def _points(line: Line) -> Value:
    if line.excused:
        return Value(excused=True)
    if not line.verdict:
        return Value(why=line.trouble or "not measured")
    return Value(points=line.verdict.points, why=f"{line.outcome}, a person decides")


def _grade(found: Record) -> Value:
    if not found.grades:
        return Value(why="course.toml states no grades")
    low, high = found.grades
    return Value(word=low) if low == high else Value(why=f"the grade is open: {telling.grades(found.grades)}")


def _plain(form: str, found: Content) -> bytes:
    match form:
        case "csv":
            return separated.text(found.table).encode()
        case "excel":
            return separated.text(found.table, separated.HUNGARIAN).encode()
        case "xlsx":
            return workbook.content(found.table, found.title)
    return found.json_lines.encode()


def _filled(arguments: Namespace, opened: Course, found: Content) -> bytes:
    if not arguments.template:
        raise GraderError(f"--as {arguments.form} fills in what {arguments.form} exported: --template FILE")
    codes = [member.student for member in opened.members]
    sheet, key = template.read(arguments.template, codes)
    filled = filling.SYSTEMS[arguments.form](sheet, key, Wish(found.values, arguments.column, found.title))
    for told in filled.told:
        print(visible(told), file=sys.stderr)
    return filled.content


def _write(path: Path | None, content: bytes) -> None:
    if path is None:
        sys.stdout.buffer.write(content)
        return
    try:
        whole_file.write(path, content)
    except OSError as trouble:
        raise GraderError(f"{path} cannot be written: {trouble.strerror}") from None
    print(path)
