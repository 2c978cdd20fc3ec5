"""The grammars of training logs, in the order in which they are asked.

A line belongs to the first grammar that reads it; the later ones do not see it. To add a grammar, write one
file with a function that takes lines and yields events, and give it a row here (docs/logs.md shows one).
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec import Struct

from grader.reading.logs.events import Event
from grader.reading.logs.grammars import (
    batch_line,
    columns,
    epoch_header,
    free_text,
    headings,
    keras3_bar,
    keras_bar,
    keras_callbacks,
    keras_verbose2,
    lightning,
    mmengine,
    objects,
    one_line,
    paired,
    reports,
    size_lists,
    sizes,
    timm,
    ultralytics,
    value_list,
)
from grader.reading.logs.lines import Line


class Grammar(Struct, frozen=True):
    """`label` is what a run that begins with this grammar's values is called."""

    label: str
    read: Callable[[Sequence[Line]], Iterator[Event]]


GRAMMARS = (
    Grammar("jsonl", objects.read),
    Grammar("sklearn_report", reports.read),
    Grammar("value_list", value_list.read),
    Grammar("keras_bar", keras_bar.read),
    Grammar("keras3_bar_ansi", keras3_bar.read),
    Grammar("keras_verbose2", keras_verbose2.read),
    Grammar("keras_callback", keras_callbacks.read),
    Grammar("sizes", sizes.read),
    Grammar("size_lists", size_lists.read),
    Grammar("lightning", lightning.read),
    Grammar("timm", timm.read),
    Grammar("mmengine", mmengine.read),
    Grammar("ultralytics", ultralytics.read),
    Grammar("stop", free_text.stops),
    Grammar("csv", columns.read),
    Grammar("epoch_of_n_one_line", one_line.read),
    Grammar("batch_line", batch_line.read),
    Grammar("epoch_header", epoch_header.read),
    Grammar("heading", headings.read),
    Grammar("paired", paired.read),
    Grammar("free_text", free_text.values),
)


def read(lines: Sequence[Line]) -> list[tuple[str, Event]]:
    """What the grammars report, with the label of each, in the order of the lines."""
    left = list(range(len(lines)))
    found: list[tuple[str, Event]] = []
    for grammar in GRAMMARS:
        if grammar.read is paired.read and any(event.kind in ("epoch", "step") for _, event in found):
            continue
        reported = [
            (grammar.label, msgspec.structs.replace(event, at=left[event.at]))
            for event in grammar.read([lines[i] for i in left])
        ]
        claimed = {event.at for _, event in reported}
        left = [i for i in left if i not in claimed]
        found += reported
    return sorted(found, key=lambda pair: pair[1].at)
