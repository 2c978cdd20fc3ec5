"""What a log of JSON lines states before its first epoch: {"event": "run", "seed": ..., ...}."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from grader.ground.errors import SubmissionError
from grader.submission import Submission

HEAD = 100  # lines among which it is looked for


def found(submission: Submission, paths: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every such line with its place, the last of each log first: a training may be appended to another."""
    for path in paths:
        try:
            lines = submission.text(path).splitlines()[:HEAD]
        except SubmissionError:
            continue
        for number, line in reversed(list(enumerate(lines, start=1))):
            event = _event(line)
            if event.get("event") == "run":
                yield f"{path}:{number}", event


def _event(line: str) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(line.encode())
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
