"""Keras with `verbose=2`: `63/63 - 2s - 31ms/step - loss: 0.1`, in Keras 1 only ` - 2s - loss: 0.1`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

LINE = re.compile(r"^(?:\d{1,9}/(?P<steps>\d{1,9})\s{0,2})?\s?-\s\d{1,7}m?s\b(?P<rest>.*)")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        found = LINE.match(line.text)
        values = pairs.values(found["rest"]) if found else ()
        if values:
            steps = int(found["steps"] or 0) if found else 0
            yield Event(at=at, kind="epoch", values=values, unprefixed="train", steps=steps)
