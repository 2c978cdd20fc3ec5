"""The verdict itself as JSON: what other programs build on, so its names stay."""

import msgspec

from grader.ground.verdict import Verdict
from grader.render import feedback


def text(verdict: Verdict) -> str:
    return (
        msgspec.json.format(msgspec.json.encode(feedback.of(verdict, measured=True)), indent=2).decode()
        + "\n"
    )
