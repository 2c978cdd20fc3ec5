"""PyTorch Lightning: `Epoch 0: 100%|##| 25/25 [.., train_loss=0.5]`, its end mark, its tables of results."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import names, pairs
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

BAR = re.compile(
    r"^Epoch (?P<number>\d{1,6}):\s{1,4}(?P<percent>\d{1,3})%\|.{0,400}?\|\s{0,4}(?P<rest>\d.{0,2000})$"
)
STOPPED = re.compile(r"`Trainer\.fit` stopped: `max_epochs=(\d{1,6})` reached")
ROW = re.compile(
    r"^[\u2502|]?\s{0,20}(?P<key>[A-Za-z][\w/ .-]{0,60}?)\s{2,60}[\u2502|]?\s{0,20}"
    r"(?P<value>\d{1,9}\.\d{1,20}(?:e[-+]\d{1,3})?)\s{0,40}[\u2502|]?$"
)
RESULTS = re.compile(r"\b(Test|Validate) metric\b|DATALOADER:\d+ (TEST|VALIDATE) RESULTS")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    results = ""
    for at, line in enumerate(lines):
        bar, stopped, heading = BAR.match(line.text), STOPPED.search(line.text), RESULTS.search(line.text)
        row = ROW.match(line.text) if results else None
        if heading:
            results = "test" if "test" in heading[0].lower() else "val"
        if bar:
            yield from _bar(at, bar)
        elif stopped:
            yield Event(at=at, kind="end", planned=int(stopped[1]))
        elif row:
            name = names.read(row["key"])
            if name is not None:
                value = Value(
                    name.metric, name.split or ("test" if results == "test" else "val"), row["value"]
                )
                yield Event(at=at, kind="evaluation", values=(value,))


def _bar(at: int, bar: re.Match[str]) -> Iterator[Event]:
    values = pairs.values(bar["rest"])
    number = int(bar["number"])
    if bar["percent"] == "100":
        yield Event(at=at, kind="epoch", number=number, values=values)
    else:
        yield Event(at=at, kind="step", number=number, values=values)
