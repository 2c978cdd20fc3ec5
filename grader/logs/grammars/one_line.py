"""`Epoch [1/5] Train Loss: 0.46 Val Loss: 0.33 ...`: the epoch and its values on one line."""

from collections.abc import Iterator, Sequence

from grader.logs import pairs
from grader.logs.events import Event, Kind
from grader.logs.lines import Line


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        header = pairs.header(line.text)
        if header is None:
            continue
        values = pairs.values(header.rest)
        if values:
            kind: Kind = "step" if pairs.is_step(header.rest) else "epoch"
            yield Event(at=at, kind=kind, number=header.number, planned=header.planned, values=values)
