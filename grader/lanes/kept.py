"""What a program of the submission answered is kept: an unchanged submission is not run again."""

import hashlib
from collections.abc import Callable
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
    files = {path: submission.objects[path] for path in program.shown(submission)}
    declared = contract.read(submission)
    key = msgspec.json.encode((__version__, what, str(submission.surroundings.python), declared, files))
    place = submission.surroundings.cache / "programs" / f"{hashlib.sha256(key).hexdigest()}.json"
    try:
        return msgspec.json.decode(place.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        answer = measure()
        evaluation.write(place, msgspec.json.encode(answer))
        return answer
