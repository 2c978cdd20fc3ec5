"""Kahoot's import sheet: the official template's cells, and what a spreadsheet program makes of ours."""

import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from grader.course.quizzes import kahoot_sheet
from tests import quiz_example as example

# Where the official template has content, besides the numbers of rows and the example that one overwrites.
TITLES = {
    "B2": "Quiz template",
    "B8": "Question - max 120 characters",
    "C8": "Answer 1 - max 75 characters",
    "D8": "Answer 2 - max 75 characters",
    "E8": "Answer 3 - max 75 characters",
    "F8": "Answer 4 - max 75 characters",
    "G8": "Time limit (sec) \N{EN DASH} 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "H8": "Correct answer(s) - choose at least one",
}
# Its help texts: the first 16 digits of their SHA-256.
HELP = {
    "B3": "0fc8f1ae46ad45cc",
    "B4": "449e545d674be572",
    "B5": "3ffbc20218e17246",
    "B6": "bb28fec760dcee1a",
}
NUMBERS = {f"A{number + 8}": number for number in range(1, 101)}
TEXT = example.QUIZ.replace('"the input gate"', '"=1+1"').replace('"the output gate"', '"1,2"')


def page(content: bytes) -> Worksheet:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Sheet1"]
    return book["Sheet1"]


def cells(sheet: Worksheet) -> dict[str, object]:
    return {
        cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
    }


def digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:16]


def test_the_layout_is_that_of_the_template() -> None:
    sheet = page(kahoot_sheet.sheet(example.quiz()))
    head = {place: value for place, value in cells(sheet).items() if sheet[place].row < 9}
    help_texts = {place: digest(head.pop(place)) for place in HELP}
    assert (head, help_texts) == (TITLES, HELP)
    assert {place: value for place, value in cells(sheet).items() if place[0] == "A"} == NUMBERS
    assert sheet.dimensions == "A1:H108"
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"B3:H3", "B4:H4", "B6:H6"}


def test_an_empty_quiz_leaves_the_template_as_it_is() -> None:
    """Without questions there is the template without its example: not one cell more."""
    spoken = example.QUIZ.replace('kind = "multiple"', 'kind = "multiple"\nkahoot = false')
    none = spoken.replace('kind = "single"', 'kind = "single"\nkahoot = false')
    assert set(cells(page(kahoot_sheet.sheet(example.quiz(none))))) == {*TITLES, *HELP, *NUMBERS}


def test_what_a_person_types_into_further_rows_is_kept() -> None:
    """Times are those of the list, and others are refused; `1,2` is text in all rows of the key."""
    sheet = page(kahoot_sheet.sheet(example.quiz()))
    (times,) = sheet.data_validations.dataValidation
    assert (times.type, times.formula1) == ("list", '"5,10,20,30,60,90,120,240"')
    assert (str(times.sqref), times.showErrorMessage) == ("G9:G108", True)
    assert {sheet[f"H{row}"].number_format for row in range(9, 109)} == {"@"}
    longest = {str(each.sqref): each.rules[0].formula for each in sheet.conditional_formatting}
    assert longest == {"B9:B108": ["LEN(B9)>120"], "C9:F108": ["LEN(C9)>75"]}


def test_rows_hold_questions_choices_time_and_key() -> None:
    """The order of the choices is that of the release; the key counts from 1 in it."""
    quiz = example.quiz(TEXT)
    gate, gates, *_ = quiz.questions
    found = cells(page(kahoot_sheet.sheet(quiz)))
    assert found["B9"] == "Which gate scales c(t-1)?"
    texts = {"inp": "=1+1", "fgt": "the forget gate", "out": "1,2"}
    assert [found[f"{column}9"] for column in "CDE"] == [texts[each] for each in quiz.shown_choices(gate)]
    assert "F9" not in found
    assert (found["G9"], found["H9"]) == (30, str(quiz.shown_choices(gate).index("fgt") + 1))
    shown = quiz.shown_choices(gates)
    assert found["H10"] == ",".join(str(place + 1) for place, each in enumerate(shown) if each != "cand")
    assert "B12" not in found  # three questions have choices


def test_nothing_is_a_formula_or_a_number() -> None:
    sheet = page(kahoot_sheet.sheet(example.quiz(TEXT)))
    assert {sheet[place].data_type for place in ("B9", "C9", "D9", "E9", "H9", "H10")} == {"s"}
    assert sheet["H10"].number_format == "@"


def test_a_spreadsheet_program_gives_the_same_back(tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    ours = tmp_path / "ours.xlsx"
    ours.write_bytes(kahoot_sheet.sheet(example.quiz(TEXT)))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "back", ours],
        check=True,
        capture_output=True,
        timeout=120,
    )
    back = page((tmp_path / "back/ours.xlsx").read_bytes())
    sheet = page(ours.read_bytes())
    assert cells(back) == cells(sheet)
    assert back["C9"].data_type == back["H10"].data_type == "s"
