"""`grader explain`: what a check looks for, and its settings."""

from argparse import Namespace

from grader import checks
from grader.ground import toml
from grader.ground.errors import GraderError
from grader.render import manual


def explain(arguments: Namespace) -> int:
    name = arguments.check
    if not name:
        print(manual.table(checks.TABLE), end="")
        return 0
    if name not in checks.TABLE:
        raise GraderError(f"{name!r} is not a check{toml.did_you_mean(name, checks.TABLE)}")
    print(manual.page(name, checks.TABLE[name]), end="")
    if name == "deadline":
        print(_until(arguments.assignment), end="")
    return 0


def _until(reference: str) -> str:
    """What the assignment says about its own deadline."""
    from grader import deadlines
    from grader.cli import assignments

    due = assignments.due(reference).deadline
    return f"\n{deadlines.explanation(due.policy, due.instant)}" if due else ""
