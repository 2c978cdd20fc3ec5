"""JSON: one object a line (the starter's log, Hugging Face and others), or one of lists (Keras' history)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.reading.logs import names, starter
from grader.reading.logs.events import Event, Kind
from grader.reading.logs.lines import Line
from grader.reading.logs.names import SPLITS
from grader.reading.logs.records import Split, Value
from grader.reading.logs.starter import Record

PYTHON = re.compile(r"'([\w/@. -]{1,80})':")
CONSTANT = re.compile(r"-?\b(?:nan|NaN|inf|Infinity|None|True|False)\b")
LITERAL = re.compile(r"[-+]?(?:nan|inf|infinity|\d{1,15}(?:\.\d{0,20})?(?:e[-+]?\d{1,3})?)", re.IGNORECASE)
LOSSES = ("loss", *(f"{split}_loss" for split in SPLITS))
EACH = re.compile(r"(?:_(?:records?|history|values|list|per|for|each|every|epochs?|by))+$")
VALUES_LIMIT = 200_000  # in all histories of one text


class Printed(str):
    """A number, as it was printed."""

    __slots__ = ()


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """Raises ValueError: histories of more values than any training has."""
    plans: dict[str, int] = {}
    phase, left = "", VALUES_LIMIT
    for at, line in enumerate(lines):
        record = parse(line.text)
        if record is None:
            continue
        if record.get("event") == "run":
            plans = starter.planned(record)
            yield Event(at=at, kind="name", restart=True)
            for named, epochs in plans.items():
                yield Event(at=at, kind="plan", name=named, planned=epochs)
            yield from _sizes(at, starter.images(record))
        elif record.get("event") == "end":
            yield Event(at=at, kind="end")
        elif record.get("event") in starter.STOPS:
            yield Event(at=at, kind="stop")
        else:
            named = _phase(record)
            if named and named != phase:
                yield Event(at=at, kind="name", name=named, restart=True)
            phase = named or phase
            lists = _lists(record)
            left -= sum(map(len, lists.values()))
            if left < 0:
                raise ValueError(f"its histories have more than {VALUES_LIMIT} values")
            yield from _history(at, lists) if lists else _epoch(at, record, plans.get(phase))


def parse(text: str) -> Record | None:
    """The object on this line, in JSON or as Python prints one. Numbers stay the text that was printed."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    for source in (text, CONSTANT.sub(r'"\g<0>"', PYTHON.sub(r'"\1":', text)).replace("'", '"')):
        try:
            record = msgspec.json.decode(source, type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, RecursionError):
            continue
        return {key: _plain(raw) for key, raw in record.items()}
    return None


def _plain(raw: msgspec.Raw, depth: int = 0) -> Any:
    """Objects, lists and texts as Python has them; a number is a `Printed`, which remembers its digits."""
    try:
        text = bytes(raw).decode()
        if text[:1] == "{" and depth < 2:
            inner = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            return {key: _plain(value, depth + 1) for key, value in inner.items()}
        if text[:1] == "[" and depth < 2:
            return [_plain(value, depth + 1) for value in msgspec.json.decode(raw, type=list[msgspec.Raw])]
        if text[:1] in "-0123456789":
            return Printed(text)
        value = msgspec.json.decode(raw)
        return Printed(value) if isinstance(value, str) and LITERAL.fullmatch(value) else value
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _epoch(at: int, record: Record, planned: int | None) -> Iterator[Event]:
    split = SPLITS.get(str(record.get("mode", record.get("split", ""))).lower(), "")
    values = tuple(_values(record, split))
    if not values:
        return
    number, part = _counter(record, ("epoch", "ep", "epochs_done"))
    if number is not None:
        planned = planned or _counter(record, ("epochs", "num_epochs", "total_epochs", "max_epochs"))[0]
        part = part or any(key in record for key in ("iter", "batch", "iteration"))
        yield Event(at=at, kind="step" if part else "epoch", number=number, planned=planned, values=values)
        return
    step, _ = _counter(record, ("step", "iter", "iteration", "global_step", "batch"))
    kind: Kind = "evaluation" if step is None else "epoch"
    yield Event(at=at, kind=kind, number=step, values=values, unit="step" if step is not None else "epoch")


def _lists(record: Record) -> Mapping[str, Sequence[Any]]:
    """The lists of a history; none where the record is none."""
    lists = {key: value for key, value in record.items() if isinstance(value, list)}
    for key, value in record.items():
        if isinstance(value, dict):
            lists |= {_of_split(key, inner): each for inner, each in value.items() if isinstance(each, list)}
    return {} if lists.keys().isdisjoint(LOSSES) else lists


def _of_split(outer: str, inner: str) -> str:
    """`{"loss": {"train": [...]}}` and `{"train": {"loss": [...]}}` are both of `train_loss`."""
    split, metric = (outer, inner) if outer in SPLITS else (inner, outer)
    return f"{split}_{EACH.sub('', metric)}" if split in SPLITS else f"{outer}_{inner}"


def _history(at: int, lists: Mapping[str, Sequence[Any]]) -> Iterator[Event]:
    """What Keras calls a history: one list a metric, one place an epoch."""
    yield Event(at=at, kind="name", restart=True)
    named = [(name, values) for key, values in lists.items() if (name := names.read(key)) is not None]
    for place in range(min(max((len(values) for _, values in named), default=0), 10_000)):
        row = tuple(
            Value(name.metric, name.split, str(values[place]))
            for name, values in named
            if place < len(values) and isinstance(values[place], Printed)
        )
        if row:
            yield Event(at=at, kind="epoch", number=place + 1, values=row, unprefixed="train")


def _values(record: Record, split: Split) -> Iterator[Value]:
    for key, found in record.items():
        if isinstance(found, Mapping) and key in (*SPLITS, "metrics"):
            yield from _values(found, SPLITS.get(key, split))
        name = names.read(key) if isinstance(found, Printed) else None
        if name is not None:
            yield Value(name.metric, name.split or split, str(found))


def _counter(record: Record, keys: Sequence[str]) -> tuple[int | None, bool]:
    """The number of the first key that is there, and whether it is only a part of that epoch."""
    for key in keys:
        found = record.get(key)
        if isinstance(found, Printed) and len(found) < 25:
            number = float(found)
            if 0 <= number < 1e7:
                return -int(-number // 1), number % 1 != 0
    return None, False


def _phase(record: Record) -> str:
    return next((record[key] for key in ("phase", "stage", "model") if type(record.get(key)) is str), "")


def _sizes(at: int, images: Mapping[str, int]) -> Iterator[Event]:
    known = [(SPLITS[split], number) for split, number in images.items() if split in SPLITS]
    yield from (Event(at=at, kind="size", split=split, images=number) for split, number in known)
