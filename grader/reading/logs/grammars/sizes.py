"""How many images a loader found: `Found 2000 files belonging to 2 classes.`, `Train on 800 samples, ...`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

FOUND = re.compile(
    r"^Found (\d{1,9}) (?:validated )?(?:image(?:s| files| filenames)|files) belonging to \d{1,5} classes"
)
USING = re.compile(r"^Using (\d{1,9}) files for (training|validation)")
TRAIN_ON = re.compile(r"^Train on (\d{1,9}) samples(?:, validate on (\d{1,9}) samples)?")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        found, using, train = FOUND.match(line.text), USING.match(line.text), TRAIN_ON.match(line.text)
        if found:
            yield Event(at=at, kind="size", images=int(found[1]))
        elif using:
            yield Event(
                at=at, kind="size", split="train" if using[2] == "training" else "val", images=int(using[1])
            )
        elif train:
            yield Event(at=at, kind="size", split="train", images=int(train[1]))
            if train[2]:
                yield Event(at=at, kind="size", split="val", images=int(train[2]))
