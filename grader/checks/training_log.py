"""The check `training_log`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace

from grader import contract
from grader.checks.free_form import sizes as found_sizes
from grader.checks.protocol import Check
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Share
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import logs, splits
from grader.reading.logs import LogEvidence, claims, exact, summary
from grader.reading.logs.claims import Claim
from grader.reading.logs.summary import RunSummary
from grader.submission import Submission

SHOWN = 5  # runs named in the feedback; the rest are counted
PHASES = 2

RETRAIN = "train again and add the log that the training writes: make train"
ADD = "write the values of every epoch into a text file, and add that file to the repository"


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
        yield from _judge_claims(measured)
        if not measured.declared:
            yield from _judge_found(measured)
        elif not measured.runs:
            paths = ", ".join(measured.declared)
            yield error(f"{paths}: no epoch of a training can be read", measured.declared[0], RETRAIN)
        else:
            yield from self._judge_declared(measured)

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
    """With the numbers of validation and test images on which all sources agree exactly."""
    sizes = submission.once(found_sizes.of)
    exact_sizes = {}
    for split in ("val", "test"):
        least, most = splits.together([size for size in sizes if size.split == split]) or (0, -1)
        exact_sizes[split] = most if least == most else 0
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
    shown = ", ".join(str(number) for number in numbers[:SHOWN])
    if len(numbers) > SHOWN:
        return f"{shown} and {len(numbers) - SHOWN} more are"
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


def _judge_found(measured: LogEvidence) -> Iterator[Finding]:
    """Free-form: what there is, where. A wrong verdict is worse than none."""
    if measured.runs:
        for run in measured.runs[:SHOWN]:
            cut = run.ending == "cut short"
            text = summary.describe(run)
            yield warning(text, run.last_where) if cut else note(text, run.where)
        if len(measured.runs) > SHOWN:
            yield note(f"{len(measured.runs)} runs are logged in all")
        yield from _tested(measured)
        return
    if measured.removed:
        yield note(f"earlier commits had {', '.join(measured.removed)}: only the graded commit counts")
    if measured.unread:
        raise NotMeasured(
            f"no training log was found, but something could not be read: {'; '.join(measured.unread)}",
            "commit the log as a text file of its own",
        )
    if measured.elsewhere:
        where = ", ".join(measured.elsewhere[:SHOWN])
        yield error(f"no epoch is logged as text; what may show the training: {where}", "", ADD)
    else:
        yield error(
            f"none of the {measured.looked_at} files and notebooks looked into shows an epoch", "", ADD
        )


def _tested(measured: LogEvidence) -> Iterator[Finding]:
    """The accuracies on test images that logs and notebooks print outside of the epochs."""
    tests = [each for each in measured.measured if each.value.split == "test" and not each.approximate]
    for claim in tests[:SHOWN]:
        of = f" of {claim.images} images" if claim.images else ""
        yield note(f"test accuracy {summary.shown(claim.value)}{of}", claim.where)


def _judge_claims(measured: LogEvidence) -> Iterator[Finding]:
    """Stated accuracies against each other and the measured ones. Warnings: a table may mix models."""
    tested = measured.claimed.images if measured.claimed else measured.test_images
    counted = {"val": measured.validation_images, "test": tested}
    for claim, images in claims.impossible(measured.stated, counted):
        yield warning(
            f"the accuracy {claim.value.printed} is no whole number of {images} images", claim.where
        )
    for first, second in claims.contradictions(measured.stated):
        same = first.section == second.section  # else they may be of two networks, or two data sets
        yield (warning if same else note)(
            f"the accuracy is {first.value.printed} at {first.where}, but {second.value.printed} here",
            second.where,
            "say which of the two is the result, and of which images",
        )
    yield from _judge_without_set(list(claims.without_set(measured.stated)))
    for claim in claims.unsupported(measured.stated, measured.all_measured):
        yield warning(
            f"the test accuracy {claim.value.printed} is none of those that were measured", claim.where
        )


def _judge_without_set(stated: Sequence[Claim]) -> Iterator[Finding]:
    hint = "name the split: train, validation or test"
    for claim in stated[: 1 if len(stated) > SHOWN else SHOWN]:
        what = f"the accuracy {claim.value.printed} is stated without the images it was measured on"
        yield note(what, claim.where, hint)
    if len(stated) > SHOWN:
        yield note(f"{len(stated)} accuracies are stated so", stated[0].where, hint)
