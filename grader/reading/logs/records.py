"""What a training log says: values, epochs, runs. A value keeps the text that was printed."""

import math
from typing import Literal

from msgspec import Struct

Split = Literal["train", "val", "test", ""]
Scale = Literal["fraction", "percent", ""]
Ending = Literal["completed", "stopped early", "cut short", "not determinable"]

FILE_LIMIT = 50_000_000  # bytes of a log that is read

# Metrics that are a share of something, so that 0.93 and 93 % may be the same value.
RATIOS = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "top5_accuracy",
        "error_rate",
        "f1",
        "dice",
        "iou",
        "precision",
        "recall",
        "auc",
    }
)


# What a training is set up with; a log of nothing else shows no training.
SETTINGS = frozenset({"learning_rate", "trainable_parameters"})


class Value(Struct, frozen=True):
    """One logged number. `split` and `scale` are empty where the log does not tell.

    `metric` is in our words: accuracy, error rate, F1 and dice are different metrics and stay so.
    """

    metric: str
    split: Split
    printed: str
    scale: Scale = ""

    @property
    def number(self) -> float:
        """The number as printed, in its own scale; a decimal comma is read as a point."""
        return float(self.printed.replace(",", "."))

    @property
    def fraction(self) -> float | None:
        """A share between 0 and 1, or None where the scale is not known or the value is no share."""
        share = self.number / 100 if self.scale == "percent" else self.number
        return share if self.scale and 0 <= share <= 1 else None


class Epoch(Struct, frozen=True):
    """`number` is the printed one, so it may count from 0. `complete` is False where it was cut off."""

    number: int
    where: str
    values: tuple[Value, ...]
    complete: bool

    def value(self, metric: str, split: str) -> Value | None:
        """The last value of that metric and split in this epoch."""
        found = [value for value in self.values if value.metric == metric and value.split == split]
        return found[-1] if found else None


class Run(Struct, frozen=True, kw_only=True):
    """One pass of an epoch counter. `planned` is the last epoch announced, None where nobody announced one.

    A run resumed at epoch 5 of 10 has six epochs and `planned` 10.
    """

    where: str
    grammar: str
    epochs: tuple[Epoch, ...]
    planned: int | None = None
    unit: Literal["epoch", "step"] = "epoch"
    phase: str = ""
    ending: Ending = "not determinable"

    @property
    def complete(self) -> tuple[Epoch, ...]:
        return tuple(epoch for epoch in self.epochs if epoch.complete)

    def last(self, metric: str, split: str) -> Value | None:
        """The value of the last complete epoch that has it."""
        for epoch in reversed(self.complete):
            value = epoch.value(metric, split)
            if value is not None:
                return value
        return None

    def best(self, metric: str, split: str) -> Value | None:
        """The highest value (the lowest of a loss or an error) of all complete epochs."""
        found = [value for epoch in self.complete if (value := epoch.value(metric, split)) is not None]
        found = [value for value in found if math.isfinite(value.number)]
        if not found:
            return None
        pick = min if metric.endswith(("loss", "error", "error_rate", "mse", "mae")) else max
        return pick(found, key=lambda value: value.number)


class Evaluation(Struct, frozen=True):
    """Values measured outside the epochs. `approximate`: a running mean that need not be k/n."""

    where: str
    values: tuple[Value, ...]
    images: int | None = None
    approximate: bool = False


class Size(Struct, frozen=True):
    """How many images a log says a split has. `split` is empty where it does not say which."""

    split: Split
    images: int
    where: str


class Pass(Struct, frozen=True):
    """A whole pass over a split took so many steps. `split` is empty where nothing says of which.

    Steps are `batches`, or they may be images: old versions of Keras count these.
    """

    split: Split
    steps: int
    where: str
    batches: bool = True


class Plan(Struct, frozen=True):
    """What a log announced before it trained: how many epochs a phase would have."""

    phase: str
    epochs: int
    where: str


class Log(Struct, frozen=True, kw_only=True):
    """One file, or one cell of a notebook."""

    where: str
    runs: tuple[Run, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    sizes: tuple[Size, ...] = ()
    passes: tuple[Pass, ...] = ()
    plans: tuple[Plan, ...] = ()
    warnings: tuple[str, ...] = ()
