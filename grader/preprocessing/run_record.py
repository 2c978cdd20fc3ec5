"""Reads what the training program recorded: {"event": "run", "preprocessing": {...}} opens its log."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Literal

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
    order: Literal["rgb", "bgr"] = "rgb"  # of the network's channels, and of mean and std


def recorded(submission: Submission, logs: Sequence[str]) -> Chain | None:
    """The record, None where no log has one; whether logs are complete is another check's question."""
    return next(filter(None, (_record(event, where) for where, event in _runs(submission, logs))), None)


def is_mixed(submission: Submission, logs: Sequence[str]) -> bool:
    """Whether a log says that the network computed in half precision: {"precision": "mixed"}."""
    return any(event.get("precision") == "mixed" for _, event in _runs(submission, logs))


def _runs(submission: Submission, logs: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line `run` near the start of a log, with its place."""
    for path in logs:
        try:
            text = submission.text(path)
        except SubmissionError:
            continue
        for line, content in enumerate(itertools.islice(text.splitlines(), HEAD), start=1):
            try:
                event: Any = msgspec.json.decode(content.encode())
            except (msgspec.MsgspecError, RecursionError):
                continue
            if isinstance(event, dict) and event.get("event") == "run":
                yield f"{path}:{line}", event


def _record(event: dict[str, Any], where: str) -> Chain | None:
    try:
        found = msgspec.convert(event.get("preprocessing"), Preprocessing)
    except msgspec.MsgspecError:
        return None
    if 0 in found.std:
        return None
    return Chain(
        where=where,
        role="record",
        values=standard(found.mean, found.std, found.order),
        scaled=True,
        resize=found.resize,
        crop=found.crop,
        interpolation=found.interpolation,
    )
