"""The check `retrain`."""

import os
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader import contract
from grader.checks.protocol import Check
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Amount, Share, Some
from grader.ground.verdict import Finding, Unmeasured, note, warning
from grader.running import retrain
from grader.sandbox import Limits
from grader.submission import Submission

GiB = 1 << 30
NEXT = "other evidence decides: accuracy, predict and integrity look at what was handed in"


class Both(Struct, frozen=True):
    """One test image: its label, what predictions.csv says ("": nothing), and what training again gave."""

    image_id: str
    label: str
    stated: str
    retrained: str


class RetrainMeasured(Struct, frozen=True, kw_only=True, tag="retrained"):
    """`claimed` is the accuracy of results.json."""

    images: tuple[Both, ...] = ()
    claimed: float = 0.0
    seconds: float = 0.0
    device: str = ""
    seed: str = ""
    other_settings: tuple[str, ...] = ()
    same_tensors: bool = False


class Retrain(Check, frozen=True):
    """Training again gives a network about as good as the one that was handed in: evidence, never a fail.

    The submission's own training runs for at most `minutes` with `memory` GiB, with `gpu` on an NVIDIA card
    that it has to itself. Another seed or processor changes 3 to 15 % of the predictions, so only the exact
    test counts: what was handed in is told where chance explains with less than `alpha` that it is better.
    """

    lane = "gpu"
    needs = ("required_files",)

    minutes: Amount = 120
    memory: Some = 16
    disk: Some = 16
    gpu: bool = True
    alpha: Share = 0.01

    def collect(self, submission: Submission) -> RetrainMeasured | Unmeasured:
        if not contract.is_declared(submission):
            raise NotMeasured(f"free-form: without {contract.NAME} nothing says how the training is started")
        try:
            return self._trained(submission)
        except SubmissionError as trouble:
            return Unmeasured(trouble.message)

    def _trained(self, submission: Submission) -> RetrainMeasured:
        claim = contract.results(submission)
        labels = {row.image_id: row.label for row in contract.splits(submission) if row.split == "test"}
        rows = contract.handed_in_predictions(submission) or ()
        stated = {row.image_id: row.predicted for row in rows}
        again = retrain.run(submission, self.limits())
        images = tuple(
            Both(image_id, labels[image_id], stated.get(image_id, ""), predicted)
            for image_id, predicted in again.predicted.items()
        )
        return RetrainMeasured(
            images=images,
            claimed=claim.test_accuracy,
            seconds=again.seconds,
            device=again.device,
            seed=again.seed,
            other_settings=again.other_settings,
            same_tensors=again.same_tensors,
        )

    def limits(self) -> Limits:
        return Limits(
            seconds=60 * self.minutes,
            cpu_seconds=int(60 * self.minutes * (os.cpu_count() or 1)),
            memory=self.memory * GiB,
            processes=1024,
            file_size=self.disk * GiB,
            disk=self.disk * GiB,
            gpu=self.gpu,
        )

    def judge(self, measured: RetrainMeasured | Unmeasured) -> Iterator[Finding]:
        if isinstance(measured, Unmeasured):
            yield warning(f"not trained again: {measured.reason}", contract.NAME)
            return
        right = sum(image.retrained == image.label for image in measured.images)
        seed = f" and the log's seed {measured.seed}" if measured.seed else ""
        yield note(
            f"trained again in {measured.seconds:.0f} s on the {measured.device},"
            f" without the test images{seed}: {chance.in_words(right, len(measured.images))}"
        )
        if measured.same_tensors:
            yield note("the tensors are the same as those that were handed in, byte by byte")
        if measured.other_settings:
            yield warning(
                f"[run] train trains otherwise than the log: {'; '.join(measured.other_settings[:5])}",
                contract.NAME,
                "write the settings of the training that you hand in into [run] train",
            )
        if measured.images:
            yield self._compared(measured, right)

    def _compared(self, measured: RetrainMeasured, right: int) -> Finding:
        """One sentence with all numbers; a warning where only something else than chance explains them."""
        stated = [image for image in measured.images if image.stated]
        p, what = (
            _on_the_same(stated) if stated else _on_counts(measured.claimed, right, len(measured.images))
        )
        if p >= self.alpha:
            return note(f"{what}; told as more than chance below {self.alpha:g}")
        if measured.other_settings:
            return note(f"{what}, below {self.alpha:g}; the settings are not the same, though")
        return warning(f"{what}, below {self.alpha:g}: more than chance explains", hint=NEXT)


def _on_the_same(images: Sequence[Both]) -> tuple[float, str]:
    lost = sum(image.stated == image.label != image.retrained for image in images)
    won = sum(image.retrained == image.label != image.stated for image in images)
    differing = sum(image.stated != image.retrained for image in images)
    right = sum(image.stated == image.label for image in images)
    p = chance.better_on_the_same(lost, won)
    return p, (
        f"handed in: {chance.in_words(right, len(images))}; {differing} of {len(images)} predictions differ,"
        f" {lost} right ones became wrong and {won} wrong ones right"
        f" (exact one-sided McNemar test, p = {p:.2g})"
    )


def _on_counts(claimed: float, right: int, images: int) -> tuple[float, str]:
    stated = round(claimed * images)
    p = chance.fisher((stated, images), (right, images), sided=1)
    return p, (
        f"handed in: {chance.in_words(stated, images)}, without predictions"
        f" (exact one-sided Fisher test, p = {p:.2g})"
    )
