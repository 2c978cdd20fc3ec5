"""timm: `Train: 0 [  96/97 (100%)]  Loss: 0.512 (0.613)`, `Test: [   6/6]  Acc@1: 87.5 ( 82.0)`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import names
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Split, Value

TRAIN = re.compile(r"Train: (?P<epoch>\d{1,6}) \[\s{0,8}\d{1,8}/\d{1,8} \(\s{0,3}\d{1,3}%\)\]")
TEST = re.compile(r"Test(?P<averaged> \(EMA\))?: \[\s{0,8}(?P<done>\d{1,8})/(?P<last>\d{1,8})\]")
METER = re.compile(
    r"(?P<name>[A-Za-z][\w@]{0,20}):\s{0,8}[\d.e+-]{1,20} {1,2}\(\s{0,8}(?P<mean>[\d.e+-]{1,20})\)"
)


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """The means in brackets. What timm calls Test follows each epoch; alone it is not read here."""
    trains = False
    for at, line in enumerate(lines):
        if found := TRAIN.match(line.text):
            trains = True
            values = _means(line.text[found.end() :], "train")
            yield Event(at=at, kind="step", number=int(found["epoch"]), values=values)
        elif trains and (found := TEST.match(line.text)):
            ended = found["done"] == found["last"] and not found["averaged"]
            values = _means(line.text[found.end() :], "val") if ended else ()
            yield Event(at=at, kind="epoch" if values else "noise", values=values)


def _means(text: str, split: Split) -> tuple[Value, ...]:
    named = [(names.read(meter["name"]), meter["mean"]) for meter in METER.finditer(text)]
    return tuple(Value(name.metric, split, mean) for name, mean in named if name is not None)
