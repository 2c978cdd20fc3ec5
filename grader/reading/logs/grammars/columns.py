"""Tables whose header names an epoch and metrics: CSV, tab-separated, fastai and Hugging Face tables."""

import csv
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.reading.logs import names
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.names import Name
from grader.reading.logs.records import Split, Value

NUMBER = re.compile(r"[-+]?(?:\d{1,15}(?:[.,]\d{0,20})?|[.,]\d{1,20})(?:[eE][-+]?\d{1,3})?|nan|inf")
METRIC = re.compile(r"loss|acc|err|top.?\d", re.IGNORECASE)
TITLE = re.compile(r"(?:[^\W\d](?:[\w @/()%-]|\.(?!\d)){0,60})?")  # no `train loss: 0.5`
EPOCHS = frozenset({"epoch", "epochs", "ep", "epoch_num", "epoch number"})
STEPS = frozenset({"step", "steps", "iter", "iteration", "global_step", "batch"})
MODELS = frozenset({"model", "model_name", "phase", "stage", "run", "fold", "experiment", "backbone"})
TIMES = frozenset({"time", "seconds", "elapsed", "dur", "duration"})
DELIMITERS = ("\t", ",", ";", "|")
WIDEST = 200  # columns


class Header(Struct, frozen=True):
    """Which column holds what. `counter` is None where rows are only numbered by their order."""

    width: int
    delimiter: str  # "" for spaces; that of a row may be another
    counter: int | None
    steps: int | None
    model: int | None
    metrics: tuple[tuple[int, Name], ...]
    unprefixed: Split


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """One event a row. The delimiter may change from row to row; a second header begins a new run."""
    header: Header | None = None
    row, model = 0, ""
    for at, line in enumerate(lines):
        new = _header(line.text)
        if new is not None:
            header, row, model = new, 0, ""
            yield Event(at=at, kind="name", restart=True)
            continue
        cells = _cells(line.text, header) if header else None
        if header is None or cells is None:
            continue
        if header.model is not None and cells[header.model] != model:
            model = cells[header.model]
            yield Event(at=at, kind="name", name=model, restart=True)
        row += 1
        event = _event(at, header, cells, row)
        if event is not None:
            yield event


def _header(text: str) -> Header | None:
    if len(text) > 10_000 or not METRIC.search(text):
        return None
    for delimiter, cells in _splits(text):
        low = [cell.strip().strip("\"'*# ").lower() for cell in cells]
        if not delimiter and not _words(low):
            continue
        header = _columns(delimiter, low, cells)
        if header is not None:
            return header
    return None


def _words(low: Sequence[str]) -> bool:
    """Columns divided by spaces look like prose, unless the first is the epoch and the others are known."""
    return low[:1] == ["epoch"] and all(names.read(cell) or cell in TIMES for cell in low[1:])


def _splits(text: str, first: str = "") -> Iterator[tuple[str, list[str]]]:
    """With the delimiter `first`, then with others: in `1;0,61`, a comma belongs to a number."""
    for delimiter in dict.fromkeys((*first, *DELIMITERS)):
        if delimiter in text:
            yield delimiter, _parse(text, delimiter)
    yield "", text.split()


def _parse(text: str, delimiter: str) -> list[str]:
    if delimiter == "|":
        text = text.strip().strip("|")
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _columns(delimiter: str, low: Sequence[str], cells: Sequence[str]) -> Header | None:
    if not 2 <= len(low) <= WIDEST or not all(TITLE.fullmatch(cell) for cell in low):
        return None
    counter = _index(low, EPOCHS)
    if counter and low[counter] == "epochs":
        return None  # how many epochs each row's network was trained: a table of results
    steps = _index(low, STEPS)
    if counter is None and low[0] == "" and any("loss" in cell for cell in low):
        counter = 0  # the nameless index column of a data frame: of a history, not of results
    named = [(i, names.read(cell)) for i, cell in enumerate(cells) if i not in (counter, steps)]
    metrics = tuple((i, name) for i, name in named if name is not None)
    if not any(name.metric.endswith(("loss", "accuracy", "error_rate")) for _, name in metrics):
        return None
    if counter is None and steps is None and (len(metrics) < 2 or not _pure(low)):
        return None
    named_so = ({"valid_loss"}, {"validation loss", "training loss"}, {"val/loss", "train/loss"})
    validation = any(names <= set(low) for names in named_so)
    return Header(
        len(low), delimiter, counter, steps, _index(low, MODELS), metrics, "val" if validation else ""
    )


def _pure(low: Sequence[str]) -> bool:
    """Without a counter, only a table of nothing but training metrics is a log."""
    return all(names.read(cell) for cell in low) and any("loss" in cell for cell in low)


def _index(low: Sequence[str], known: frozenset[str]) -> int | None:
    return next((i for i, cell in enumerate(low) if cell in known), None)


def _cells(text: str, header: Header) -> list[str] | None:
    width = header.width
    for _, split in _splits(text, header.delimiter):
        cells = [cell.strip() for cell in split]
        if len(cells) == width + 1 and cells[-1] == "":
            cells.pop()
        if len(cells) == width:
            return cells
    return None


def _event(at: int, header: Header, cells: Sequence[str], row: int) -> Event | None:
    values = tuple(
        Value(name.metric, name.split, cells[i]) for i, name in header.metrics if NUMBER.fullmatch(cells[i])
    )
    place = header.counter if header.counter is not None else header.steps
    number = row if place is None else _whole(cells[place])
    if number is None or not values:
        return None
    part = header.counter is not None and header.steps is not None
    return Event(
        at=at,
        kind="step" if part else "epoch",
        number=number,
        values=values,
        unprefixed=header.unprefixed,
        unit="step" if header.counter is None and header.steps is not None else "epoch",
    )


def _whole(cell: str) -> int | None:
    """An epoch counter: 3, 3.0, and 2.5, which is a part of the third epoch."""
    if not NUMBER.fullmatch(cell) or len(cell) > 12:
        return None
    number = float(cell.replace(",", "."))
    return -int(-number // 1) if 0 <= number < 1e7 else None
