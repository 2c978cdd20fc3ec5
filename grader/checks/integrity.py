"""The check `integrity`."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from grader import contract
from grader.checks import fingerprints, same_training
from grader.checks.fingerprints import Fingerprints
from grader.checks.protocol import Check
from grader.checks.same_training import LogClaims
from grader.contract import SplitRow
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.settings import Count, Share
from grader.ground.verdict import Finding, Unmeasured, note, warning
from grader.running import evaluation, holdout, images, tables
from grader.running.holdout import Tally
from grader.running.tables import Listed
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import Alike, FindAlike

SHOWN = 3


class Twin(Struct, frozen=True):
    """Two images of different splits that look the same, as `image_id (split)`."""

    one: str
    other: str
    distance: int
    mirrored: bool


class Twins(Struct, frozen=True, tag="twins"):
    """The first of `count` pairs. Of `of` images `absent` were not at hand, and not compared."""

    first: tuple[Twin, ...] = ()
    count: int = 0
    absent: int = 0
    of: int = 0


class IntegrityMeasured(Struct, frozen=True, kw_only=True):
    """`listed` is None where no tables were named."""

    fingerprints: Fingerprints
    test: Tally | Unmeasured
    fresh: Tally | Unmeasured
    validation: Tally | Unmeasured
    claims: LogClaims = LogClaims()
    listed: Listed | Unmeasured | None = None
    twins: Twins | Unmeasured = Twins()


class Integrity(Check, frozen=True):
    """For the instructor: what is too good to be true, or does not tell one story. Costs no points by itself.

    The gap between the listed test images and fresh ones is told where chance explains it with less than
    `alpha`. From an accuracy of `easy` on, a network that has seen its test images cannot be told from an
    honest one. The validation accuracy may be `apart` from the nearest in the log. `open_images`: a folder
    with the tables of Open Images (course.toml names it once for all assignments); `fresh` photographs of
    each class that no split lists are then fetched from there, and compared with the listed test images.
    """

    lane = "run"
    audience = "instructor"
    needs = ("required_files",)

    alpha: Share = 0.01
    easy: Share = 0.97
    apart: Share = 0.02
    open_images: str = ""
    fresh: Count = 0

    def prepare(self, submissions: Sequence[Submission]) -> None:
        holdout.prepare(submissions, self._kinds)

    def _kinds(self, submission: Submission) -> tuple[holdout.Asked, holdout.Asked]:
        folder = Path(self.open_images) if self.open_images else None
        fresh = partial(holdout.fresh, submission, folder, self.fresh)
        return fresh, partial(holdout.validation, submission)

    def collect(self, submission: Submission) -> IntegrityMeasured:
        fresh, validation = holdout.tallies(submission, *self._kinds(submission))
        return IntegrityMeasured(
            fingerprints=fingerprints.of(submission),
            test=_test(submission),
            fresh=fresh,
            validation=validation,
            claims=same_training.collect(submission),
            listed=_listed(submission, self.open_images),
            twins=_twins(submission),
        )

    def judge(self, measured: IntegrityMeasured) -> Iterator[Finding]:
        yield from _judge_twins(measured.twins)
        yield from _judge_listed(measured.listed)
        yield from same_training.judge(measured.claims, measured.validation, self.apart)
        yield from self._judge_fresh(measured)

    def _judge_fresh(self, measured: IntegrityMeasured) -> Iterator[Finding]:
        test, fresh = measured.test, measured.fresh
        if isinstance(fresh, Unmeasured):
            yield note(f"not compared with fresh images: {fresh.reason}")
            return
        if isinstance(test, Unmeasured):
            yield note(f"fresh images not compared with the test images: {test.reason}")
            return
        low, high = chance.gap((test.right, test.total), (fresh.right, fresh.total))
        p = chance.fisher((test.right, test.total), (fresh.right, fresh.total))
        what = (
            f"listed test images {chance.in_words(test.right, test.total)}, fresh ones"
            f" {chance.in_words(fresh.right, fresh.total)}: a gap of"
            f" {test.right / test.total - fresh.right / fresh.total:.3f}"
            f" (95 % interval {low:.3f} to {high:.3f}, p = {p:.2g})"
        )
        if p < self.alpha:
            yield warning(
                f"{what}, below {self.alpha:g}", hint="look whether test images took part in the training"
            )
        elif fresh.right / fresh.total >= self.easy:
            yield note(
                f"{what}; not decidable: from {self.easy:g} on, the task is so easy that known images gain"
                " nothing"
            )
        else:
            yield note(f"{what}; told as more than chance below {self.alpha:g}")


def _judge_twins(twins: Twins | Unmeasured) -> Iterator[Finding]:
    if isinstance(twins, Unmeasured):
        yield note(f"images not compared with each other: {twins.reason}")
        return
    if twins.absent:
        yield note(f"images not compared with each other: {twins.absent} of {twins.of} are not at hand")
    for twin in twins.first:
        how = ", mirrored" if twin.mirrored else ""
        more = f" ({twins.count} such pairs)" if twins.count > 1 else ""
        yield warning(f"{twin.one} and {twin.other} look the same: {twin.distance} of 64 bits{how}{more}")


def _test(submission: Submission) -> Tally | Unmeasured:
    try:
        found = evaluation.run(submission)
        right, total = found.score(found.final, contract.read(submission).classes)
        return Tally(right, total) if total else Unmeasured("none of them could be evaluated")
    except (NotMeasured, SubmissionError) as trouble:
        return Unmeasured(str(trouble))


def _listed(submission: Submission, folder: str) -> Listed | Unmeasured | None:
    if not folder:
        return None
    source = contract.read(submission).data.source
    if source != "openimages":
        return Unmeasured(f"the declared source is {source}")
    try:
        return tables.look_up(submission, Path(folder))
    except (NotMeasured, SubmissionError) as trouble:
        return Unmeasured(str(trouble))


def _judge_listed(listed: Listed | Unmeasured | None) -> Iterator[Finding]:
    if isinstance(listed, Unmeasured):
        yield note(f"the tables of Open Images were not looked into: {listed.reason}")
        return
    if listed is None or not listed.total:
        return
    what = f"Open Images lists {listed.right} of {listed.total} images under their labels"
    if listed.ambiguous:
        what += f", {listed.ambiguous} more show another of the classes too"
    if listed.absent + listed.mislabelled:
        what += f"; {listed.absent} are in no table, {listed.mislabelled} have other labels there, such as"
        yield warning(f"{what} {', '.join(listed.examples)}")
    else:
        yield note(what)


def _twins(submission: Submission) -> Twins | Unmeasured:
    if contract.read(submission).data.source == "digits":
        return Unmeasured("all handwritten digits look alike")
    rows = contract.splits(submission)
    try:
        obtained = images.at_hand(submission, rows)
        here = [row for row in rows if row.sha256 in obtained.paths]
        request = FindAlike(
            tuple(str(obtained.paths[row.sha256]) for row in here),
            tuple(_group(row, number) for number, row in enumerate(here)),
        )
        found = asking.ask("find_alike", request, Alike, paths=((obtained.folder,), None))
    except (NotMeasured, SubmissionError) as trouble:
        return Unmeasured(str(trouble))
    names = [f"{row.image_id} ({row.split})" for row in here]
    first = tuple(
        Twin(names[pair.one], names[pair.other], pair.distance, pair.mirrored) for pair in found.pairs[:SHOWN]
    )
    return Twins(first, len(found.pairs), len(rows) - len(here), len(rows))


def _group(row: SplitRow, number: int) -> int:
    """Only images of other groups are compared: a test image with all others, as it counts only once."""
    return len(contract.SPLITS) + number if row.split == "test" else contract.SPLITS.index(row.split)
