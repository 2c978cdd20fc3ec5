"""What the starter writes into its log, line by line: {"event": "run" | "epoch" | "end", ...}.

Nothing in them is checked here: a submission may have written anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from grader.ground.errors import SubmissionError
from grader.submission import Submission

HEAD = 100  # lines among which `run` is looked for
STOPS = ("early_stopping", "early_stop", "stopped_early")

Record = Mapping[str, Any]


class Epoch(Struct, frozen=True):
    """What phase one or two ("head", "upper") reached, and the layers that it trained."""

    phase: str = ""
    trained: tuple[str, ...] = ()
    val_accuracy: float = -1.0  # none


def runs(submission: Submission, paths: Sequence[str]) -> Iterator[tuple[str, Record]]:
    """Every line `run` with its place, the last of each log first: a training may be appended to another."""
    for path in paths:
        for number, line in reversed(list(enumerate(_lines(submission, path)[:HEAD], start=1))):
            record = _record(line)
            if record.get("event") == "run":
                yield f"{path}:{number}", record


def run(submission: Submission, paths: Sequence[str]) -> Record:
    """The last line `run` of the first log that has one; {} where none has."""
    return next((record for _, record in runs(submission, paths)), {})


def epochs(submission: Submission, paths: Sequence[str]) -> Iterator[Epoch]:
    """The lines `epoch` of all logs in order; those of another form are passed by."""
    for path in paths:
        for line in _lines(submission, path):
            record = _record(line)
            if record.get("event") == "epoch":
                try:
                    yield msgspec.convert(record, Epoch)
                except msgspec.ValidationError:
                    continue


def planned(record: Record) -> dict[str, int]:
    """Of a line `run`: how many epochs each phase is to have."""
    return {phase: int(n) for phase, n in _mapping(record, "planned").items() if str(n).isdigit()}


def images(record: Record) -> dict[str, int]:
    """Of a line `run`: how many images each split has."""
    return {split: int(n) for split, n in _mapping(record, "images").items() if str(n).isdigit()}


def _mapping(record: Record, key: str) -> Record:
    found = record.get(key)
    return found if isinstance(found, Mapping) else {}


def _lines(submission: Submission, path: str) -> list[str]:
    try:
        return submission.text(path).splitlines()
    except SubmissionError:
        return []


def _record(line: str) -> Record:
    try:
        record = msgspec.json.decode(line.encode())
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
