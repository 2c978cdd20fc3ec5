"""One training that several places show: first rows, a last line in the README, a second format."""

from collections.abc import Sequence

from msgspec.structs import replace

from grader.reading.logs import exact
from grader.reading.logs.records import RATIOS, Epoch, Log, Run, Value

COMPARED = 60  # runs
DIGITS = 3  # a value of fewer may be the same by chance
SHIFTS = (0, 1, -1)  # counted from 0 or from 1
Numbered = dict[int, Epoch]


def once(logs: Sequence[Log]) -> list[Log]:
    """The logs without the runs all of whose epochs stand in a longer run, or in an equal one before."""
    runs = [run for log in logs for run in log.runs]
    whole = [run for run in runs if run.complete]
    order = sorted(range(len(runs[:COMPARED])), key=lambda at: -len(runs[at].epochs))
    kept: list[Numbered] = []
    dropped = {id(run) for run in runs if whole and not run.complete}
    for at in order:
        if any(_stands_in(runs[at], whole) for whole in kept):
            dropped.add(id(runs[at]))
        else:
            kept.append({epoch.number: epoch for epoch in runs[at].epochs})
    return [replace(log, runs=tuple(run for run in log.runs if id(run) not in dropped)) for log in logs]


def _stands_in(run: Run, whole: Numbered) -> bool:
    return any(_shifted(run.epochs, whole, shift) for shift in SHIFTS)


def _shifted(epochs: Sequence[Epoch], whole: Numbered, shift: int) -> bool:
    telling = 0
    for epoch in epochs:
        other = whole.get(epoch.number + shift)
        same = _same(epoch, other) if other else -1
        if same < 1:
            return False
        telling += same
    return telling > 1


def _same(one: Epoch, other: Epoch) -> int:
    """How many values of enough digits agree; -1 where any two differ."""
    agreeing = 0
    for value in one.values:
        found = other.value(value.metric, value.split)
        if found is not None and not _agree(value, found):
            return -1
        agreeing += found is not None and min(_digits(value), _digits(found)) >= DIGITS
    return agreeing


def _agree(one: Value, other: Value) -> bool:
    percent = [each.metric in RATIOS and each.scale == "percent" for each in (one, other)]
    try:
        return exact.agree((one.printed, percent[0]), (other.printed, percent[1]))
    except (ArithmeticError, ValueError):  # nan, inf
        return one.printed == other.printed


def _digits(value: Value) -> int:
    mantissa = value.printed.lower().partition("e")[0]
    return sum(letter.isdigit() for letter in mantissa.lstrip("-0."))
