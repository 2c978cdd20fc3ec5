"""scikit-learn's classification report: the accuracy line counts the images, the class lines sum to them."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import Value

HEADER = re.compile(r"^\s*precision\s{1,20}recall\s{1,20}f1-score\s{1,20}support\s*$")
ACCURACY = re.compile(r"^\s*accuracy\s{1,60}(?P<value>[01]\.\d{1,12})\s{1,20}(?P<images>\d{1,9})\s*$")
ROW = re.compile(r"^.{1,100}?\s(?:[01]\.\d{1,12}\s{1,20}){2,3}\d{1,9}(?:\.\d)?\s*$")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    inside = False
    for at, line in enumerate(lines):
        if HEADER.match(line.text):
            inside = True
            yield Event(at=at, kind="noise")
        elif inside:
            accuracy = ACCURACY.match(line.text)
            if accuracy:
                value = Value("accuracy", "", accuracy["value"], "fraction")
                yield Event(at=at, kind="evaluation", values=(value,), images=int(accuracy["images"]))
            elif ROW.match(line.text):
                yield Event(at=at, kind="noise")
            else:
                inside = False
