"""`Epoch [1/5] Train Loss: 0.46 Val Loss: 0.33 ...`: the epoch and its values on one line."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event, Kind
from grader.reading.logs.lines import Line

PHASE = re.compile(r"^(?:phase|stage)\s{1,2}", re.IGNORECASE)


def read(lines: Sequence[Line]) -> Iterator[Event]:
    phase = ""
    for at, line in enumerate(lines):
        header = pairs.header(line.text)
        values = pairs.values(header.rest) if header else ()
        if header is None or not values:
            continue
        if header.phase != phase:
            phase = header.phase
            yield Event(at=at, kind="name", name=PHASE.sub("", phase), restart=True)
        kind: Kind = "step" if pairs.is_step(header.rest) else "epoch"
        yield Event(at=at, kind=kind, number=header.number, planned=header.planned, values=values)
