"""What a log of JSON lines states before the first epoch: {"event": "run", "seed": ..., ...}."""

from collections.abc import Sequence
from typing import Any

import msgspec

from grader.errors import SubmissionError
from grader.submission import Submission

HEAD = 100  # lines among which it is looked for


def of(submission: Submission, paths: Sequence[str]) -> dict[str, Any]:
    """The last such line of the first log that has one; {} where none has. Nothing in it is checked."""
    for path in paths:
        try:
            lines = submission.text(path).splitlines()[:HEAD]
        except SubmissionError:
            continue
        for line in reversed(lines):
            event = _event(line)
            if event.get("event") == "run":
                return event
    return {}


def _event(line: str) -> dict[str, Any]:
    try:
        event = msgspec.json.decode(line.encode())
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}
