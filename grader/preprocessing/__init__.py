"""How a submission prepares its images, and how its weights want them prepared."""

import ast
from collections.abc import Sequence

from grader import programs
from grader.preprocessing import constants, idioms
from grader.preprocessing.comparing import Judged
from grader.preprocessing.found import Found, find
from grader.preprocessing.references import Reference, Unknown, accepted, nearest
from grader.preprocessing.run_record import recorded
from grader.preprocessing.steps import Applied, Recorded, Step
from grader.submission import Submission

__all__ = [
    "Applied", "Found", "Judged", "Recorded", "Reference", "Step", "Unknown", "accepted", "applied",
    "find", "nearest",
    "recorded",
]  # fmt: skip

CALLS = 5_000  # looked at in one file; nobody writes more by hand


def applied(submission: Submission, logs: Sequence[str]) -> Applied:
    """What the training recorded in its logs and what the Python sources say, by path and line."""
    modules = programs.python_files(submission)
    steps = []
    for path, scope in constants.scopes(modules).items():
        tree = next(module.tree for module in modules if module.path == path)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
        for call in sorted(calls[:CALLS], key=lambda call: call.lineno):
            steps += [step for idiom in idioms.TABLE for step in idiom(call, scope)]
    unread = tuple(module.path for module in modules if module.tree is None)
    return Applied(recorded(submission, logs), tuple(steps), unread)
