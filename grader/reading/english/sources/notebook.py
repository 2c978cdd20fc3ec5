"""Jupyter notebooks, cell by cell. What the cells printed is not judged: the strings that printed it are."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

CELL_MAGIC = re.compile(r"^\s*%%(\w+)[^\n]*\n?")
LINE_MAGIC = re.compile(r"^\s*[%!?].*$|^\s*[\w.]+\?{1,2}\s*$", re.MULTILINE)
MAGIC_LANGUAGES = {
    "bash": "bash",
    "sh": "bash",
    "script": "bash",
    "javascript": "javascript",
    "js": "javascript",
    "latex": "tex",
    "R": "r",
    "sql": "sql",
    "ruby": "ruby",
    "perl": "perl",
}  # noqa: E501


class Cell(Struct, frozen=True):
    cell_type: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""  # of version 3


class Sheet(Struct, frozen=True):
    cells: list[Cell] = []


class Notebook(Struct, frozen=True):
    cells: list[Cell] = []
    worksheets: list[Sheet] = []  # of version 3
    metadata: dict[str, Any] = {}


class Part(Struct, frozen=True):
    """The source of one cell; `language` is markdown, or the name of a programming language."""

    cell: int  # from 0, all cells counted
    language: str
    text: str


def parts(content: bytes) -> Iterator[Part]:
    """Raises ValueError: not a notebook."""
    try:
        notebook = msgspec.json.decode(content, type=Notebook)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a notebook: {error}") from None
    language = _language(notebook.metadata)
    cells = notebook.cells or [cell for sheet in notebook.worksheets for cell in sheet.cells]
    for number, cell in enumerate(cells):
        text = _text(cell.source or cell.input)
        if cell.cell_type == "code":
            yield _code(number, text, language)
        elif cell.cell_type in ("markdown", "heading", "raw"):
            yield Part(number, "markdown", text)


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _language(metadata: dict[str, Any]) -> str:
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        record = metadata.get(name)
        if isinstance(record, dict) and isinstance(record.get(key), str):
            return str(record[key]).lower()
    return "python"


def _code(number: int, text: str, language: str) -> Part:
    magic = CELL_MAGIC.match(text)
    if magic:
        body = text[magic.end() :]
        return Part(
            number,
            MAGIC_LANGUAGES.get(magic[1], "markdown" if magic[1] in ("markdown", "html") else language),
            body,
        )
    return Part(number, language, LINE_MAGIC.sub("", text) if language.startswith("python") else text)
