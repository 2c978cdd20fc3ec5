"""The check `integrity`."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from msgspec import Struct

from grader import contract
from grader.checks import fingerprints, same_training
from grader.checks.fingerprints import Fingerprints
from grader.checks.protocol import Check
from grader.checks.same_training import Told
from grader.contract import SplitRow
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, note, warning
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


class IntegrityMeasured(Struct, frozen=True, kw_only=True):
    fingerprints: Fingerprints
    test: Tally
    fresh: Tally
    validation: Tally
    told: Told = Told()
    listed: Listed = Listed()
    twins: tuple[Twin, ...] = ()
    twin_count: int = 0
    untwinned: str = ""  # why no twins were looked for


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

    alpha: float = 0.01
    easy: float = 0.97
    apart: float = 0.02
    open_images: str = ""
    fresh: int = 0

    def collect(self, submission: Submission) -> IntegrityMeasured:
        alike, untwinned = _twins(submission)
        folder = Path(self.open_images) if self.open_images else None
        fresh, validation = holdout.tallies(
            submission,
            partial(holdout.fresh, submission, folder, self.fresh),
            partial(holdout.validation, submission),
        )
        return IntegrityMeasured(
            fingerprints=fingerprints.of(submission),
            test=_test(submission),
            fresh=fresh,
            validation=validation,
            told=same_training.collect(submission),
            listed=_listed(submission, self.open_images),
            twins=alike[:SHOWN],
            twin_count=len(alike),
            untwinned=untwinned,
        )

    def judge(self, measured: IntegrityMeasured) -> Iterator[Finding]:
        yield from _judge_twins(measured)
        yield from _judge_listed(measured.listed)
        yield from same_training.judge(measured.told, measured.validation, self.apart)
        yield from self._judge_fresh(measured)

    def _judge_fresh(self, measured: IntegrityMeasured) -> Iterator[Finding]:
        test, fresh = measured.test, measured.fresh
        if not fresh.total or not test.total:
            yield note(f"not compared with fresh images: {fresh.unmeasured or test.unmeasured}")
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


def _judge_twins(measured: IntegrityMeasured) -> Iterator[Finding]:
    if measured.untwinned:
        yield note(f"images not compared with each other: {measured.untwinned}")
    for twin in measured.twins:
        how = ", mirrored" if twin.mirrored else ""
        more = f" ({measured.twin_count} such pairs)" if measured.twin_count > 1 else ""
        yield warning(f"{twin.one} and {twin.other} look the same: {twin.distance} of 64 bits{how}{more}")


def _test(submission: Submission) -> Tally:
    try:
        found = evaluation.run(submission)
        return Tally(*found.score(found.final, contract.read(submission).classes))
    except (NotMeasured, SubmissionError) as trouble:
        return Tally(unmeasured=str(trouble))


def _listed(submission: Submission, folder: str) -> Listed:
    if not folder:
        return Listed()
    source = contract.read(submission).data.source
    if source != "openimages":
        return Listed(unread=f"the declared source is {source}")
    try:
        return tables.look_up(submission, Path(folder))
    except (NotMeasured, SubmissionError) as trouble:
        return Listed(unread=str(trouble))


def _judge_listed(listed: Listed) -> Iterator[Finding]:
    if listed.unread:
        yield note(f"the tables of Open Images were not looked into: {listed.unread}")
    if not listed.total:
        return
    what = f"Open Images lists {listed.right} of {listed.total} images under their labels"
    if listed.ambiguous:
        what += f", {listed.ambiguous} more show another of the classes too"
    if listed.absent + listed.mislabelled:
        what += f"; {listed.absent} are in no table, {listed.mislabelled} have other labels there, such as"
        yield warning(f"{what} {', '.join(listed.examples)}")
    else:
        yield note(what)


def _twins(submission: Submission) -> tuple[tuple[Twin, ...], str]:
    """Pairs that look the same, or why nobody looked."""
    if contract.read(submission).data.source == "digits":
        return (), "all handwritten digits look alike"
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
        return (), str(trouble)
    names = [f"{row.image_id} ({row.split})" for row in here]
    absent = f"{len(rows) - len(here)} of {len(rows)} are not at hand" if len(here) < len(rows) else ""
    return tuple(
        Twin(names[pair.one], names[pair.other], pair.distance, pair.mirrored) for pair in found.pairs
    ), absent


def _group(row: SplitRow, number: int) -> int:
    """Only images of other groups are compared: a test image with all others, as it counts only once."""
    return len(contract.SPLITS) + number if row.split == "test" else contract.SPLITS.index(row.split)
