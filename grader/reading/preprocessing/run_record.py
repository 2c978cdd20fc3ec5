"""Reads what the training program recorded: {"event": "run", "preprocessing": {...}} opens its log."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from grader.ground.reference import Triple
from grader.reading.logs import starter
from grader.reading.preprocessing.affine import standard
from grader.reading.preprocessing.pipelines import Chain
from grader.submission import Submission


class Preprocessing(msgspec.Struct, frozen=True):
    mean: Triple
    std: Triple
    resize: int = 0
    crop: int = 0
    interpolation: str = ""
    order: Literal["rgb", "bgr"] = "rgb"  # of the network's channels, and of mean and std


def recorded(submission: Submission, logs: Sequence[str]) -> Chain | None:
    """The record, None where no log has one; whether logs are complete is another check's question."""
    chains = (_record(event, where) for where, event in starter.runs(submission, logs))
    return next((chain for chain in chains if chain is not None), None)


def is_mixed(submission: Submission, logs: Sequence[str]) -> bool:
    """Whether a log says that the network computed in half precision: {"precision": "mixed"}."""
    return any(event.get("precision") == "mixed" for _, event in starter.runs(submission, logs))


def _record(event: Mapping[str, Any], where: str) -> Chain | None:
    try:
        found = msgspec.convert(event.get("preprocessing"), Preprocessing)
    except msgspec.ValidationError:
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
