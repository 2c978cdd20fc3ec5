"""The check `training_log`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from grader import contract
from grader.checks import free_form
from grader.checks.free_form import logs as found_logs
from grader.checks.free_form import sizes as found_sizes
from grader.checks.protocol import Check
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Share
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import logs, splits
from grader.reading.logs import LogEvidence, exact
from grader.reading.logs.summary import RunSummary
from grader.submission import Submission

PHASES = 2

RETRAIN = "train again and add the log that the training writes: make train"


class TrainingLog(Check, frozen=True):
    """The training log shows every epoch of both phases, and agrees with the claimed test accuracy."""

    needs = ("required_files",)

    alpha: Share = 0.001  # of the exact test that compares validation and test accuracy

    def collect(self, submission: Submission) -> LogEvidence:
        try:
            declared = contract.read(submission)
        except SubmissionError as trouble:
            if submission.has(contract.NAME) and not trouble.missing:
                raise
            return _with_sizes(submission.once(logs.found), submission)
        return logs.declared(submission, declared.log.paths)

    def judge(self, measured: LogEvidence) -> Iterator[Finding]:
        yield from found_logs.judge_claims(measured)
        if not measured.declared:
            yield from found_logs.judge(measured)
        elif not measured.runs:
            paths = ", ".join(measured.declared)
            yield error(f"{paths}: no epoch of a training can be read", measured.declared[0], RETRAIN)
        else:
            yield from self._judge_declared(measured)

    def verified(self, measured: LogEvidence) -> str:
        phases = " and ".join(run.phase for run in last_training(measured))
        every = f"The log shows every planned epoch of the phases {phases}" if measured.plans else ""
        return f"{every or found_logs.shown(measured)}; {found_logs.shown_claim(measured)}."

    def _judge_declared(self, measured: LogEvidence) -> Iterator[Finding]:
        phases = last_training(measured)
        for run in measured.runs:
            for place in run.not_finite:
                yield error("a logged value is not a finite number", place, "lower the learning rate")
        yield from _judge_plans(measured, phases)
        for run in phases:
            yield from _judge_epochs(run, may_stop=not measured.plans or run is phases[-1])
            yield from _judge_shares(run, measured.validation_images)
        for before, after in pairwise(phases):
            yield from _judge_trainable(before, after)
        yield from self._judge_accuracy(measured, phases[-1])
        if not measured.plans and len(phases) < PHASES:
            raise NotMeasured(
                f"{', '.join(measured.declared)} holds one run without names of phases: "
                "nobody can tell the two phases apart",
                "log the phase of each epoch, as the starter does",
            )

    def _judge_accuracy(self, measured: LogEvidence, final: RunSummary) -> Iterator[Finding]:
        """Fisher's exact test of the claimed test accuracy and the last and the best validation accuracy.

        The validation images are those that the log counts, the test images those of results.json. Both
        validation accuracies have to differ, since a student may evaluate the last or the best network.
        """
        claim, images = measured.claimed, measured.validation_images
        logged = (final.last_accuracy, final.best_accuracy)
        shares = [value.fraction for value in logged if value is not None and value.fraction is not None]
        if claim is None or not shares or not (0 < images <= chance.MOST >= claim.images > 0):
            return
        right = round(claim.accuracy * claim.images)
        p = max(chance.fisher((round(share * images), images), (right, claim.images)) for share in shares)
        if p < self.alpha:
            yield error(
                f"the claimed test accuracy {claim.accuracy:.4f} ({right} of {claim.images}) does not fit "
                f"the logged validation accuracy {shares[0]:.4f} of {images} images (p = {p:.1e})",
                final.last_where,
                "train, evaluate and write the report in one go: make submit",
            )


def _with_sizes(found: LogEvidence, submission: Submission) -> LogEvidence:
    """With the numbers of validation and test images on which all sources agree exactly.

    Where a program splits off a share of some data, what is committed may not be what that program is about.
    """
    sizes = submission.once(found_sizes.of)
    shares = bool(submission.once(splits.sets).facts)
    exact_sizes = {}
    for split in ("val", "test"):
        own = [size for size in sizes if size.split == split]
        least, most = splits.together(own) or (0, -1)
        told = not shares or any(size.source.startswith("log") for size in own)
        exact_sizes[split] = most if told and least == most else 0
    return replace(found, validation_images=exact_sizes["val"], test_images=exact_sizes["test"])


def last_training(measured: LogEvidence) -> list[RunSummary]:
    """The last run of each phase of the last training; without names, each run is a phase.

    A log that was appended to holds several trainings: the last begins with the last run of the first phase.
    """
    runs = list(measured.runs)
    first = measured.plans[0].phase if measured.plans else ""
    starts = [i for i, run in enumerate(runs) if run.phase == first] if first else []
    last_training = runs[starts[-1] :] if starts else runs
    return list({run.phase or i: run for i, run in enumerate(last_training)}.values())


def _judge_plans(measured: LogEvidence, phases: Sequence[RunSummary]) -> Iterator[Finding]:
    """Every announced phase is there, and in the announced order."""
    logged = {run.phase for run in measured.runs}
    there = [run.phase for run in phases]
    for plan in measured.plans:
        if plan.phase not in there and plan.phase in logged:
            yield error(
                f"the phase {plan.phase} stands before the phase {there[0]}, expected after it",
                phases[-1].last_where,
                "first the new head alone, then the upper layers too",
            )
        elif plan.phase not in there:
            yield error(
                f"the log ends here: the phase {plan.phase} with its {plan.epochs} planned epochs is missing",
                phases[-1].last_where,
                RETRAIN,
            )


def _judge_epochs(run: RunSummary, may_stop: bool) -> Iterator[Finding]:
    """The last announced epochs may be missing where the log goes on after them: it stopped early."""
    if not run.missing:
        return
    missing = _counted(run.missing)
    name = f"the phase {run.phase}" if run.phase else f"the run at {run.where}"
    text = f"{name} shows {run.done} of {run.planned} planned epochs: {missing} missing"
    if may_stop and run.ending == "stopped early" and run.epochs[-1].number < run.missing[0]:
        yield note(f"{text}, stopped early", run.last_where)
    else:
        yield error(text, run.last_where, RETRAIN)


def _counted(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[: free_form.SHOWN])
    if len(numbers) > free_form.SHOWN:
        return f"{shown} and {len(numbers) - free_form.SHOWN} more are"
    return f"{shown} {'is' if len(numbers) == 1 else 'are'}"


def _judge_shares(run: RunSummary, images: int) -> Iterator[Finding]:
    """A warning only: the mean of the accuracies of unequal batches is no k/n either."""
    for epoch in run.epochs:
        value = epoch.value("accuracy", "val")
        if (
            images
            and value
            and value.scale
            and not exact.is_share_of(value.printed, value.scale == "percent", images)
        ):
            yield warning(
                f"the validation accuracy {value.printed} is no whole number of the log's {images} images",
                epoch.where,
            )
            return


def _judge_trainable(before: RunSummary, after: RunSummary) -> Iterator[Finding]:
    if before.trainable is not None and after.trainable is not None and after.trainable <= before.trainable:
        yield error(
            f"the phase {after.phase or 'two'} trains {after.trainable:,} parameters, no more than the "
            f"{before.trainable:,} of the phase {before.phase or 'one'}",
            after.where,
            "unfreeze the upper layers before the second phase, and make a new optimiser for them",
        )
