"""The check `predict`."""

import math
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader import contract
from grader.checks import agreement
from grader.checks.protocol import Check
from grader.ground import chance
from grader.ground.settings import Amount, Share
from grader.ground.verdict import Finding, error, note
from grader.running import predict
from grader.submission import Submission

SHOWN = 3  # images named in the findings; the rest are counted


class Ran(Struct, frozen=True):
    """One test image: its label, what predictions.csv says on `line`, and what the program said here."""

    image_id: str
    label: str
    stated: str
    line: int
    predicted: str
    score: float
    moved: str


class PredictMeasured(Struct, frozen=True):
    """`predictions` is the path of predictions.csv, "" where the commit has none."""

    predictions: str
    images: tuple[Ran, ...]


class Predict(Check, frozen=True):
    """The submission's own program makes the same predictions without names and labels, and for moved images.

    For the images as they are, the rule is that of `accuracy`. Of the images moved by a pixel, the share
    `steady` has to keep its prediction, unless what got lost of the accuracy is chance with more than
    `alpha`.
    """

    lane = "run"
    needs = ("required_files",)

    disagreements: Share = 0.01
    margin: Amount = 0.1
    steady: Share = 0.9
    alpha: Share = 0.001

    def collect(self, submission: Submission) -> PredictMeasured:
        declared = contract.read(submission)
        stated = {row.image_id: row for row in contract.handed_in_predictions(submission) or ()}
        labels = {row.image_id: row.label for row in contract.splits(submission)}
        images = []
        for each in predict.run(submission):
            row = stated.get(each.image_id)
            images.append(
                Ran(
                    each.image_id,
                    labels[each.image_id],
                    row.predicted if row else "",
                    row.line if row else 0,
                    each.predicted,
                    each.score,
                    each.moved,
                )
            )
        return PredictMeasured(declared.results.predictions if stated else "", tuple(images))

    def judge(self, measured: PredictMeasured) -> Iterator[Finding]:
        right = sum(image.predicted == image.label for image in measured.images)
        yield note(f"accuracy of the submission's program: {chance.in_words(right, len(measured.images))}")
        if measured.predictions:
            yield from self._judge_repeated(measured)
        moved = [image for image in measured.images if image.moved]
        if moved:
            yield from self._judge_moved(moved)

    def _judge_repeated(self, measured: PredictMeasured) -> Iterator[Finding]:
        stated = [image for image in measured.images if image.stated]
        differing = [image for image in stated if image.stated != image.predicted]
        margins = [_margin(image.score) for image in differing]
        found = agreement.rule(margins, len(stated), self.disagreements, self.margin)
        path = measured.predictions
        if found.holds:
            yield note(found.in_words, path)
            return
        yield error(
            f"{found.differing} of {len(stated)} predictions are not what the submission's program says"
            f" without names and labels; at most {found.allowed} may differ, each with a logit margin up to"
            f" {self.margin:g}: {found.clear} exceed it",
            f"{path}:{differing[0].line}",
            "hand in program, checkpoint and predictions of the same run: make evaluate, commit all",
        )
        for image in differing[:SHOWN]:
            yield note(
                f"{image.image_id}: {path} says {image.stated}, the program {image.predicted}",
                f"{path}:{image.line}",
            )

    def _judge_moved(self, moved: Sequence[Ran]) -> Iterator[Finding]:
        kept = sum(image.moved == image.predicted for image in moved)
        lost = sum(image.predicted == image.label != image.moved for image in moved)
        won = sum(image.moved == image.label != image.predicted for image in moved)
        p = chance.better_on_the_same(lost, won)
        what = (
            f"moved by one pixel, {kept} of {len(moved)} images keep their prediction;"
            f" {lost} right ones are lost, {won} won (p = {p:.2g})"
        )
        if kept >= self.steady * len(moved) or p > self.alpha:  # a weak network wavers, and not to its loss
            yield note(what)
        else:
            yield error(
                f"{what}; {self.steady:.0%} should keep it, unless chance explains the loss"
                f" (p above {self.alpha:g})",
                hint="predict from what the image shows, not from which file it is",
            )


def _margin(score: float) -> float:
    """The least logit margin that goes with the probability of the predicted class."""
    return math.log(score / (1 - score)) if 0 < score < 1 else math.inf
