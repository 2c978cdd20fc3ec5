"""The verdict itself as JSON: what other programs build on, so its names stay."""

import msgspec

from grader.ground.verdict import Verdict


def text(verdict: Verdict) -> str:
    return msgspec.json.format(msgspec.json.encode(verdict), indent=2).decode() + "\n"
