"""A quiz as the sheet that Kahoot imports: the layout of its official template, cell by cell."""

import io

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from grader.reading.quizzes import Multiple, Question, Quiz, Single, rules

HEAD = {
    "B2": "Quiz template",
    "B3": "Add questions, at least two answer alternatives, time limit and choose correct answers "
    "(at least one). Have fun creating your awesome quiz!",
    "B4": "Remember: questions have a limit of 120 characters and answers can have 75 characters max. "
    "Text will turn red in Excel or Google Docs if you exceed this limit. If several answers are correct, "
    "separate them with a comma.",
    "B5": "See an example question below (don't forget to overwrite this with your first question!)",
    "B6": "And remember,  if you're not using Excel you need to export to .xlsx format before you upload to "
    "Kahoot!",
    "B8": "Question - max 120 characters",
    "C8": "Answer 1 - max 75 characters",
    "D8": "Answer 2 - max 75 characters",
    "E8": "Answer 3 - max 75 characters",
    "F8": "Answer 4 - max 75 characters",
    "G8": "Time limit (sec) \u2013 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "H8": "Correct answer(s) - choose at least one",
}
MERGED = ("B3:H3", "B4:H4", "B6:H6")
WIDTHS = {"A": 12.5, "B": 49.33, "C": 31.83, "D": 31.83, "E": 31.83, "F": 31.83, "G": 26.33, "H": 33.16}
FIRST, ROWS = 9, 100


def questions(quiz: Quiz) -> list[Single | Multiple]:
    """Those that Kahoot's sheet can hold."""
    return [each for each in quiz.questions if isinstance(each, Single | Multiple) and each.kahoot]


def left_out(quiz: Quiz) -> list[Question]:
    taken = {each.id for each in questions(quiz)}
    return [each for each in quiz.questions if each.id not in taken]


def sheet(quiz: Quiz) -> bytes:
    """The .xlsx file. It holds the key."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = "Sheet1"
    _head(page)
    for number, question in enumerate(questions(quiz)):
        _row(page, FIRST + number, question, quiz)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _head(page: Worksheet) -> None:
    for place, text in HEAD.items():
        page[place] = text
        page[place].font = Font(bold=place in ("B2", "B8") or place.endswith("8"))
        page[place].alignment = Alignment(wrap_text=True, vertical="top")
    for merged in MERGED:
        page.merge_cells(merged)
    for column, width in WIDTHS.items():
        page.column_dimensions[column].width = width
    for number in range(ROWS):
        page[f"A{FIRST + number}"] = number + 1
        page[f"H{FIRST + number}"].number_format = "@"  # "1,2" is no decimal number, in whatever country
    last = FIRST + ROWS - 1
    offered = DataValidation(type="list", formula1=f'"{",".join(map(str, rules.TIMES))}"', allow_blank=True)
    offered.showErrorMessage = True
    offered.add(f"G{FIRST}:G{last}")
    page.add_data_validation(offered)
    red = Font(color="FFFF0000")
    for cells, first, longest in ((f"B{FIRST}:B{last}", "B9", 120), (f"C{FIRST}:F{last}", "C9", 75)):
        page.conditional_formatting.add(cells, FormulaRule([f"LEN({first})>{longest}"], font=red))


def _row(page: Worksheet, row: int, question: Single | Multiple, quiz: Quiz) -> None:
    shown = quiz.shown_choices(question)
    correct = (question.correct,) if isinstance(question, Single) else question.correct
    _write(page[f"B{row}"], question.spoken)
    for column, choice in zip("CDEF", shown, strict=False):
        _write(page[f"{column}{row}"], question.spoken_choice(choice))
    page[f"G{row}"] = question.time or quiz.time
    numbers = sorted(shown.index(choice) + 1 for choice in correct)
    _write(page[f"H{row}"], ",".join(map(str, numbers)))


def _write(cell: Cell, text: str) -> None:
    """As text: `=1+1` is an answer, no formula."""
    cell.value = " ".join(text.split())
    cell.data_type = "s"
