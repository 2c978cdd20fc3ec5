"""Any line with a known `key: number`: `val Loss: 0.2 Acc: 0.93`, `Accuracy = 93.1`, misspelt keys too."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

STOPPED = re.compile(
    r"early.?stop(?:ping|ped)?(?: triggered| at| after|!|\.|$)|"
    r"stopped training (?:after|at)|^stopping early",
    re.IGNORECASE,
)
AFTER = re.compile(r"\b(\d{1,6})\s?/\s?(\d{1,6})\b")
BEST = re.compile(r"\b(?:best|better|highest|improved|increased|decreased|improve)\b", re.IGNORECASE)
# A setting is not a result: `patience=5, min_delta=0.01, monitor: val_loss`.
SETTING = re.compile(
    r"\b(?:patience|min_delta|monitor|threshold|hyperparameters?|config|args)\b", re.IGNORECASE
)
PROSE = 300  # characters; a longer line is a paragraph


def values(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        found = pairs.values(line.text) if len(line.text) <= PROSE and not line.table else ()
        if not found or SETTING.search(line.text) or pairs.compares(line.text):
            continue
        if BEST.search(line.text):
            yield Event(at=at, kind="best", values=found)
        else:
            yield Event(at=at, kind="step" if pairs.is_step(line.text) else "epoch", values=found)


def stops(lines: Sequence[Line]) -> Iterator[Event]:
    """`Stopped training after 4/5000 epochs.` and its relatives."""
    for at, line in enumerate(lines):
        if len(line.text) <= PROSE and STOPPED.search(line.text) and not SETTING.search(line.text):
            after = AFTER.search(line.text)
            yield Event(at=at, kind="stop", planned=int(after[2]) if after else None)
