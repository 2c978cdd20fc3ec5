"""`Epoch 3/10` on a line of its own. The values come on the lines below."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

RULE = re.compile(r"^[-=*_#\u2500]{3,}$")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """A rule below `Epoch 0/24` is the mark of a tutorial whose 24 is the last number, not the count."""
    for at, line in enumerate(lines):
        header = pairs.header(line.text)
        if header is None or pairs.values(header.rest):
            continue
        ruled = at + 1 < len(lines) and RULE.match(lines[at + 1].text) is not None
        yield Event(at=at, kind="epoch", number=header.number, planned=header.planned, counts_from_zero=ruled)
