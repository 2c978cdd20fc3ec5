"""What of a submission is compared with those of other students, without keeping their work."""

import hashlib
import re
from collections.abc import Sequence

from msgspec import Struct

from grader import contract
from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.logs import FILE_LIMIT
from grader.running import evaluation
from grader.submission import Submission

MEASURED = re.compile(r"(?<![\d.])\d+\.\d{4,}(?:e-?\d+)?")  # a number that no two trainings share by chance
PRECISE = re.compile(r"\d+\.\d{6,}")
NUMBERS = 200
SAMPLE = 64  # of images: the share that two lists have in common is told to about 6 %
NO_MEASURE = re.compile(r'"(?:time|seconds|learning_rate)":\s*("[^"]*"|[^,}]*)')


class Fingerprints(Struct, frozen=True):
    """Empty where there is nothing to compare."""

    manifest: str = ""  # of which images are listed, and in which split
    images: tuple[
        str, ...
    ] = ()  # the least digests of the listed images: a sample that two lists share as they do
    logs: str = ""  # of the numbers in the training logs
    sketch: tuple[float, ...] = ()  # of what training changed
    answers: tuple[float, ...] = ()  # of the network to fixed noise
    numbers: tuple[str, ...] = ()  # that training measured: the first ones with six digits or more


def of(submission: Submission) -> Fingerprints:
    declared = contract.read(submission)
    rows = sorted(f"{row.image_id} {row.split}" for row in contract.splits(submission))
    numbers = [
        number
        for path in declared.log.paths
        for number in MEASURED.findall(NO_MEASURE.sub("", _text(submission, path)))
    ]
    sketch, answers = _of_the_network(submission)
    precise = tuple(dict.fromkeys(number for number in numbers if PRECISE.match(number)))
    return Fingerprints(
        manifest=_digest(rows),
        images=tuple(sorted(_digest([row.image_id]) for row in contract.splits(submission))[:SAMPLE]),
        logs=_digest(numbers),
        sketch=sketch,
        answers=answers,
        numbers=precise[:NUMBERS],
    )


def _of_the_network(submission: Submission) -> tuple[tuple[float, ...], tuple[float, ...]]:
    try:
        found = evaluation.run(submission).final.usable()
    except (NotMeasured, SubmissionError):
        return (), ()
    return found.sketch, found.answers


def _text(submission: Submission, path: str) -> str:
    """A log as the check of the logs reads it, in whatever encoding; "" where it cannot be read."""
    try:
        text = texts.decode(submission.read(path, FILE_LIMIT))
    except SubmissionError:
        return ""
    return text.content if text else ""


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest() if texts else ""
