"""The tables and numbers that `submission.toml` points to, as typed rows."""

import csv
import math
import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from grader.contract.declared import CLASSES, read
from grader.ground import rows, spreadsheets
from grader.ground.errors import SubmissionError
from grader.submission import Submission

SPLITS = ("train", "val", "test")

# An image is named by its data source. Nothing else gets near a path or an address that we build from it.
IMAGE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


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
