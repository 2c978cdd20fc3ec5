"""Keras 1 and 2: `32/32 [====] - 2s 61ms/step - loss: 0.19 - accuracy: 0.92 - val_loss: 0.25`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs import pairs
from grader.reading.logs.events import Event, Kind
from grader.reading.logs.lines import Line

BAR = re.compile(r"^(?P<done>\d{1,9})/(?P<steps>\d{1,9}|Unknown)\s{1,4}\[[=>.\s]{0,80}\](?P<rest>.*)")


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        bar = BAR.match(line.text)
        if bar is not None:
            yield event(at, bar, approximate=False)


def event(at: int, bar: re.Match[str], *, approximate: bool) -> Event:
    """A full bar is final, any other only progress. Values without `val_` are the training set's.

    Only the bar of Keras 3, whose means are approximate, surely counts batches.
    """
    values = pairs.values(bar["rest"])
    if not values:
        return Event(at=at, kind="noise")
    full = "val_" in bar["rest"] if bar["steps"] == "Unknown" else int(bar["done"]) >= int(bar["steps"])
    kind: Kind = "epoch" if full else "step"
    steps = int(bar["steps"]) if full and bar["steps"].isdigit() else 0
    return Event(
        at=at,
        kind=kind,
        values=values,
        unprefixed="train",
        approximate=approximate,
        steps=steps,
        batches=approximate,
    )
