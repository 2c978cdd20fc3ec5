"""The check `accuracy`."""

from collections.abc import Iterator, Sequence

from grader.checks import accuracy_measured, agreement
from grader.checks.accuracy_measured import AccuracyMeasured, Image
from grader.checks.protocol import Check
from grader.ground import chance
from grader.ground.errors import NotMeasured
from grader.ground.settings import Amount, Share
from grader.ground.verdict import Finding, Unmeasured, error, note
from grader.running import evaluation
from grader.submission import Submission

SAY = (
    'write "preprocessing": {"interpolation": "nearest", "mean": ..., "std": ...} into the log\'s line "run"'
)
SHOWN = 3  # images named in the findings; the rest are counted


class Accuracy(Check, frozen=True):
    """The test accuracy is reproduced from the submitted tensors, image by image.

    At most `disagreements` (a share) of the predictions may differ, and only where the two largest logits are
    within `margin`: another decoder, another processor or TF32 move logits by up to 0.1, plain fp32 by 0.001.
    Where half precision was declared, `mixed_margin` takes its place.
    Where only an accuracy was handed in, a difference up to `close` passes and up to `apart` is undecided.
    """

    lane = "run"
    needs = ("required_files",)

    disagreements: Share = 0.01
    margin: Amount = 0.1
    mixed_margin: Amount = 0.5
    close: Share = 0.01
    apart: Share = 0.03

    def prepare(self, submissions: Sequence[Submission]) -> None:
        """In one worker; the other checks of the assignment find the same evaluation."""
        evaluation.warm(submissions, processes=1)

    def collect(self, submission: Submission) -> AccuracyMeasured:
        return accuracy_measured.measure(submission)

    def judge(self, measured: AccuracyMeasured) -> Iterator[Finding]:
        yield from _judge_claim(measured)
        if isinstance(measured.evaluated, Unmeasured):
            raise NotMeasured(f"not reproduced: {measured.evaluated.reason}", measured.evaluated.hint)
        yield from _judge_images(measured)
        evaluated = [image for image in measured.images if image.reproduced]
        right = sum(image.reproduced == image.label for image in evaluated)
        told = chance.in_words(right, len(evaluated))
        yield note(f"reproduced test accuracy: {told}; {measured.evaluated.made_with}")
        for path in measured.pickles:
            yield note(
                f"{path} is a pickle of torch.save: it holds only tensors, so it was opened all the same",
                path,
                "hand in safetensors, which cannot hold code: safetensors.torch.save_file",
            )
        if measured.predictions:  # what the images that are here show does not depend on the others
            yield from self._judge_predictions(measured, evaluated)
        _require_images(measured)
        if not measured.predictions:
            yield from self._judge_number(measured, right / max(1, len(evaluated)))

    def _judge_predictions(self, measured: AccuracyMeasured, evaluated: Sequence[Image]) -> Iterator[Finding]:
        stated = [image for image in evaluated if image.predicted]
        differing = [image for image in stated if image.predicted != image.reproduced]
        limit = self.mixed_margin if measured.mixed else self.margin
        clear = [image for image in differing if image.margin > limit]
        margins = [image.margin for image in differing]
        found = agreement.rule(margins, len(stated) + len(measured.missing), self.disagreements, limit)
        allowed, where = found.allowed, measured.predictions
        if found.holds:
            if not measured.missing:
                yield note(found.in_words, where)
            return
        if measured.unstated:
            raise NotMeasured(
                f"{len(differing)} of {len(stated)} predictions differ, but {measured.unstated}", SAY
            )
        yield error(
            f"{len(differing)} of {len(stated)} predictions are not what the submitted network predicts;"
            f" at most {allowed} may differ, each with a logit margin up to {limit:g}:"
            f" {len(clear)} exceed it",
            f"{where}:{(clear or differing)[0].line}",
            "hand in the checkpoint and the predictions of the same run: make evaluate, then commit both",
        )
        for image in (clear or differing)[:SHOWN]:
            yield note(
                f"{image.image_id}: {where} says {image.predicted}, reproduced is {image.reproduced}"
                f" with a logit margin of {image.margin:.3g}",
                f"{where}:{image.line}",
            )

    def _judge_number(self, measured: AccuracyMeasured, reproduced: float) -> Iterator[Finding]:
        apart = abs(measured.claimed - reproduced)
        what = f"claimed {measured.claimed:.4f}, reproduced {reproduced:.4f}: {apart:.4f} apart"
        if apart > self.close + 1e-9 and measured.unstated:
            raise NotMeasured(f"{what}, but {measured.unstated}", SAY)
        if apart > self.apart + 1e-9:
            yield error(f"{what}, at most {self.close:g} passes", measured.summary)
        elif apart > self.close + 1e-9:
            raise NotMeasured(
                f"{what}, at most {self.close:g} passes, above {self.apart:g} fails",
                "hand in the predictions too: they decide image by image",
            )
        else:
            yield note(f"{what}, at most {self.close:g} passes", measured.summary)


def _judge_claim(measured: AccuracyMeasured) -> Iterator[Finding]:
    """What needs no network: the claim against the predictions, and these against the test split."""
    total = len(measured.images)
    if measured.claimed_images != total:
        yield error(
            f"{measured.summary} says {measured.claimed_images} test images, {measured.splits} lists {total}",
            measured.summary,
        )
    if not measured.predictions:
        return
    without = [image for image in measured.images if not image.predicted]
    if without:
        names = ", ".join(image.image_id for image in without[:SHOWN])
        yield error(f"{len(without)} test images have no prediction: {names}", measured.predictions)
    for place in measured.foreign[:SHOWN]:
        yield error(
            f"{place.image_id} is no test image, or stands here twice ({len(measured.foreign)} such lines)",
            f"{measured.predictions}:{place.line}",
        )
    for image in [each for each in measured.images if each.line and each.stated_label != each.label][:SHOWN]:
        yield error(
            f"{image.image_id} is labelled {image.stated_label}, {measured.splits} says {image.label}",
            f"{measured.predictions}:{image.line}",
        )
    right = sum(image.predicted == image.label for image in measured.images)
    if total and not _equal_as_printed(measured.claimed, right / total):
        yield error(
            f"{measured.summary} claims {measured.claimed!r}, but {measured.predictions} has"
            f" {chance.in_words(right, total)}",
            measured.summary,
            "run make evaluate, which writes both files, and change neither by hand",
        )


def _judge_images(measured: AccuracyMeasured) -> Iterator[Finding]:
    """Test images that could not be evaluated: an accuracy without them is not the claimed one."""
    for places, what in (
        (measured.missing if measured.source != "folder" else (), "is not in the data source"),
        (measured.different, "has another sha256 in the data source"),
        (measured.unreadable, "is no JPEG, PNG, WebP or BMP picture"),
    ):
        if places:
            count = f" ({len(places)} such test images)" if len(places) > 1 else ""
            yield error(f"{places[0].image_id} {what}{count}", f"{measured.splits}:{places[0].line}")


def _require_images(measured: AccuracyMeasured) -> None:
    """Raises NotMeasured where the submission's own images are not all here."""
    if measured.missing and measured.source == "folder":
        raise NotMeasured(
            f"{len(measured.missing)} test images are not here, such as {measured.missing[0].image_id}",
            "give the folder with the images with --images",
        )


def _equal_as_printed(claimed: float, exact: float) -> bool:
    """Rounded to the digits that the claim shows, but not more coarsely than to three."""
    digits = max(3, len(repr(claimed).partition(".")[2]))
    return abs(claimed - exact) <= 0.5 * 10.0**-digits + 1e-12
