"""What a lane found is kept: an unchanged submission is not run, and its images not looked at, again."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from grader import __version__, contract
from grader.ground import whole_file
from grader.running import program
from grader.submission import Submission

Answer = TypeVar("Answer")


def recall(
    submission: Submission, what: tuple[object, ...], kind: type[Answer], measure: Callable[[], Answer]
) -> Answer:
    """What was answered to `what` for the same files in the same environment, or else `measure()`."""
    answer = find(submission, what, kind)
    if answer is None:
        answer = measure()
        keep(submission, what, answer)
    return answer


def find(submission: Submission, what: tuple[object, ...], kind: type[Answer]) -> Answer | None:
    """What was answered to `what` for the same files in the same environment."""
    try:
        return msgspec.json.decode(_place(submission, what).read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def keep(submission: Submission, what: tuple[object, ...], answer: object) -> None:
    whole_file.write(_place(submission, what), msgspec.json.encode(answer))


def _place(submission: Submission, what: tuple[object, ...]) -> Path:
    declared = contract.read(submission)
    # A checkpoint among the images is shown to no program, and is what the answer is about all the same.
    paths = {*program.shown(submission), declared.model.checkpoint} & submission.sizes.keys()
    files = {path: submission.objects[path] for path in sorted(paths)}
    key = msgspec.json.encode((__version__, what, str(submission.surroundings.python), declared, files))
    return submission.surroundings.cache / "programs" / f"{hashlib.sha256(key).hexdigest()}.json"
