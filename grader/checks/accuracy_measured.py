"""What the check `accuracy` measures: each test image with its label, its stated and its reproduced class."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader import contract
from grader.contract import PredictionRow, SplitRow
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Unmeasured
from grader.reading import preprocessing
from grader.running import evaluation
from grader.running.evaluation import Evaluation
from grader.submission import Submission


class Image(Struct, frozen=True):
    """One test image: what splits.csv, predictions.csv and our evaluation say. "" where one says nothing.

    `line` is that of predictions.csv, `margin` the logit margin of our evaluation.
    """

    image_id: str
    label: str
    stated_label: str = ""
    predicted: str = ""
    line: int = 0
    reproduced: str = ""
    margin: float = 0.0


class Place(Struct, frozen=True):
    """An image on a line of a file."""

    image_id: str
    line: int


class Evaluated(Struct, frozen=True, tag="evaluated"):
    """`made_with` says in words with which preparation, precision and device."""

    made_with: str


class AccuracyMeasured(Struct, frozen=True, kw_only=True):
    """`evaluated`: how, or why not; `foreign`: predictions for no test image, or a second one.

    `unstated`: what leaves open how the images were prepared; `mixed`: half precision was declared.
    """

    predictions: str  # path, "" where the commit has no such file
    summary: str
    splits: str
    claimed: float
    claimed_images: int
    images: tuple[Image, ...]
    foreign: tuple[Place, ...] = ()
    source: str = ""
    missing: tuple[Place, ...] = ()
    different: tuple[Place, ...] = ()
    unreadable: tuple[Place, ...] = ()
    pickles: tuple[str, ...] = ()  # paths of checkpoints
    unstated: str = ""
    mixed: bool = False
    evaluated: Evaluated | Unmeasured = Unmeasured("nobody tried")


def measure(submission: Submission) -> AccuracyMeasured:
    """Raises SubmissionError, NotMeasured."""
    if not contract.is_declared(submission):
        raise NotMeasured(
            f"free-form: without {contract.NAME} nothing says which network, weights and images a "
            f"test accuracy is of",
            "the checks of the log and of the splits look at what the repository itself states",
        )
    declared = contract.read(submission)
    tests = [row for row in contract.splits(submission) if row.split == "test"]
    claim = contract.results(submission)
    rows = contract.handed_in_predictions(submission)
    images, foreign = _joined(tests, rows or ())
    measured = AccuracyMeasured(
        predictions="" if rows is None else declared.results.predictions,
        summary=declared.results.summary,
        splits=declared.data.splits,
        claimed=claim.test_accuracy,
        claimed_images=claim.test_images,
        images=tuple(images.values()),
        foreign=foreign,
        source=declared.data.source,
        mixed=preprocessing.is_mixed(submission, declared.log.paths),
    )
    try:
        return _with_evaluation(measured, evaluation.run(submission), declared.classes)
    except NotMeasured as trouble:
        return replace(measured, evaluated=Unmeasured(trouble.reason, trouble.hint))


def _joined(
    tests: Sequence[SplitRow], rows: Sequence[PredictionRow]
) -> tuple[dict[str, Image], tuple[Place, ...]]:
    """Every test image with its prediction, and the predictions that belong to none or came before."""
    images = {row.image_id: Image(row.image_id, row.label) for row in tests}
    foreign = []
    for row in rows:
        known = images.get(row.image_id)
        if known is None or known.line:
            foreign.append(Place(row.image_id, row.line))
        else:
            images[row.image_id] = Image(row.image_id, known.label, row.label, row.predicted, row.line)
    return images, tuple(foreign)


def _with_evaluation(
    measured: AccuracyMeasured, found: Evaluation, classes: Sequence[str]
) -> AccuracyMeasured:
    predicted = found.predicted(found.final)
    images = tuple(
        replace(image, reproduced=classes[each.predicted], margin=each.margin)
        if (each := predicted.get(image.image_id))
        else image
        for image in measured.images
    )
    return replace(
        measured,
        images=images,
        missing=_places(found.missing),
        different=_places(found.different),
        unreadable=_places(found.unreadable),
        pickles=tuple(each.path for each in (found.final, found.phase_one) if each.is_pickle),
        unstated=found.unstated,
        mixed=measured.mixed or found.final.examined.mixed,
        evaluated=Evaluated(f"images prepared as {found.reference.source} says, fp32, on {found.device}"),
    )


def _places(rows: Sequence[SplitRow]) -> tuple[Place, ...]:
    return tuple(Place(row.image_id, row.line) for row in rows)
