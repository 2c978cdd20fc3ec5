"""The check `two_phases`."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader import contract
from grader.checks import enough_change
from grader.checks.enough_change import Steps
from grader.checks.free_form import phases as found_phases
from grader.checks.free_form.phases import FoundPhases
from grader.checks.protocol import Check
from grader.contract import Contract
from grader.ground import chance
from grader.ground.errors import NotMeasured
from grader.ground.settings import Amount
from grader.ground.verdict import Finding, error, note, warning
from grader.reading.logs import starter
from grader.running import evaluation
from grader.running.evaluation import Checkpoint, Evaluation
from grader.submission import Submission
from grader.workers.messages import Change


class Tensors(Struct, frozen=True, tag="tensors"):
    """What a checkpoint changed. `kept`: weights below the head that equal the pretrained ones bit by bit."""

    path: str
    head: tuple[Change, ...]
    weights: tuple[Change, ...]
    statistics: tuple[Change, ...]
    kept: int


class Incomparable(Struct, frozen=True, tag="incomparable"):
    """Nobody can tell what the checkpoint at `path` changed."""

    path: str
    reason: str
    hint: str

    def as_trouble(self) -> NotMeasured:
        return NotMeasured(f"which layers {self.path} changed cannot be determined: {self.reason}", self.hint)


class Logged(Struct, frozen=True):
    """What the log says. `head_accuracy` is that of phase one's last epoch, on `images` validation images;
    `steps` are those of phase two.
    """

    upper: tuple[str, ...] = ()
    head_accuracy: float | None = None
    images: int = 0
    steps: Steps = Steps()


class TwoPhasesMeasured(Struct, frozen=True, kw_only=True, tag="declared"):
    """Phase one's network predicts `right` of `tested` test images; `blind` is the largest class's share."""

    phase_one: Tensors | Incomparable
    final: Tensors | Incomparable
    declared_upper: tuple[str, ...] | None
    logged: Logged
    right: int
    tested: int
    blind: float  # of right answers that who looks at no image gets


class TwoPhases(Check, frozen=True):
    """Phase one trained the new head alone, phase two the upper layers too; the lower layers stayed frozen.

    Decided from the submitted tensors and the public weights. `doubt` is the probability above which a result
    counts as chance; `contradiction` that below which log and checkpoint cannot both be right.
    """

    lane = "run"
    needs = ("required_files",)

    doubt: Amount = 0.01
    contradiction: Amount = 0.001

    def collect(self, submission: Submission) -> TwoPhasesMeasured | FoundPhases:
        if not contract.is_declared(submission):
            return found_phases.collect(submission)
        declared = contract.read(submission)
        found = evaluation.run(submission)
        right, tested = found.score(found.phase_one, declared.classes)
        labels = Counter(found.rows[each.image].label for each in found.phase_one.usable().predictions)
        return TwoPhasesMeasured(
            phase_one=_tensors(found.phase_one),
            final=_tensors(found.final),
            declared_upper=declared.model.upper_layers,
            logged=_logged(submission, declared, found),
            right=right,
            tested=tested,
            blind=max(labels.values(), default=0) / max(1, tested),
        )

    def judge(self, measured: TwoPhasesMeasured | FoundPhases) -> Iterator[Finding]:
        if isinstance(measured, FoundPhases):
            yield from found_phases.judge(measured)
        else:
            yield from self._judge_tensors(measured)

    def verified(self, measured: TwoPhasesMeasured | FoundPhases) -> str:
        return found_phases.verified(measured) if isinstance(measured, FoundPhases) else self.looked_for()

    def _judge_tensors(self, measured: TwoPhasesMeasured) -> Iterator[Finding]:
        phase_one, final = measured.phase_one, measured.final
        if isinstance(phase_one, Tensors):
            yield from _judge_phase_one(phase_one)
        if isinstance(final, Tensors):
            yield from _judge_final(final, measured)
        yield from self._judge_head(measured)
        if isinstance(phase_one, Incomparable):
            raise phase_one.as_trouble()
        if isinstance(final, Incomparable):
            raise final.as_trouble()
        yield note(
            f"phase one changed {len(phase_one.head)} tensors of the head, phase two"
            f" {len(final.weights)} weights below it; {final.kept} stayed as published",
            final.path,
        )

    def _judge_head(self, measured: TwoPhasesMeasured) -> Iterator[Finding]:
        """Whether the head of phase one has learnt anything: by its values, by the log, and by chance."""
        path, logged = measured.phase_one.path, measured.logged
        shown = f"{measured.right} of {measured.tested} test images right"
        head = measured.phase_one.head if isinstance(measured.phase_one, Tensors) else ()
        if head and all(change.largest == 0 for change in head):
            yield error("the head was never trained in phase one: all its values are 0", path)
            return
        if logged.head_accuracy is not None and measured.right < logged.head_accuracy * measured.tested:
            logged_right = round(logged.head_accuracy * logged.images)
            p = chance.fisher((measured.right, measured.tested), (logged_right, logged.images))
            if p < self.contradiction:
                yield error(
                    f"the log says {logged.head_accuracy:.4f} after phase one on {logged.images} validation"
                    f" images, the submitted head gets {shown}: p = {p:.2g}, below {self.contradiction:g}",
                    path,
                    "hand in the head that phase one trained: make train writes it",
                )
                return
        if not measured.tested:
            raise NotMeasured(f"{path} predicted none of the test images: nobody can tell what it learnt")
        p = chance.at_least(measured.right, measured.tested, measured.blind)
        if p >= self.doubt:
            message = f"the head of phase one gets {shown}, as chance would with p = {p:.2g}"
            if logged.head_accuracy is not None:
                raise NotMeasured(f"{message}; the log agrees, so the classes may be this hard")
            yield error(message, path, "train the head alone first, until it predicts better than chance")


def _judge_phase_one(phase: Tensors) -> Iterator[Finding]:
    hint = "in phase one only the head may learn: requires_grad_(False) on all else, and eval mode"
    if phase.weights:
        yield error(f"phase one changed {_named(phase.weights)} below the head", phase.path, hint)
    elif phase.statistics:
        yield warning(
            f"weights frozen but BatchNorm drifted: {_named(phase.statistics)} changed in phase one",
            phase.path,
            hint,
        )


def _judge_final(final: Tensors, measured: TwoPhasesMeasured) -> Iterator[Finding]:
    upper = measured.declared_upper or measured.logged.upper
    if not final.weights:
        yield error(
            "phase two trained nothing but the head: no weight below it changed",
            final.path,
            "let the upper layers learn too in phase two",
        )
    yield from enough_change.judge(final.weights, measured.logged.steps, final.path)
    if not final.kept:
        yield error(
            "no layer stayed frozen: every weight differs from the published one",
            final.path,
            "phase two trains the upper layers only",
        )
    if not upper:
        yield note("neither submission.toml nor the log says which layers are the upper ones", final.path)
        return
    lower = [change for change in final.weights if not _belongs(change.name, upper)]
    drifted = [change for change in final.statistics if not _belongs(change.name, upper)]
    hint = f"the upper layers are {', '.join(upper[:8])}; all below stay frozen, BatchNorm in eval mode"
    if lower:
        yield error(f"{_named(lower)} below the upper layers changed", final.path, hint)
    elif drifted:
        yield warning(f"weights frozen but BatchNorm drifted: {_named(drifted)} changed", final.path, hint)


def _tensors(checkpoint: Checkpoint) -> Tensors | Incomparable:
    examined = checkpoint.usable()
    if examined.undetermined:
        return Incomparable(checkpoint.path, examined.undetermined, examined.hint)
    return Tensors(
        checkpoint.path,
        head=tuple(change for change in examined.changed if change.head),
        weights=tuple(change for change in examined.changed if not change.head and not change.statistic),
        statistics=tuple(change for change in examined.changed if not change.head and change.statistic),
        kept=examined.kept,
    )


def _logged(submission: Submission, declared: Contract, found: Evaluation) -> Logged:
    """From the epochs of the declared logs."""
    epochs = list(starter.epochs(submission, declared.log.paths))
    heads = [each.val_accuracy for each in epochs if each.phase == "head" and 0 <= each.val_accuracy <= 1]
    trained = [name for epoch in epochs if epoch.phase == "upper" for name in epoch.trained]
    head = [change.name for change in found.final.usable().changed if change.head]
    val = sum(row.split == "val" for row in contract.splits(submission))
    upper = tuple(dict.fromkeys(name for name in trained if not any(_belongs(own, [name]) for own in head)))
    return Logged(upper, heads[-1] if heads and val else None, val, enough_change.steps(epochs))


def _belongs(name: str, layers: Sequence[str]) -> bool:
    return any(name == layer or name.startswith(f"{layer}.") for layer in layers)


def _named(changes: Sequence[Change]) -> str:
    worst = max(changes, key=lambda change: change.largest)
    more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{worst.name}{more} (largest change {worst.largest:.3g})"
