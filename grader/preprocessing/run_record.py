"""Reads what the training program recorded: {"event": "run", "preprocessing": {...}} opens its log."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import SubmissionError
from grader.preprocessing.steps import Recorded
from grader.submission import Submission

HEAD = 20  # lines at the start of a log among which the record is looked for


class Preprocessing(msgspec.Struct, frozen=True):
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize: int = 0
    crop: int = 0
    interpolation: str = ""


def recorded(submission: Submission, logs: Sequence[str]) -> Recorded | None:
    """The record, None where no log has one; whether logs are complete is another check's question."""
    for path in logs:
        try:
            text = submission.text(path)
        except SubmissionError:
            continue
        for line, content in enumerate(itertools.islice(text.splitlines(), HEAD), start=1):
            found = _record(content, f"{path}:{line}")
            if found:
                return found
    return None


def _record(content: str, where: str) -> Recorded | None:
    try:
        event: Any = msgspec.json.decode(content.encode())
        if not isinstance(event, dict) or event.get("event") != "run":
            return None
        found = msgspec.convert(event.get("preprocessing"), Preprocessing)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Recorded(where=where, **msgspec.structs.asdict(found))
