"""What a program of the submission answered is kept: an unchanged submission is not run again."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from grader import __version__, contract, evaluation
from grader.lanes import program
from grader.submission import Submission

Answer = TypeVar("Answer")


def recall(
    submission: Submission, what: tuple[object, ...], kind: type[Answer], measure: Callable[[], Answer]
) -> Answer:
    """The answer that was given to `what` for exactly these files and packages, or else `measure()`."""
    answer = find(submission, what, kind)
    if answer is None:
        answer = measure()
        keep(submission, what, answer)
    return answer


def find(submission: Submission, what: tuple[object, ...], kind: type[Answer]) -> Answer | None:
    """The answer that was given to `what` for exactly these files and packages."""
    try:
        return msgspec.json.decode(_place(submission, what).read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def keep(submission: Submission, what: tuple[object, ...], answer: object) -> None:
    evaluation.write(_place(submission, what), msgspec.json.encode(answer))


def _place(submission: Submission, what: tuple[object, ...]) -> Path:
    declared = contract.read(submission)
    # A checkpoint among the images is shown to no program, and is what the answer is about all the same.
    paths = {*program.shown(submission), declared.model.checkpoint} & submission.sizes.keys()
    files = {path: submission.objects[path] for path in sorted(paths)}
    key = msgspec.json.encode((__version__, what, str(submission.surroundings.python), declared, files))
    return submission.surroundings.cache / "programs" / f"{hashlib.sha256(key).hexdigest()}.json"
