"""`[1,  2000] loss: 2.236`: epoch and batch in brackets, as the first PyTorch tutorial prints them."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

LINE = re.compile(r"^\[\s{0,8}(?P<epoch>\d{1,6}),\s{0,8}\d{1,8}\]\s{0,8}(?P<rest>.*)")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        found = LINE.match(line.text)
        values = pairs.values(found["rest"]) if found else ()
        if found and values:
            yield Event(at=at, kind="step", number=int(found["epoch"]), values=values)
