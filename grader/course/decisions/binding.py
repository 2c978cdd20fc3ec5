"""What a decision is bound to: the evidence that a person had seen, as a short name of its content."""

import hashlib
from typing import Any

import msgspec

from grader import engine
from grader.assignment import Assignment
from grader.ground.verdict import Evidence

LETTERS = 16


def digest(due: Assignment, evidence: Evidence, check: str) -> str:
    """Of a check's measurement at its commit; of the commit alone where `check` is "".

    The measurement of the deadline grows with every look at the repository: what counts is what it ruled.
    """
    sha = evidence.commit.sha if evidence.commit else ""
    seen: Any = None
    if check == "deadline":
        ruling = engine.rule(due, evidence)
        seen = (ruling.status, ruling.graded, ruling.claimed, ruling.deadline.last) if ruling else None
    elif check:
        seen = evidence.measurements.get(check)
    content = msgspec.json.encode([sha, msgspec.to_builtins(seen)], order="deterministic")
    return hashlib.sha256(content).hexdigest()[:LETTERS]
