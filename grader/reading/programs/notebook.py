"""The code of a notebook's cells. A notebook is never executed."""

import re
from typing import Any

import msgspec
from msgspec import Struct

CELLS = 5_000
MAGIC = re.compile(r"^(\s*)(?:[%!]|\?)(.*)$")
ASSIGNED = re.compile(r"^(\s*\w[\w, ]{0,100}=\s*)[!%](.*)$")
CELL_SHELL = re.compile(r"^%%(?:bash|sh|shell|script)\b")
CELL_MAGIC = re.compile(r"^%%\w+")


class Cell(Struct, frozen=True):
    """`number` counts all cells from 0. `code` is Python, `commands` what it hands to a shell."""

    number: int
    code: str
    commands: tuple[str, ...]


def cells(content: bytes) -> tuple[Cell, ...]:
    """The code cells. Raises ValueError: not a notebook."""
    try:
        book = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a notebook: {error}") from None
    if not isinstance(book, dict):
        raise ValueError("not a notebook: no object")
    sheets = [
        book,
        *(sheet for sheet in _list(book.get("worksheets")) if isinstance(sheet, dict)),
    ]  # format 3
    found = [cell for sheet in sheets for cell in _list(sheet.get("cells")) if isinstance(cell, dict)]
    return tuple(
        _cell(number, _text(cell.get("source", cell.get("input"))))
        for number, cell in enumerate(found[:CELLS])
        if cell.get("cell_type") == "code"
    )


def _cell(number: int, text: str) -> Cell:
    """Lines for IPython become `pass`, so that the others keep their numbers."""
    if CELL_SHELL.match(text):
        return Cell(number, "", tuple(text.splitlines()[1:]))
    code, commands = [], []
    for line in CELL_MAGIC.sub("", text).split("\n"):
        if match := MAGIC.match(line):
            commands.append(match[2])
            code.append(f"{match[1]}pass")
        elif match := ASSIGNED.match(line):
            commands.append(match[2])
            code.append(f"{match[1]}None")
        else:
            code.append(line)
    return Cell(number, "\n".join(code), tuple(commands))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
