"""The submission's own program names the class of its test images, under other names and in another order.

In the same folder lies each image once more, moved by a pixel and encoded anew: a network hardly sees that,
but a table of known files does not know them.
"""

import csv
import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader import contract, sandbox
from grader.contract import SplitRow
from grader.ground import rows
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running import answers_cache, images, program
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import MovedImages, MoveImages

LIMITS = sandbox.Limits(seconds=1200, cpu_seconds=3600, memory=6 << 30, file_size=8 << 20)
COLUMNS = ("image_id", "predicted", "score")


class Answer(Struct, frozen=True):
    """What the program said about one test image: as it is, and moved by a pixel.

    `score` is the probability that it gave to `predicted`.
    """

    image_id: str
    predicted: str
    score: float
    moved: str = ""  # "" where the image could not be moved


def run(submission: Submission) -> tuple[Answer, ...]:
    """What the program says about every test image that is here.

    Raises:
        SubmissionError: the program breaks, or what it writes is no such table.
        NotMeasured: no command, sandbox, images, weights or packages here.
    """
    program.command(submission, "predict")
    tests = tuple(row for row in contract.splits(submission) if row.split == "test")
    return answers_cache.recall(
        submission, ("predict", tests), tuple[Answer, ...], lambda: _run(submission, tests)
    )


def _run(submission: Submission, tests: Sequence[SplitRow]) -> tuple[Answer, ...]:
    obtained = images.obtain(submission, tests)
    here = [row for row in tests if row.sha256 in obtained.paths]
    if not here:
        raise NotMeasured("none of the test images is here")
    given = {row.image_id: obtained.paths[row.sha256] for row in here}
    work = program.scratch(submission)
    shifted = _moved(given, obtained.folder, work)
    plain, moved = _hidden(given), _hidden(shifted)
    folder = program.scratch(submission)
    program.lay_out(
        {plain[name]: path for name, path in given.items()}
        | {moved[name]: path for name, path in shifted.items()},
        folder,
    )
    output = program.scratch(submission) / "predictions.csv"
    program.run(submission, "predict", {"images": folder}, output, LIMITS)
    said = table(output.read_bytes(), contract.read(submission).classes)
    return tuple(_answer(row, said, plain[row.image_id], moved.get(row.image_id)) for row in here)


def table(content: bytes, classes: Sequence[str]) -> dict[str, tuple[str, float]]:
    """image_id -> (predicted, score). Raises SubmissionError where a line is not of this form."""
    try:
        reader = rows.reader(content.decode("utf-8-sig"))
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise _odd(f"has the columns {str(reader.fieldnames)[:200]}, expected {','.join(COLUMNS)}")
        said = {}
        for row in reader:
            image_id, predicted, score = (row[column] for column in COLUMNS)
            if predicted not in classes:
                raise _odd(f"names the class {predicted[:60]!r}, expected one of {', '.join(classes)}")
            said[image_id] = predicted, _probability(score)
    except (csv.Error, UnicodeDecodeError) as error:
        raise _odd(f"is no CSV file in UTF-8: {error}") from None
    return said


def _probability(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if not 0 <= score <= 1:
        raise _odd(f"has the score {text[:40]!r}, expected a probability")
    return score


def _odd(what: str) -> SubmissionError:
    return SubmissionError(f"what [run] predict writes {what}", contract.NAME)


def _hidden(names: Iterable[str]) -> dict[str, str]:
    """Names that say nothing, all of one length; they are drawn at random, so their order says nothing."""
    return {name: secrets.token_hex(8) for name in names}


def _moved(given: Mapping[str, Path], source: Path, work: Path) -> dict[str, Path]:
    """The images as a worker moved them by a pixel; those that do not open are left out."""
    numbers = {str(number): name for number, name in enumerate(given)}
    request = MoveImages({number: str(given[name]) for number, name in numbers.items()}, str(work))
    asking.ask("move_images", request, MovedImages, paths=((source,), work), limits=LIMITS)
    return {numbers[path.stem]: path for path in work.iterdir()}


def _answer(row: SplitRow, said: Mapping[str, tuple[str, float]], plain: str, moved: str | None) -> Answer:
    absent = sum(name not in said for name in (plain, moved) if name)
    if absent:
        raise _odd("leaves images out: every image of the folder needs a line")
    return Answer(row.image_id, *said[plain], said[moved][0] if moved else "")
