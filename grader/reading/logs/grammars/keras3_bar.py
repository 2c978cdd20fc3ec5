"""Keras 3: `63/63 ━━━━ 21s 293ms/step - accuracy: 0.95 - loss: 0.13 - val_accuracy: 0.98`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.grammars import keras_bar
from grader.reading.logs.lines import Line

# The heavy rule may have been damaged by a wrong encoding, so that only its length is left of it.
BAR = re.compile(
    r"^(?P<done>\d{1,9})/(?P<steps>\d{1,9}|Unknown)\s{1,4}"
    r"[\u2501\u2500\u2578\u257a\ufffd?-]{10,60}(?P<rest>.*)"
)


def read(lines: Sequence[Line]) -> Iterator[Event]:
    """The bar shows a mean of running means, which evaluate() does not return: it need not be k/n."""
    for at, line in enumerate(lines):
        bar = BAR.match(line.text)
        if bar is not None:
            yield keras_bar.event(at, bar, approximate=True)
