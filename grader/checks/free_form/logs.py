"""What the check `training_log` says about logs that nobody declared, and about stated accuracies."""

from collections.abc import Iterator, Sequence

from grader.checks import free_form
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, error, note, warning
from grader.reading.logs import LogEvidence, claims, summary
from grader.reading.logs.claims import Claim
from grader.reading.logs.log_evidence import RUNS_KEPT

ADD = "write the values of every epoch into a text file, and add that file to the repository"


def shown(measured: LogEvidence) -> str:
    last = summary.describe(measured.runs[-1])
    if len(measured.runs) == 1:
        return f"One training is logged: {last}"
    most = "at least " if len(measured.runs) == RUNS_KEPT else ""
    return f"{most}{len(measured.runs)} trainings are logged, the last with {last}"


def shown_claim(measured: LogEvidence) -> str:
    """How far the claimed test accuracy was compared with anything."""
    tested = [each for each in measured.all_measured if each.value.split == "test"]
    claimed = [each for each in measured.stated if each.value.split == "test"]
    if measured.claimed:
        compared = "fits it" if measured.validation_images else "was compared with nothing"
        return f"the claimed test accuracy {compared}"
    if not claimed:
        return "no claimed test accuracy was found"
    if not tested or any(claims.unsupported(claimed, tested)):
        return "the claimed test accuracy is not logged"
    return "the claimed test accuracy was measured here"


def judge(measured: LogEvidence) -> Iterator[Finding]:
    """Free-form: what there is, where. A wrong verdict is worse than none."""
    if measured.runs:
        for run in measured.runs[: free_form.SHOWN]:
            cut = run.ending == "cut short"
            text = summary.describe(run)
            yield warning(text, run.last_where) if cut else note(text, run.where)
        if len(measured.runs) > free_form.SHOWN:
            most = "at least " if len(measured.runs) == RUNS_KEPT else ""
            yield note(f"{most}{len(measured.runs)} runs are logged in all")
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
        where = ", ".join(measured.elsewhere[: free_form.SHOWN])
        yield error(f"no epoch is logged as text; what may show the training: {where}", "", ADD)
    else:
        yield error(
            f"none of the {measured.looked_at} files and notebooks looked into shows an epoch", "", ADD
        )


def _tested(measured: LogEvidence) -> Iterator[Finding]:
    """The accuracies on test images that logs and notebooks print outside of the epochs."""
    tests = [each for each in measured.measured if each.value.split == "test" and not each.approximate]
    for claim in tests[: free_form.SHOWN]:
        of = f" of {claim.images} images" if claim.images else ""
        yield note(f"test accuracy {summary.shown(claim.value)}{of}", claim.where)


def judge_claims(measured: LogEvidence) -> Iterator[Finding]:
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
    for claim in stated[: 1 if len(stated) > free_form.SHOWN else free_form.SHOWN]:
        what = f"the accuracy {claim.value.printed} is stated without the images it was measured on"
        yield note(what, claim.where, hint)
    if len(stated) > free_form.SHOWN:
        yield note(f"{len(stated)} accuracies are stated so", stated[0].where, hint)
