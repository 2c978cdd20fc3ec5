"""How a submission prepares its images, and how its weights want them prepared."""

import ast

from grader.preprocessing import constants, idioms, recorded, sources
from grader.preprocessing.references import Reference, Unknown, accepted, nearest
from grader.preprocessing.steps import Applied, Recorded, Step
from grader.submission import Submission

__all__ = ["Applied", "Recorded", "Reference", "Step", "Unknown", "accepted", "applied", "nearest"]


def applied(submission: Submission) -> Applied:
    """What the training recorded and what its Python sources say, in the order of paths and lines."""
    modules = sources.read(submission)
    steps = []
    for path, scope in constants.scopes(modules).items():
        tree = next(module.tree for module in modules if module.path == path)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
        for call in sorted(calls, key=lambda call: call.lineno):
            steps += [step for idiom in idioms.TABLE for step in idiom(call, scope)]
    unread = tuple(module.path for module in modules if module.tree is None)
    return Applied(recorded.read(submission), tuple(steps), unread)
