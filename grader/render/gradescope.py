"""Gradescope's results.json: a score for each test, and text. An open check has its certain points."""

from typing import Any

import msgspec

from grader.ground.verdict import Outcome, Result, Verdict
from grader.ground.visible import visible
from grader.render import feedback, terminal


def text(verdict: Verdict) -> str:
    """https://gradescope-autograders.readthedocs.io/en/latest/specs/: the fields are those of its page."""
    verdict = feedback.of(verdict)
    results: dict[str, Any] = {
        "score": round(verdict.points.min, 6),
        "output": terminal.text(verdict, terminal.Style()),
        "output_format": "text",
        "visibility": "visible",
        "tests": [_test(result) for result in verdict.results],
        "extra_data": {"commit": verdict.commit.sha if verdict.commit else "", "outcome": verdict.outcome},
    }
    return msgspec.json.format(msgspec.json.encode(results), indent=2).decode() + "\n"


def _test(result: Result) -> dict[str, Any]:
    lines = [result.looked_for]
    for each in result.findings:
        lines.append(f"{each.level}: {each.message}" + (f" ({each.hint})" if each.hint else ""))
    decided = result.outcome not in (Outcome.INCONCLUSIVE, Outcome.BROKEN)
    # Gradescope knows passed and failed only; what has neither status nor score is neither.
    graded = {
        "score": result.points.min,
        "max_score": result.points.of,
        "status": "passed" if result.outcome is Outcome.PASSED else "failed",
    }
    return {
        "name": result.check if decided else f"{result.check} (not decided yet)",
        **(graded if decided else {}),
        "output": "\n".join(visible(line) for line in lines),
        "output_format": "text",
        "tags": [result.outcome],
    }
