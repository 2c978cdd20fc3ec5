"""Reads what the training program recorded: {"event": "run", "preprocessing": {...}} opens its log."""

import itertools
from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import SubmissionError
from grader.preprocessing.affine import Triple, standard
from grader.preprocessing.pipelines import Chain
from grader.submission import Submission

HEAD = 20  # lines at the start of a log among which the record is looked for


class Preprocessing(msgspec.Struct, frozen=True):
    mean: Triple
    std: Triple
    resize: int = 0
    crop: int = 0
    interpolation: str = ""


def recorded(submission: Submission, logs: Sequence[str]) -> Chain | None:
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


def _record(content: str, where: str) -> Chain | None:
    try:
        event: Any = msgspec.json.decode(content.encode())
        if not isinstance(event, dict) or event.get("event") != "run":
            return None
        found = msgspec.convert(event.get("preprocessing"), Preprocessing)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if 0 in found.std:
        return None
    return Chain(
        where=where,
        role="record",
        values=standard(found.mean, found.std),
        scaled=True,
        resize=found.resize,
        crop=found.crop,
        interpolation=found.interpolation,
    )
