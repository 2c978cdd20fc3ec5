"""`[0.2166, 0.9410]`: what Keras' evaluate() returns. The bar above it names the two values."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event
from grader.reading.logs.grammars import keras3_bar, keras_bar
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

NUMBER = r"\d{1,9}\.\d{1,20}(?:e[-+]?\d{1,3})?"
PAIR = re.compile(rf"^[\[(](?:np\.float\d\d\()?({NUMBER})\)?,\s(?:np\.float\d\d\()?({NUMBER})\)?[\])]$")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """Only where a bar with a loss and one other metric stands above: nothing else names the two values."""
    metric = ""
    for at, line in enumerate(lines):
        bar = keras_bar.BAR.match(line.text) or keras3_bar.BAR.match(line.text)
        shown = [value.metric for value in pairs.values(bar["rest"])] if bar else []
        if shown:
            other = [name for name in shown if name != "loss"]
            metric = other[0] if len(shown) == 2 and len(other) == 1 and "val_" not in line.text else ""
        found = PAIR.match(line.text)
        if found and metric:
            values = (Value("loss", "", found[1]), Value(metric, "", found[2]))
            yield Event(at=at, kind="evaluation", values=values)
