"""Ultralytics' classification: `1/3  0.31G  0.6931  16  224: 100%|##|` an epoch, then `all  0.81  1`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

HEADINGS = re.compile(r"Epoch\s+GPU_mem\s+loss\b|classes\s+top1_acc\s+top5_acc")
EPOCH = re.compile(
    r"(?P<number>\d{1,6})/(?P<planned>\d{1,6})\s+[\d.]{1,8}[KMG]B?\s+(?P<loss>[\d.]{1,12})\s+\d{1,8}\s+\d{1,6}:"
)
ALL = re.compile(r"all\s+(?P<top1>[\d.]{1,10})\s+(?P<top5>[\d.]{1,10})$")
ENDED = re.compile(r"\d{1,6} epochs completed in ")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """After the last epoch the best network is measured again: that belongs to no epoch."""
    trains = ended = False
    for at, line in enumerate(lines):
        text = line.text.strip()
        if HEADINGS.match(text):
            trains = True
            yield Event(at=at, kind="noise")
        elif trains and (epoch := EPOCH.match(text)):
            loss = Value("loss", "train", epoch["loss"])
            number, planned = int(epoch["number"]), int(epoch["planned"])
            yield Event(at=at, kind="epoch", number=number, planned=planned, values=(loss,))
        elif trains and (found := ALL.match(text)):
            values = (Value("accuracy", "val", found["top1"]), Value("top5_accuracy", "val", found["top5"]))
            yield Event(at=at, kind="evaluation" if ended else "epoch", values=values)
        elif trains and ENDED.match(text):
            ended = True
            yield Event(at=at, kind="noise")
