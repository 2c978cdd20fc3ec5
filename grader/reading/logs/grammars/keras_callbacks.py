"""What Keras' callbacks print between the epochs: checkpoints, learning rates, early stopping."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

EARLY = re.compile(r"^(?:Epoch \d{1,6}: )?early stopping", re.IGNORECASE)
OTHER = re.compile(
    r"^(?:Epoch \d{1,6}: (?:\w+ (?:did not|improved)|finished saving|saving|ReduceLR|\w*[Ll]earning)|"
    r"Restoring (?:model|states)|\w+ did not improve|\w+ improved from)"
)


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """`did not improve from 0.94` quotes an older epoch: such a line has no value of its own."""
    for at, line in enumerate(lines):
        if EARLY.match(line.text):
            yield Event(at=at, kind="stop")
        elif OTHER.match(line.text):
            yield Event(at=at, kind="noise")
