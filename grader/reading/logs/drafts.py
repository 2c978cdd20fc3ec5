"""A run while it is being read, and the record that becomes of it: complete or not, and how it ended."""

from collections.abc import Sequence

import msgspec

from grader.reading.logs import scales
from grader.reading.logs.events import Event
from grader.reading.logs.records import SETTINGS, Ending, Epoch, Run, Split, Value


class EpochDraft(msgspec.Struct):
    """An epoch that is still being read."""

    number: int
    where: str
    values: list[Value]
    final: bool = False
    parts: int = 0  # how often values of a part of it came
    part: bool = False  # only values of a part of it so far
    repeated: bool = False  # its header came twice: either a second loop over it, or a restart


class RunDraft(msgspec.Struct):
    where: str
    grammar: str
    phase: str
    unit: str
    planned: int | None
    zero: bool = False
    epochs: list[EpochDraft] = []
    ending: Ending | None = None
    counted: bool = False  # by us, since no line names its epochs
    after: bool = False  # something was printed after it
    begun: bool = False  # an epoch has values
    again: bool = False  # it prints values of an epoch more than once
    earlier: set[tuple[str, Split]] = set()  # what the epochs before the last have: metric and split


def conflict(draft: EpochDraft, event: Event) -> bool:
    """The epoch has another value of the same metric and split. The same value twice is no conflict."""
    known = {(value.metric, value.split): value.printed for value in draft.values}
    return any(
        known.get((value.metric, value.split or event.unprefixed), value.printed) != value.printed
        for value in event.values
    )


def add(draft: EpochDraft, event: Event, where: str) -> None:
    fresh = [msgspec.structs.replace(value, split=value.split or event.unprefixed) for value in event.values]
    keys = {(value.metric, value.split) for value in fresh}
    draft.values = [value for value in draft.values if (value.metric, value.split) not in keys] + fresh
    draft.where = where
    draft.part = event.kind == "step" and not draft.final
    draft.parts += event.kind == "step"
    draft.final = draft.final or event.kind == "epoch"


def whole(runs: Sequence[RunDraft]) -> list[RunDraft]:
    """Without what looks like runs of one epoch before a run that prints each of its epochs several times."""
    kept: list[RunDraft] = []
    for run in runs:
        while run.again and run.planned and kept and _is_begun(kept[-1], run):
            kept.pop()
        kept.append(run)
    return kept


def _is_begun(first: RunDraft, run: RunDraft) -> bool:
    same = (first.planned, first.unit, first.phase) == (run.planned, run.unit, run.phase)
    return same and len(first.epochs) == 1 and first.epochs[0].number == run.epochs[0].number


def finish(run: RunDraft, went_on: bool | None) -> Run | None:
    epochs = scales.settle_epochs(
        [Epoch(d.number, d.where, tuple(d.values), _complete(run, d)) for d in run.epochs]
    )
    if all(value.metric in SETTINGS for epoch in epochs for value in epoch.values):
        return None
    planned = _planned(run)
    return Run(
        where=run.where,
        grammar=run.grammar,
        phase=run.phase,
        planned=planned,
        epochs=epochs,
        unit="step" if run.unit == "step" else "epoch",
        ending=_ending(run, epochs, planned, went_on),
    )


def _complete(run: RunDraft, draft: EpochDraft) -> bool:
    """An epoch that others follow is complete. The last one is if its final values are there, all of them."""
    if draft is not run.epochs[-1]:
        return bool(draft.values)
    before = run.epochs[:-1]
    validated = [{(v.metric, v.split) for v in old.values if v.split == "val"} for old in before]
    always = set.intersection(*validated) if validated else set()
    if not always <= {(value.metric, value.split) for value in draft.values}:
        return False
    return draft.final or _has_all_parts(run)


def _has_all_parts(run: RunDraft) -> bool:
    """Where only parts of epochs are logged, the last epoch is whole if it has as many as the one before."""
    return len(run.epochs) > 1 and _in_parts(run) and run.epochs[-1].parts >= run.epochs[-2].parts


def _in_parts(run: RunDraft) -> bool:
    return not any(draft.final for draft in run.epochs)


def _planned(run: RunDraft) -> int | None:
    """`Epoch 0/24` of a counter from 0 to 24 means 25 epochs; `0/25` of one from 0 to 24 does so too."""
    if run.planned is None or run.epochs[0].number != 0:
        return run.planned
    last = run.epochs[-1].number
    if run.zero or last == run.planned:
        return run.planned + 1
    return run.planned if last == run.planned - 1 else None


def _ending(run: RunDraft, epochs: Sequence[Epoch], planned: int | None, went_on: bool | None) -> Ending:
    done = [epoch.number for epoch in epochs if epoch.complete]
    zero = epochs[0].number == 0
    if planned is not None and done and done[-1] + zero >= planned:
        return "completed"
    if run.ending:
        return run.ending
    if done and not epochs[-1].complete and not _in_parts(run):
        return "cut short"
    if planned is not None and went_on is False:
        return "cut short"
    if planned is not None and went_on:
        return "stopped early"  # the program went on after it, so nobody killed it
    return "not determinable"
