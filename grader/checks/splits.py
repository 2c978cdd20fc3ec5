"""The check `splits`."""

from collections.abc import Iterator

from msgspec import Struct

from grader import contract
from grader.checks.free_form import splits as found_splits
from grader.checks.free_form.splits import FoundSplits
from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured
from grader.ground.settings import Count, Some
from grader.ground.verdict import Finding, error, note
from grader.running import source
from grader.running.source import AtSource
from grader.submission import Submission

SHOWN = 5  # images named in a finding; the rest are counted


class Repeat(Struct, frozen=True):
    """One image (the same id or the same bytes) that stands on two lines of the file."""

    image_id: str
    first: int
    again: int
    splits: tuple[str, str]


class SplitCounts(Struct, frozen=True, tag="declared"):
    """Images by class and split, what is listed twice, and what their source says about them."""

    path: str
    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    repeats: tuple[Repeat, ...]
    repeated: int
    source: AtSource = AtSource()


class Splits(Check, frozen=True):
    """Each class has the required number of images in each split, and no image stands in two.

    `sources`: those that the assignment accepts, such as ["openimages"]; all where none is named. Images that
    their source does not have do not count: they are looked up where it is at hand, Open Images in the folder
    with its tables that `open_images` names (course.toml names it once for all assignments).
    """

    needs = ("required_files",)

    classes: Some = 2
    train: Count = 400
    val: Count = 100
    test: Count = 100
    sources: tuple[str, ...] = ()
    open_images: str = ""
    tolerance: Count = 0  # images that a class may have more or less in a split

    def __post_init__(self) -> None:
        smallest = min(self.train, self.val, self.test)
        if self.tolerance > smallest:
            raise ValueError(f"tolerance is {self.tolerance}, more than the {smallest} images of a split")

    def collect(self, submission: Submission) -> SplitCounts | FoundSplits:
        if not contract.is_declared(submission):
            return found_splits.collect(submission)
        declared = contract.read(submission)
        rows = contract.splits(submission)
        counts = {label: dict.fromkeys(contract.SPLITS, 0) for label in declared.classes}
        for row in rows:
            counts.setdefault(row.label, dict.fromkeys(contract.SPLITS, 0))[row.split] += 1
        repeats = list(_repeats(rows))
        return SplitCounts(
            path=declared.data.splits,
            classes=declared.classes,
            counts=counts,
            repeats=tuple(repeats[:SHOWN]),
            repeated=len(repeats),
            source=source.look_up(submission, self.open_images),
        )

    def judge(self, measured: SplitCounts | FoundSplits) -> Iterator[Finding]:
        if isinstance(measured, FoundSplits):
            wanted = {split: self.classes * getattr(self, split) for split in contract.SPLITS}
            yield from found_splits.judge(measured, wanted, self.classes * self.tolerance)
        else:
            yield from self._judge_rows(measured)

    def verified(self, measured: SplitCounts | FoundSplits) -> str:
        if isinstance(measured, FoundSplits):
            return found_splits.verified(measured, contract.SPLITS)
        return self.looked_for()

    def _judge_rows(self, measured: SplitCounts) -> Iterator[Finding]:
        yield from self._judge_classes(measured)
        yield from self._judge_counts(measured)
        for repeat in measured.repeats:
            first, again = repeat.splits
            what = f"stands in {first} and in {again}" if first != again else f"stands twice in {first}"
            yield error(
                f"the image {repeat.image_id} {what} (lines {repeat.first} and {repeat.again})",
                f"{measured.path}:{repeat.again}",
                "an image may stand in one split, once: what a network has seen cannot test it",
            )
        if measured.repeated > len(measured.repeats):
            yield note(f"{measured.repeated - len(measured.repeats)} more repeated images", measured.path)
        yield from self._judge_source(measured.source, measured.path)

    def _judge_source(self, found: AtSource, path: str) -> Iterator[Finding]:
        if self.sources and found.name not in self.sources:
            yield error(
                f"{contract.NAME}: data.source is {found.name!r}, this assignment asks for images of"
                f" {' or '.join(self.sources)}",
                contract.NAME,
                f'set source = "{self.sources[0]}" and run make data again',
            )
        such = f", such as {', '.join(found.examples)}" if found.examples else ""
        if found.absent:
            yield error(
                f"{path}: {found.absent} images are not in the source {found.name}{such}",
                path,
                "list images of the source under its own ids, as make data does",
            )
        if found.unasked:
            yield note(f"nobody looked whether {found.name} has these images: {found.unasked}", path)
        if found.doubtful and not found.absent:
            raise NotMeasured(
                f"{path}: {found.doubtful} images are in no table of {found.name} here, and it could not be"
                f" asked itself{such}",
                "collect again with network, without --static",
            )

    def _judge_classes(self, measured: SplitCounts) -> Iterator[Finding]:
        if len(measured.classes) != self.classes:
            yield error(
                f"{len(measured.classes)} classes are declared, expected {self.classes}",
                contract.NAME,
                "set classes to the names of your categories",
            )
        undeclared = sorted(measured.counts.keys() - set(measured.classes))
        if undeclared:
            names = ", ".join(undeclared[:SHOWN])
            yield error(
                f"{measured.path} has labels that submission.toml does not declare: {names}",
                measured.path,
                f"use the declared classes: {', '.join(measured.classes)}",
            )

    def _judge_counts(self, measured: SplitCounts) -> Iterator[Finding]:
        for label in measured.classes:
            for split in contract.SPLITS:
                wanted: int = getattr(self, split)
                found = measured.counts[label][split]
                if abs(found - wanted) > self.tolerance:
                    yield error(
                        f"{measured.path}: {label}: {found} {split} images, expected {wanted}",
                        measured.path,
                        "run make data again: it fills the splits up, then train and evaluate on them",
                    )


def _repeats(rows: tuple[contract.SplitRow, ...]) -> Iterator[Repeat]:
    """Images listed before, by id without regard to case, else by the hash of their bytes."""
    by_id: dict[str, contract.SplitRow] = {}
    by_hash: dict[str, contract.SplitRow] = {}
    for row in rows:
        earlier = by_id.get(row.image_id.casefold()) or (by_hash.get(row.sha256) if row.sha256 else None)
        if earlier:
            yield Repeat(row.image_id, earlier.line, row.line, (earlier.split, row.split))
        by_id.setdefault(row.image_id.casefold(), row)
        by_hash.setdefault(row.sha256, row)
