"""Assembles runs from the events of one text: where each begins and ends, which values are an epoch's."""

from collections.abc import Callable, Sequence

import msgspec

from grader.reading.logs import drafts, grammars, scales
from grader.reading.logs.drafts import EpochDraft, RunDraft
from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.records import SETTINGS, Evaluation, Log, Pass, Plan, Size, Split

Where = Callable[[Line], str]


def read(lines: Sequence[Line], where: Where, place: str, finished: bool | None = None) -> Log:
    """The runs, evaluations and sizes that a text holds. `where` names a line, `place` the whole text.

    `finished`: whether the program that printed the text came to its end, where that is known.
    """
    assembly = _Assembly(lines, where)
    for label, event in grammars.read(lines):
        assembly.take(label, event)
    return assembly.log(place, finished)


class _Assembly:
    """The state between two events: the runs so far, whether the last is still open, the next one's name."""

    def __init__(self, lines: Sequence[Line], where: Where) -> None:
        self._lines = lines
        self._where = where
        self._runs: list[RunDraft] = []
        self._open = False
        self._phase = ""
        self._evaluations: list[Evaluation] = []
        self._sizes: list[Size] = []
        self._passes: dict[tuple[Split, int], Pass] = {}
        self._plans: list[Plan] = []

    def take(self, label: str, event: Event) -> None:
        where = self._where(self._lines[event.at])
        match event.kind:
            case "epoch" | "step":
                self._epoch(label, event, where)
            case "evaluation":
                self._evaluate(event, where)
            case "name":
                self._open = self._open and not (event.restart or self._began())
                self._phase = event.name or self._phase
            case "plan":
                self._plans.append(Plan(event.name, event.planned or 0, where))
            case "size":
                self._sizes.append(Size(event.split, event.images or 0, where))
            case "best" | "stop" | "end":
                self._close(event, where)

    def _began(self) -> bool:
        return bool(self._runs) and self._runs[-1].begun

    def _close(self, event: Event, where: str) -> None:
        if not self._runs:
            if event.kind == "best":
                self._evaluate(event, where)
            return
        run = self._runs[-1]
        if event.kind == "best":  # the epoch that it is of has the value
            return
        run.planned = run.planned or event.planned
        if event.kind == "stop":
            run.ending = "stopped early"
        else:
            run.after = True

    def _evaluate(self, event: Event, where: str) -> None:
        if all(value.metric in SETTINGS for value in event.values):
            return
        if self._runs:
            self._runs[-1].after = True
        self._evaluations.append(Evaluation(where, event.values, event.images, event.approximate))
        self._pass("", event, where)

    def _pass(self, split: Split, event: Event, where: str) -> None:
        if event.steps:
            found = Pass(split, event.steps, where, event.batches)
            self._passes.setdefault((split, event.steps), found)

    def _epoch(self, label: str, event: Event, where: str) -> None:
        if event.number is not None:
            if self._is_inner(event):
                return
            if not self._continues(event):
                self._begin(label, event, where)
            self._number(event, where)
        elif _is_whole_epoch(event):
            self._count(label, event, where)
        draft = self._draft()
        if draft is None or (event.number is None and self._is_evaluation(draft, event)):
            if event.kind == "epoch" and event.values:
                self._evaluate(event, where)
            return
        if draft.repeated and drafts.conflict(draft, event):
            self._restart(label, where)
            draft = self._runs[-1].epochs[-1]
        if event.values:
            if not self._runs[-1].begun:
                self._runs[-1].grammar = label
                self._runs[-1].begun = True
            drafts.add(draft, event, where)
            self._pass("train", event, where)

    def _draft(self) -> EpochDraft | None:
        return self._runs[-1].epochs[-1] if self._open else None

    def _is_inner(self, event: Event) -> bool:
        """`Epoch 1/1` below a header that counts already: a loop that fits one epoch at a time."""
        draft = self._draft()
        return (
            draft is not None
            and not draft.values
            and not event.values
            and event.planned == 1
            and self._runs[-1].planned is None
        )

    def _count(self, label: str, event: Event, where: str) -> None:
        """Validated values without any header are an epoch too: the first of a run, or the next one."""
        draft = self._draft()
        if draft is None or self._runs[-1].ending:
            event = msgspec.structs.replace(event, number=1)
            self._begin(label, event, where)
            self._runs[-1].counted = True
            self._number(event, where)
        elif draft.final and not draft.repeated and drafts.conflict(draft, event):
            self._number(msgspec.structs.replace(event, number=draft.number + 1), where)

    def _continues(self, event: Event) -> bool:
        """The event is of the open run: the same plan and counter, and an epoch number that does not fall."""
        if not self._open:
            return False
        run = self._runs[-1]
        last = run.epochs[-1]
        number = event.number or 0
        if run.counted and number != last.number + 1:
            return False
        if run.unit != event.unit or (event.planned and run.planned and event.planned != run.planned):
            return False
        if number == last.number and event.kind == "epoch" and event.values and len(run.epochs) == 1:
            return last.part or not drafts.conflict(last, event)
        run.again = run.again or (number == last.number and event.kind == "epoch" and last.final)
        return number >= last.number

    def _begin(self, label: str, event: Event, where: str) -> None:
        self._open = True
        self._runs.append(
            RunDraft(where, label, self._phase, event.unit, event.planned, event.counts_from_zero)
        )

    def _restart(self, label: str, where: str) -> None:
        run = self._runs[-1]
        self._runs.append(RunDraft(where, label, self._phase, run.unit, run.planned, run.zero))
        self._runs[-1].epochs.append(EpochDraft(run.epochs[-1].number, where, []))

    def _number(self, event: Event, where: str) -> None:
        run = self._runs[-1]
        run.planned = run.planned or event.planned
        run.zero = run.zero or event.counts_from_zero
        number = event.number or 0
        if not run.epochs or run.epochs[-1].number != number:
            if run.epochs:
                run.earlier |= {(value.metric, value.split) for value in run.epochs[-1].values}
            run.epochs.append(EpochDraft(number, where, []))
            run.ending = None  # whatever said that it stopped, it went on
        elif run.epochs[-1].final and not event.values:
            run.epochs[-1].repeated = True

    def _is_evaluation(self, draft: EpochDraft, event: Event) -> bool:
        """Values without a number follow a complete epoch that has them already, or that never had them."""
        if event.kind == "step" or not draft.final or draft.repeated:
            return False
        if drafts.conflict(draft, event):
            return True
        run = self._runs[-1]
        is_first = len(run.epochs) == 1
        if is_first and any(value.split == "val" for value in draft.values):
            return all(value.split == "test" for value in event.values)
        return not is_first and run.earlier.isdisjoint(_keys(event))

    def log(self, place: str, finished: bool | None) -> Log:
        self._runs = drafts.whole(self._runs)
        last = len(self._runs) - 1
        went_on = [run.after or i < last or finished for i, run in enumerate(self._runs)]
        runs = [drafts.finish(run, on) for run, on in zip(self._runs, went_on, strict=True)]
        return Log(
            where=place,
            runs=tuple(run for run in runs if run is not None),
            evaluations=tuple(
                msgspec.structs.replace(evaluation, values=scales.settle(evaluation.values))
                for evaluation in self._evaluations
            ),
            sizes=tuple(self._sizes),
            passes=tuple(self._passes.values()),
            plans=tuple(self._plans),
        )


def _keys(event: Event) -> set[tuple[str, str]]:
    return {(value.metric, value.split or event.unprefixed) for value in event.values}


def _is_whole_epoch(event: Event) -> bool:
    """Only a framework's own line at the end of an epoch has training and validation values together."""
    return (
        event.kind == "epoch" and event.unprefixed == "train" and any(v.split == "val" for v in event.values)
    )
