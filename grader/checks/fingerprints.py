"""What of a submission is compared with those of other students, without keeping their work."""

import hashlib
import re
from collections.abc import Sequence

from msgspec import Struct

from grader import contract
from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.logs import discovery
from grader.running import evaluation
from grader.submission import Submission

MEASURED = re.compile(r"(?<![\d.])\d+\.\d{4,}(?:e-?\d+)?")  # a number that no two trainings share by chance
NO_MEASURE = re.compile(r'"(?:time|seconds|learning_rate)":\s*("[^"]*"|[^,}]*)')


class Fingerprints(Struct, frozen=True):
    """Empty where there is nothing to compare."""

    manifest: str = ""  # of which images are listed
    logs: str = ""  # of the numbers in the training logs
    sketch: tuple[float, ...] = ()  # of what training changed


def of(submission: Submission) -> Fingerprints:
    declared = contract.read(submission)
    rows = sorted(f"{row.image_id} {row.split}" for row in contract.splits(submission))
    numbers = [number for path in declared.log.paths
               for number in MEASURED.findall(NO_MEASURE.sub("", _text(submission, path)))]  # fmt: skip
    return Fingerprints(_digest(rows), _digest(numbers), _sketch(submission))


def _sketch(submission: Submission) -> tuple[float, ...]:
    try:
        return evaluation.run(submission).final.usable().sketch
    except (NotMeasured, SubmissionError):
        return ()


def _text(submission: Submission, path: str) -> str:
    """A log as the check of the logs reads it, in whatever encoding; "" where it cannot be read."""
    try:
        text = texts.decode(submission.read(path, discovery.FILE_LIMIT))
    except SubmissionError:
        return ""
    return text.content if text else ""


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest() if texts else ""
