"""A line of training values above one of validation values, again and again, without any `Epoch 3`."""

from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

FEWEST = 2  # such pairs; one may be the evaluation of a finished network


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """Epochs counted from 1, as often as the same values come. Only for texts in which no line names one."""
    values = [
        () if pairs.is_step(line.text) or pairs.compares(line.text) else pairs.values(line.text)
        for line in lines
    ]
    found = [at for at in range(len(lines) - 1) if _is(values[at], "train") and _is(values[at + 1], "val")]
    numbers = list(_numbers([frozenset(value.metric for value in values[at]) for at in found]))
    if len(found) < FEWEST:
        return
    for number, at in zip(numbers, found, strict=True):
        yield Event(at=at, kind="epoch", number=number, values=values[at])
        yield Event(at=at + 1, kind="epoch", number=number, values=values[at + 1])


def _numbers(told: Sequence[frozenset[str]]) -> Iterator[int]:
    """Losses and then accuracies are of one epoch; with the next losses another one begins."""
    number, seen = 0, set[str]()
    for metrics in told:
        if not number or not seen.isdisjoint(metrics):
            number, seen = number + 1, set()
        seen |= metrics
        yield number


def _is(values: Sequence[Value], split: str) -> bool:
    return bool(values) and all(value.split == split for value in values)
