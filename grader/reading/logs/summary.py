"""What is kept of a run as evidence: enough to judge it, few enough epochs to store."""

import math
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from grader.reading.logs.records import Ending, Epoch, Run, Value

EPOCHS_KEPT = 20  # of one run: the first and the last half of them


class RunSummary(Struct, frozen=True, kw_only=True):
    """A run without most of its epochs. `missing` are planned epochs that are not complete in the log."""

    where: str
    grammar: str
    phase: str
    unit: Literal["epoch", "step"]
    planned: int | None
    done: int
    missing: tuple[int, ...]
    ending: Ending
    last_where: str
    epochs: tuple[Epoch, ...]
    not_finite: tuple[str, ...]  # places of values that are nan or infinite
    last_accuracy: Value | None
    best_accuracy: Value | None
    trainable: int | None


def of(run: Run) -> RunSummary:
    half = EPOCHS_KEPT // 2
    kept = run.epochs if len(run.epochs) <= EPOCHS_KEPT else run.epochs[:half] + run.epochs[-half:]
    trainable = run.last("trainable_parameters", "")
    return RunSummary(
        where=run.where,
        grammar=run.grammar,
        phase=run.phase,
        unit=run.unit,
        planned=run.planned,
        done=len(run.complete),
        missing=_missing(run),
        ending=run.ending,
        last_where=run.epochs[-1].where,
        epochs=kept,
        not_finite=tuple(_not_finite(run.epochs))[:10],
        last_accuracy=run.last("accuracy", "val"),
        best_accuracy=run.best("accuracy", "val"),
        trainable=int(trainable.number) if trainable else None,
    )


def _missing(run: Run) -> tuple[int, ...]:
    """Numbers between the first epoch and the plan. A resumed run begins at its first epoch."""
    if run.planned is None or run.unit == "step":
        return ()
    first = run.epochs[0].number
    last = run.planned - 1 if first == 0 else run.planned
    done = {epoch.number for epoch in run.complete}
    return tuple(number for number in range(first, min(last, first + 10_000) + 1) if number not in done)[
        :1000
    ]


def _not_finite(epochs: Iterable[Epoch]) -> Iterable[str]:
    return (epoch.where for epoch in epochs if any(not math.isfinite(value.number) for value in epoch.values))


def shown(value: Value) -> str:
    return value.printed + (" %" if value.scale == "percent" else "")


def describe(run: RunSummary) -> str:
    """One run in a few words: `6 of 10 epochs, validation accuracy 0.9840, stopped early`."""
    planned = f" of {run.planned}" if run.planned is not None else ""
    last, best = run.last_accuracy, run.best_accuracy
    value = f", validation accuracy {shown(last)}" if last else ""
    value += f", at best {shown(best)}" if last and best and best.number > last.number else ""
    ending = {"stopped early": ", stopped early", "cut short": ": the log ends in the middle"}
    return f"{run.done}{planned} {run.unit}s{value}{ending.get(run.ending, '')}"
