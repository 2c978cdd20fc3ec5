"""What one grammar reports of one line: the small language between the grammars and the assembly of runs."""

from typing import Literal

from msgspec import Struct

from grader.reading.logs.records import Split, Value

Kind = Literal[
    "epoch",  # an epoch begins, or final values of one; without a number: of the epoch that is open
    "step",  # values of a part of an epoch: a later line replaces them
    "evaluation",  # values that belong to no epoch
    "best",  # the best value so far, as the log states it
    "stop",  # training ended before the plan, on purpose
    "end",  # training ended as planned; `planned` may say what the plan was
    "name",  # a model or a phase begins; `name` says which
    "plan",  # the phase `name` will have `planned` epochs
    "size",  # `images` in `split`
    "noise",  # read and understood: nothing to report, and no other grammar should try
]


class Event(Struct, frozen=True, kw_only=True):
    """`at` is the position in the sequence of lines that the grammar was given.

    `unprefixed` is the split of a value that names none, once it is known to be part of an epoch.
    """

    at: int
    kind: Kind
    number: int | None = None
    planned: int | None = None
    values: tuple[Value, ...] = ()
    unprefixed: Split = ""
    name: str = ""
    split: Split = ""
    images: int | None = None
    steps: int = 0  # of a whole pass, where the line counts them
    batches: bool = True  # they are batches; else, as old versions of Keras count, perhaps images
    approximate: bool = False
    restart: bool = False  # a new run begins here whatever the counter says
    unit: Literal["epoch", "step"] = "epoch"
    counts_from_zero: bool = False  # `planned` is the number of the last epoch of a counter that begins at 0
