"""A line of training values above one of validation values, again and again, without any `Epoch 3`."""

from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

FEWEST = 2  # such pairs; one may be the evaluation of a finished network


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """Each pair is an epoch, counted from 1. Only for texts in which no line names an epoch."""
    values = [pairs.values(line.text) if not pairs.is_step(line.text) else () for line in lines]
    found = [at for at in range(len(lines) - 1) if _is(values[at], "train") and _is(values[at + 1], "val")]
    if len(found) < FEWEST:
        return
    for number, at in enumerate(found, 1):
        yield Event(at=at, kind="epoch", number=number, values=values[at])
        yield Event(at=at + 1, kind="epoch", number=number, values=values[at + 1])


def _is(values: Sequence[Value], split: str) -> bool:
    return bool(values) and all(value.split == split for value in values)
