"""The files of the image homework as typed rows: the only place that knows their names.

Everything in `submission.toml` is a claim that says where to look; the checks verify all of it.
docs/contract.md describes the formats.
"""

import csv
import math
import re
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from grader import handed_in
from grader.ground import networks, rows, spreadsheets, toml
from grader.ground.errors import SubmissionError
from grader.ground.spelling import respelled
from grader.submission import Submission

NAME = handed_in.NAME
SPLITS = ("train", "val", "test")
CLASSES = 1_000  # as many as ImageNet has
PATHS = "data.splits model.checkpoint model.phase_one_checkpoint log.paths results.predictions".split()
PATHS += ["results.summary", "documents.report", "documents.download"]

# An image is named by its data source. Nothing else gets near a path or an address that we build from it.
IMAGE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


class Data(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: str = ""
    splits: str = "data/splits.csv"
    folder: str = ""
    mirror: str = ""
    train: int = 400
    val: int = 100
    test: int = 100


Hidden = Annotated[int, Meta(ge=1, le=16_384)]


class Model(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`head`: the sizes of the hidden layers of the new head; none: it is one layer."""

    library: str
    backbone: str
    weights: str
    checkpoint: str = "model.safetensors"
    phase_one_checkpoint: str = "head.safetensors"
    upper_layers: tuple[str, ...] | None = None
    head: Annotated[tuple[Hidden, ...], Meta(max_length=4)] = ()
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.0


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    paths: tuple[str, ...] = ("logs/train.jsonl",)


class ResultFiles(Struct, frozen=True, forbid_unknown_fields=True):
    predictions: str = "predictions.csv"
    summary: str = "results.json"


class Documents(Struct, frozen=True, forbid_unknown_fields=True):
    report: str = "report.pdf"
    download: str = "finetune/sources/download.py"


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    predict: tuple[str, ...] = ()
    preprocess: tuple[str, ...] = ()
    train: tuple[str, ...] = ()


class OwnDeadline(Struct, frozen=True, forbid_unknown_fields=True):
    """What `make submit` prints the margin to; the grader has its own deadline."""

    at: str = ""
    zone: str = ""


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom `make submit` asks for a receipt; what it got is verified with the course's own certificates."""

    authority: str = ""
    signer: str = ""


class Contract(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`submission.toml` as the image homework needs it."""

    schema: int
    assignment: str
    student: str
    classes: tuple[str, ...]
    data: Data = Data()
    model: Model
    log: Log = Log()
    results: ResultFiles = ResultFiles()
    documents: Documents = Documents()
    run: Run = Run()
    deadline: OwnDeadline = OwnDeadline()
    receipt: Receipt = Receipt()


class SplitRow(Struct, frozen=True):
    image_id: str
    label: str
    split: str
    sha256: str
    line: int


class PredictionRow(Struct, frozen=True):
    image_id: str
    label: str
    predicted: str
    score: float
    line: int


class Results(Struct, frozen=True):
    """The part of `results.json` that is compared; the program may write more."""

    test_accuracy: float
    test_images: int


def is_declared(submission: Submission) -> bool:
    """Whether there is a contract at all. Without one, checks look at whatever the repository holds."""
    return submission.has(NAME)


def read(submission: Submission) -> Contract:
    """The declared contract.

    Raises:
        SubmissionError: the file is missing, not TOML, has an unknown key, lacks one, or has a wrong type.
    """
    found = submission.once(_read)
    if isinstance(found, SubmissionError):
        raise found
    return found


def _read(submission: Submission) -> Contract | SubmissionError:
    try:
        contract = toml.convert(handed_in.tables(submission), Contract, NAME)
        if contract.schema != 1:
            raise SubmissionError(f"{NAME}: schema is {contract.schema}, this grader reads 1", NAME)
        _require_names(contract.classes)
        model = _named(contract.model)
    except toml.Misfit as misfit:
        return SubmissionError(str(misfit), NAME, "the starter's file shows every key")
    except SubmissionError as trouble:
        return trouble
    return respelled(structs.replace(contract, model=model), PATHS, submission.spelled)


def _named(model: Model) -> Model:
    try:
        backbone, weights = networks.named(model.library, model.backbone, model.weights)
    except ValueError as trouble:
        hint = "name the weights that you fine-tuned, once"
        raise SubmissionError(f"{NAME}: [model] {trouble}", NAME, hint) from None
    return structs.replace(model, backbone=backbone, weights=weights)


def _require_names(classes: tuple[str, ...]) -> None:
    """Of two classes with one name any prediction would be right; "" stands for a missing prediction."""
    if len(classes) > CLASSES:
        raise SubmissionError(
            f"{NAME}: classes has {len(classes):,} names, at most {CLASSES:,} are read", NAME
        )
    if not all(classes) or len(set(classes)) < len(classes):
        told = ", ".join(map(repr, classes))[:200]
        raise SubmissionError(f"{NAME}: classes is {told}, expected names that differ", NAME)


def splits(submission: Submission) -> tuple[SplitRow, ...]:
    """Which image is in which split, in file order.

    Raises:
        SubmissionError: missing, other columns, an image_id that is no plain name, an unknown split.
    """
    path = read(submission).data.splits
    listed = tuple(
        SplitRow(row["image_id"], row["label"], row["split"], row.get("sha256", "").lower(), line)
        for line, row in _table(submission, path, ("image_id", "label", "split"))
    )
    if len({row.label for row in listed}) > CLASSES:
        raise SubmissionError(f"{path} has more than {CLASSES:,} different labels", path)
    for row in listed:
        _require_plain_name(row.image_id, path, row.line)
        if row.split not in SPLITS:
            raise SubmissionError(
                f"{path}:{row.line}: split is {row.split!r}, expected one of {', '.join(SPLITS)}",
                f"{path}:{row.line}",
            )
    return listed


def predictions(submission: Submission) -> tuple[PredictionRow, ...]:
    """What the student's network predicted for each test image, in file order. Raises SubmissionError."""
    path = read(submission).results.predictions
    listed = []
    for line, row in _table(submission, path, ("image_id", "label", "predicted", "score")):
        _require_plain_name(row["image_id"], path, line)
        try:
            score = float(row["score"])
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            raise SubmissionError(
                f"{path}:{line}: score is {row['score']!r}, expected a number", f"{path}:{line}"
            )
        listed.append(PredictionRow(row["image_id"], row["label"], row["predicted"], score, line))
    return tuple(listed)


def handed_in_predictions(submission: Submission) -> tuple[PredictionRow, ...] | None:
    """None where the commit has no such file. Raises SubmissionError as `predictions` does."""
    try:
        return predictions(submission)
    except SubmissionError as trouble:
        if trouble.missing:
            return None
        raise


def results(submission: Submission) -> Results:
    """What the student's evaluation claims. Raises SubmissionError."""
    path = read(submission).results.summary
    try:
        claim = msgspec.json.decode(submission.text(path, limit=1_000_000), type=Results)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SubmissionError(f"{path}: {error}", path, "write it again with: make evaluate") from None
    if not 0 <= claim.test_accuracy <= 1:
        raise SubmissionError(
            f"{path}: test_accuracy is {claim.test_accuracy}, expected a fraction from 0 to 1", path
        )
    return claim


def _table(
    submission: Submission, path: str, columns: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their line numbers. Further columns are kept."""
    try:
        reader = rows.reader(submission.text(path))
    except csv.Error as error:
        raise SubmissionError(f"{path}:1: {error}", f"{path}:1") from None
    try:
        absent = [column for column in columns if column not in (reader.fieldnames or ())]
        if absent:
            found = ",".join(reader.fieldnames or ()) or "nothing"
            raise SubmissionError(
                f"{path}:1: the columns are {found[:200]}, expected {','.join(columns)}",
                f"{path}:1",
                f"the column {absent[0]} is missing; the starter's programs write this file",
            )
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise SubmissionError(f"{path}:{reader.line_num}: {error}", f"{path}:{reader.line_num}") from None


def _require_plain_name(image_id: str, path: str, line: int) -> None:
    if spreadsheets.damaged(image_id):
        raise SubmissionError(
            f"{path}:{line}: image_id is {image_id[:60]!r}, which a spreadsheet made of an id",
            f"{path}:{line}",
            "what it cut off is lost: write the file again with the starter's programs",
        )
    if not IMAGE_ID.fullmatch(image_id):
        raise SubmissionError(
            f"{path}:{line}: image_id is {image_id[:60]!r}, expected the id alone",
            f"{path}:{line}",
            "write the image's own id without folder or address, such as 000a1249af2bc5f0",
        )
