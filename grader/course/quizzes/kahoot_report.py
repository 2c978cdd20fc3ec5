"""Kahoot's results, in every layout that is known: sheets and columns are found by their names.

Preferred is the sheet of raw data, one row for each player and question; then the summary, with two columns
for each question; then the final scores, which have totals alone.
"""

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
from msgspec import Struct

from grader.ground.errors import GraderError
from grader.ground.visible import visible

HEADER_ROWS = 12  # titles stand above the header
LARGEST = 100_000_000  # bytes of a report, unpacked
SHEETS = {"raw": "rawreportdata", "summary": "kahootsummary", "final": "finalscores", "overview": "overview"}
COLUMNS = {
    "question": ("question", "quizquestion"),
    "player": ("player", "playername", "nickname"),
    "answer": ("answer", "playeranswer"),
    "said": ("correctincorrect",),
    "correct": ("correct",),
    "score": ("scorepoints", "score"),
    "total": ("totalscorepoints", "totalscore"),
    "right": ("correctanswers",),
    "wrong": ("incorrectanswers",),
}
YES = {"1", "1.0", "true", "yes", "correct", "\u2714", "\u2713", "\u2714\ufe0e"}

Cells = Sequence[Any]


class Row(Struct, frozen=True):
    """One player's answer to one question. `line` is the row of the sheet."""

    line: int
    player: str
    question: str
    answer: str
    correct: bool
    points: float


class Total(Struct, frozen=True):
    line: int
    player: str
    correct: int
    questions: int
    points: float


class Report(Struct, frozen=True):
    """`played` is the date as Kahoot writes it, "" where it is not told; either rows or totals."""

    title: str
    played: str
    rows: tuple[Row, ...] = ()
    totals: tuple[Total, ...] = ()

    @property
    def players(self) -> list[str]:
        played = [each.player for each in self.rows] + [each.player for each in self.totals]
        return list(dict.fromkeys(played))


def read(path: Path) -> Report:
    """Raises GraderError: no report of Kahoot, or a layout that is not known: what was found is told."""
    try:
        with ZipFile(path) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if max(size, path.stat().st_size) > LARGEST:
            raise GraderError(f"{path} has more than {LARGEST:,} bytes: no report of Kahoot")
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except OSError as trouble:
        raise GraderError(f"{path}: {trouble.strerror}; name a report of Kahoot") from None
    except (BadZipFile, KeyError, ValueError, TypeError) as trouble:
        raise GraderError(f"{path} is no spreadsheet (.xlsx): {trouble}") from None
    sheets = {_bare(name): list(_lines(book[name])) for name in book.sheetnames}
    found = {kind: _sheet(sheets, name) for kind, name in SHEETS.items()}
    title, played = _overview(found["overview"])
    for rows in (_raw(found["raw"]), _summary(found["summary"])):
        if rows:
            return Report(title, played, rows=rows)
    if totals := _final(found["final"]):
        return Report(title, played, totals=totals)
    raise GraderError(
        f"{path} has no layout of Kahoot that is known. Found are {_told(book.sheetnames, sheets)}"
    )


def _lines(sheet: Any) -> Iterator[Cells]:
    sheet.reset_dimensions()  # what a file says of its own size is not always so
    yield from sheet.iter_rows(values_only=True)


def _sheet(sheets: dict[str, list[Cells]], name: str) -> list[Cells]:
    return next((lines for found, lines in sheets.items() if found.startswith(name)), [])


def _columns(lines: list[Cells], needed: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The header's row, from 0, and the places of known columns; -1 where a needed one is not there."""
    for number, line in enumerate(lines[:HEADER_ROWS]):
        bare = [_bare(cell) for cell in line]
        found = {
            name: bare.index(next(word for word in words if word in bare))
            for name, words in COLUMNS.items()
            if any(word in bare for word in words)
        }
        if found.keys() >= set(needed):
            return number, found
    return -1, {}


def _raw(lines: list[Cells]) -> tuple[Row, ...]:
    header, at = _columns(lines, ("question", "player", "answer"))
    return tuple(_answers(lines, header, at)) if header >= 0 else ()


def _answers(lines: list[Cells], header: int, at: dict[str, int]) -> Iterator[Row]:
    for number, line in enumerate(lines[header + 1 :], header + 2):
        question, player = (_text(_cell(line, at[name])) for name in ("question", "player"))
        if not question and not player:
            continue
        said = _text(_cell(line, at.get("correct", at.get("said", -1))))
        yield Row(
            line=number,
            player=player,
            question=question,
            answer=_text(_cell(line, at["answer"])),
            correct=said.casefold() in YES,
            points=_number(_cell(line, at.get("score", -1))),
        )


def _summary(lines: list[Cells]) -> tuple[Row, ...]:
    """`Q1` heads the points of the first question, the next column, headed by its text, what was chosen."""
    header, at = _columns(lines, ("player",))
    if header < 0:
        return ()
    titles = lines[header]
    pairs = [place for place, cell in enumerate(titles[:-1]) if re.fullmatch(r"q\d+", _bare(cell))]
    return tuple(
        Row(number, player, _text(titles[place + 1]), _text(_cell(line, place + 1)), points > 0, points)
        for number, line in enumerate(lines[header + 1 :], header + 2)
        if any(cell is not None for cell in line)
        for player in [_text(_cell(line, at["player"]))]
        for place in pairs
        for points in [_number(_cell(line, place))]
    )


def _final(lines: list[Cells]) -> tuple[Total, ...]:
    header, at = _columns(lines, ("player", "right", "wrong"))
    if header < 0:
        return ()
    return tuple(
        Total(number, _text(_cell(line, at["player"])), right, right + wrong, points)
        for number, line in enumerate(lines[header + 1 :], header + 2)
        if any(cell is not None for cell in line)
        for right, wrong in [(int(_number(_cell(line, at["right"]))), int(_number(_cell(line, at["wrong"]))))]
        for points in [_number(_cell(line, at.get("total", -1)))]
    )


def _overview(lines: list[Cells]) -> tuple[str, str]:
    title = _text(_cell(lines[0], 0)) if lines else ""
    played = next((_text(_cell(line, 1)) for line in lines if line and _bare(line[0]) == "playedon"), "")
    return title, played


def _cell(line: Cells, place: int) -> Any:
    return line[place] if 0 <= place < len(line) else None


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _number(cell: Any) -> float:
    """Numbers are often stored as text, also as people write them: `1 250`, `1,250`, `0,5`."""
    if isinstance(cell, int | float):
        return float(cell)
    text = re.sub(r"[\s\u00a0\u202f]", "", _text(cell))
    text = (
        text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text.replace(",", ".")
    )
    try:
        return float(text)
    except ValueError:
        return 0.0


def _bare(cell: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", _text(cell).casefold())


def _told(names: Sequence[str], sheets: dict[str, list[Cells]]) -> str:
    """Each sheet with what may be its header: the fullest of its first rows."""
    told = []
    for name, lines in zip(names, sheets.values(), strict=False):
        fullest = max(
            lines[:HEADER_ROWS], key=lambda line: sum(cell is not None for cell in line), default=()
        )
        cells = ", ".join(_text(cell) for cell in fullest if cell is not None)
        told.append(f"{visible(name)!r} ({visible(cells, 120)})")
    return "; ".join(told)
