"""A notebook's cells, from the bytes of its file; formats 3 and 4, and JSON as nbformat takes it."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from grader.ground import encoded
from grader.reading import texts

BYTES = 50_000_000  # of one file, with the pictures in it
CELLS = 5_000  # of one notebook; `left_out` tells how many more there are
OUTPUT = 20_000_000  # characters of one output

ERRORS = ("error", "pyerr")  # in formats 4 and 3
WIDGET = "application/vnd.jupyter.widget-view+json"

Kind = Literal["code", "text"]


class Output(Struct, frozen=True):
    """What a cell showed. `stream` is where it printed ("" for a shown value), `error` what it raised."""

    text: str = ""
    html: str = ""
    stream: str = ""
    error: str = ""
    widget: bool = False


class Cell(Struct, frozen=True):
    """`number` counts all cells from 0; `executed` is the number of its last execution, 0 for none.

    `label` is what nbgrader calls the cell, where it knows it.
    """

    number: int
    kind: Kind
    source: str
    outputs: tuple[Output, ...] = ()
    executed: int = 0
    label: str = ""


class Notebook(Struct, frozen=True):
    """`language` is that of the kernel, in lower case."""

    cells: tuple[Cell, ...]
    language: str = "python"
    left_out: int = 0


def parse(content: bytes) -> Notebook:
    """Raises ValueError: the file is not a notebook, and why."""
    text = texts.decode(content)
    book = _json(text.content if text else "")
    if not isinstance(book, dict):
        raise ValueError("not a notebook: no object")
    sheets = [book, *(sheet for sheet in _list(book, "worksheets") if isinstance(sheet, dict))]  # format 3
    if not any(isinstance(sheet.get("cells"), list) for sheet in sheets):
        raise ValueError("not a notebook: it has no cells")
    found = [cell for sheet in sheets for cell in _list(sheet, "cells") if isinstance(cell, dict)]
    cells = tuple(_cell(number, cell) for number, cell in enumerate(found[:CELLS]))
    return Notebook(cells, _language(book.get("metadata")), max(0, len(found) - CELLS))


def _json(text: str) -> Any:
    """As nbformat reads it: NaN and Infinity are numbers, and half a surrogate pair is a letter."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = encoded.conflict(text)
        what = f"line {line} begins a merge conflict that is not resolved" if line else _where(error)
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets in brackets
        what = "its JSON is beyond what Jupyter reads"
    raise ValueError(f"not a notebook: {what}")


def _where(error: json.JSONDecodeError) -> str:
    return f"line {error.lineno}, column {error.colno} is not JSON"


def _cell(number: int, cell: Mapping[str, Any]) -> Cell:
    source = _text(cell.get("source", cell.get("input")))
    if cell.get("cell_type", "code" if "outputs" in cell else "") != "code":
        return Cell(number, "text", source, label=_label(cell))
    outputs = tuple(_output(output) for output in _list(cell, "outputs") if isinstance(output, dict))
    executed = cell.get("execution_count", cell.get("prompt_number"))
    return Cell(number, "code", source, outputs, executed if isinstance(executed, int) else 0, _label(cell))


def _output(output: Mapping[str, Any]) -> Output:
    kind = output.get("output_type")
    if kind in ERRORS:
        return Output(error=str(output.get("ename"))[:100] or "error")
    if kind == "stream":
        name = str(output.get("name", output.get("stream", "stdout")))
        return Output(_text(output.get("text"))[:OUTPUT], stream=name or "stdout")
    data = output.get("data", output)  # format 3 has no `data`, and other names in it
    bundle = data if isinstance(data, dict) else {}
    return Output(
        text=_text(bundle.get("text/plain", bundle.get("text")))[:OUTPUT],
        html=_text(bundle.get("text/html", bundle.get("html")))[:OUTPUT],
        widget=WIDGET in bundle,
    )


def _label(cell: Mapping[str, Any]) -> str:
    metadata = cell.get("metadata")
    record = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    label = record.get("grade_id") if isinstance(record, dict) else None
    return label if isinstance(label, str) else ""


def _language(metadata: Any) -> str:
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        record = metadata.get(name) if isinstance(metadata, dict) else None
        if isinstance(record, dict) and isinstance(record.get(key), str):
            return str(record[key]).lower()
    return "python"


def _list(mapping: Mapping[str, Any], key: str) -> list[Any]:
    value = mapping.get(key)
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A text or a list of its lines. Halves of surrogate pairs are joined, or a mark takes their place."""
    parts = value if isinstance(value, list) else [value]
    text = "".join(part for part in parts if isinstance(part, str))
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\r\n", "\n")
