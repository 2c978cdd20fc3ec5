"""The gradebook in other people's forms: filled in as documented, refused where it would fail silently."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from grader.course.gradebook import Table, filling, separated, template, workbook
from grader.course.gradebook.filling import Filled, Value, Wish
from grader.ground.errors import GraderError
from grader.ground.verdict import Points

TABLE = Table(
    ("student", "name", "points"),
    (("1E5234", "=cmd|' /C calc'!A0", 7.5), ("06E2", 'Őrült Árvíz; "Úr"', None), ("ABC123", "-1+2", 10.0)),
)


def test_csv_for_a_program_and_for_a_hungarian_excel() -> None:
    plain = list(csv.reader(io.StringIO(separated.text(TABLE))))
    assert plain[1:] == [["1E5234", "'=cmd|' /C calc'!A0", "7.5"], ["06E2", 'Őrült Árvíz; "Úr"', ""],
                         ["ABC123", "'-1+2", "10"]]  # fmt: skip
    excel = separated.text(TABLE, separated.HUNGARIAN)
    assert excel.startswith("\ufeffstudent;name;points\n")
    assert list(csv.reader(io.StringIO(excel), delimiter=";"))[1][2] == "7,5"
    assert separated.reread(TABLE) == ("1E5234", "06E2")


def test_a_workbook_keeps_codes_and_holds_no_formula() -> None:
    page = openpyxl.load_workbook(io.BytesIO(workbook.content(TABLE, "Homework 4: transfer/learning"))).active
    assert page.title == "Homework 4- transfer-learning"
    assert [cell.data_type for row in page.iter_rows(min_row=2) for cell in row[:2]] == ["s"] * 6
    assert [page["A2"].value, page["B2"].value, page["C2"].value] == ["1E5234", "=cmd|' /C calc'!A0", 7.5]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_real_spreadsheet_program_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(workbook.content(TABLE, "Course"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):59,34,76", "--outdir", str(tmp_path), str(tmp_path / "book.xlsx")],
        check=True, capture_output=True,
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO((tmp_path / "book.csv").read_text()), delimiter=";"))
    assert rows[1:] == [["1E5234", "=cmd|' /C calc'!A0", "7.5"], ["06E2", 'Őrült Árvíz; "Úr"', ""],
                        ["ABC123", "-1+2", "10"]]  # fmt: skip


ANN = Value(Points(7.125, 7.125, 10))
OPEN = Value(Points(3, 8, 10), why="inconclusive, a person decides")
VALUES = {"ANN123": ANN, "BOB456": OPEN, "EVE789": Value(excused=True), "ZOE000": ANN}

MOODLE = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified
Participant 11,Ann,ANN123,a@b.c,Submitted,,10.00,Yes,-
Participant 12,"Bob, Jr.",bob456,b@b.c,Submitted,4.00,10.00,Yes,-
Participant 13,Eve,'EVE789,e@b.c,Submitted,,10.00,Yes,-
Participant 14,=Max,MAX111,m@b.c,Submitted,2.00,10.00,No,-
"""


def fill(
    folder: Path, system: str, text: str, values: Mapping[str, Value] = VALUES, column: str = ""
) -> Filled:
    (folder / "export.csv").write_bytes(text.encode())
    sheet, key = template.read(folder / "export.csv", list(values))
    return filling.SYSTEMS[system](sheet, key, Wish(values, column, "Homework 4"))


def test_a_worksheet_of_moodle_is_filled_in_and_nothing_else_is_touched(tmp_path: Path) -> None:
    done = fill(tmp_path, "moodle", MOODLE)
    assert done.content.decode() == MOODLE.replace("Submitted,,10.00,Yes,-\nParticipant 12",
                                                   "Submitted,7.125,10.00,Yes,-\nParticipant 12")  # fmt: skip
    assert [told for told in done.told if told.startswith(("BOB", "EVE", "ZOE"))] == [
        f"ZOE000: not in {tmp_path}/export.csv, so nothing is written for them",
        "BOB456: inconclusive, a person decides; its cell is left as it was",
        "EVE789: excused; its cell is left as it was",
    ]
    assert "choose the separator 'comma'" in done.told[-1]


def test_a_worksheet_in_another_language_needs_the_name_of_its_column(tmp_path: Path) -> None:
    text = MOODLE.replace("Grade,Max", "Bewertungspunkte,Max").replace(",", ";").replace('"Bob; Jr."', "Bob")
    with pytest.raises(GraderError, match="name one with --column; there are Identifier, Full name"):
        fill(tmp_path, "moodle", text)
    done = fill(tmp_path, "moodle", text, column="Bewertungspunkte")
    assert b"Participant 11;Ann;ANN123;a@b.c;Submitted;7.125;" in done.content


@pytest.mark.parametrize(
    ("text", "words"),
    [(MOODLE.replace(",10.00", ",5.00"), "ANN123 has 7.125 points, more than the 5.00 that are possible"),
     (MOODLE + "Participant 15,Ann,ANN123,a@b.c,Submitted,,10.00,Yes,-\n", "ANN123 is there twice"),
     (re.sub("ANN123|bob456|'EVE789", "X", MOODLE), "holds no code of the roster")],
)  # fmt: skip
def test_what_would_fail_silently_in_moodle_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GraderError, match=words):
        fill(tmp_path, "moodle", text)


CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 4 (678),Homework 5 (679),Final Score
    Points Possible,,,,,10,10,(read only)
"Kiss, Ann",101,ANN123,ann@x,S1,,,1
"Nagy, Bob",102,BOB456,bob@x,S1,3,,1
"Tóth, Eve",103,EVE789,eve@x,S1,,,1
"""


def test_a_gradebook_of_canvas_keeps_two_decimals_and_knows_the_excused(tmp_path: Path) -> None:
    done = fill(tmp_path, "canvas", CANVAS)
    assert done.content.decode() == CANVAS.replace("ANN123,ann@x,S1,,", "ANN123,ann@x,S1,7.12,").replace(
        "EVE789,eve@x,S1,,", "EVE789,eve@x,S1,EX,"
    )


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [(CANVAS, "Homework 6", "0 columns are called 'Homework 6'.*Homework 4 .678., Homework 5"),
     (CANVAS.replace(",10,10,", ",10,(read only),"), "Homework 5", "it is read only there"),
     (CANVAS, "Final Score", "Canvas reads no column called"),
     (CANVAS.replace(",101,", ",,"), "", "ANN123 has no ID, so Canvas would go by the name"),
     (CANVAS.replace("Section", "Group"), "", "is no gradebook of Canvas"),
     (CANVAS.replace(",10,10,(", ",5,5,("), "", "ANN123 has 7.12 points, more than the 5 that are possible")],
)  # fmt: skip
def test_what_would_fail_silently_in_canvas_is_refused(
    tmp_path: Path, text: str, column: str, words: str
) -> None:
    with pytest.raises(GraderError, match=words):
        fill(tmp_path, "canvas", text, column=column)


@pytest.mark.parametrize("heading", ["Neptun kód", "Neptunkód"])
def test_a_course_of_neptun_gets_its_grades_as_text(tmp_path: Path, heading: str) -> None:
    book = openpyxl.Workbook()
    for row in ([heading, "Név", "Bejegyzés"], ["ANN123", "Ann", None], ["bob456", "Bob", None]):
        book.active.append(row)
    book.save(tmp_path / "jegyimport.xlsx")
    values = {"ANN123": Value(word="5"), "BOB456": Value(why="the grade is open: 3-4")}
    sheet, key = template.read(tmp_path / "jegyimport.xlsx", list(values))
    done = filling.neptun(sheet, key, Wish(values))
    page = openpyxl.load_workbook(io.BytesIO(done.content)).active
    assert (page["C2"].value, page["C2"].data_type, page["C3"].value) == ("5", "s", None)
    assert done.told == ("BOB456: the grade is open: 3-4; its cell is left as it was",)
