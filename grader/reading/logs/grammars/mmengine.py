"""MMEngine: `Epoch(train) [1][ 50/100] loss: 0.65`, `Epoch(val) [1][25/25] accuracy/top1: 81.0`."""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from grader.reading.logs import names, pairs
from grader.reading.logs.events import Event, Kind
from grader.reading.logs.lines import Line

LINE = re.compile(
    r"Epoch\s?(?:\((?P<split>train|val|test)\))?\s{0,8}\[(?P<epoch>\d{1,6})\]\s?\[\s{0,8}\d{1,8}(?:/\d{1,8})?\]"
)


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """Every line names its epoch; a line of the training is one of its iterations."""
    for at, line in enumerate(lines):
        found = LINE.match(line.text)
        if found:
            split = names.SPLITS[found["split"] or "train"]
            read = pairs.values(line.text[found.end() :])
            values = tuple(value if value.split else replace(value, split=split) for value in read)
            kind: Kind = "step" if split == "train" else "epoch"
            yield Event(at=at, kind=kind, number=int(found["epoch"]), values=values)
