"""`grader appeal`: kept evidence beside that of a mended repository, check by check. Nothing is recorded."""

from argparse import Namespace

from grader import engine
from grader.cli import assignments
from grader.ground import evidence_file
from grader.ground.verdict import Result, Verdict
from grader.ground.visible import visible
from grader.render import terminal


def appeal(arguments: Namespace) -> int:
    """Both are judged by the assignment of the kept evidence."""
    kept, mended = evidence_file.load(arguments.kept), evidence_file.load(arguments.mended)
    due = assignments.due(arguments.assignment or kept.assignment, kept.deadline)
    before, after = engine.judge(due, kept), engine.judge(due, mended)
    print(f"{_commit(before)} → {_commit(after)}")
    results = {each.check: each for each in after.results}
    for one in before.results:
        other = results[one.check]
        if _told(one) != _told(other) or one.findings != other.findings:
            print(f"{one.check}: {_told(one)} → {_told(other)}")
            _findings("-", one, other)
            _findings("+", other, one)
    print(f"altogether: {_all(before)} → {_all(after)}")
    if after.counts != engine.COUNTS:
        print(f"were it taken, with decide --commit: {_taken(after, due.points)}")
    return 0


def _findings(sign: str, of: Result, beside: Result) -> None:
    for each in of.findings:
        if each not in beside.findings:
            print(
                visible(f"  {sign} {each.level}: {each.message}" + (f" ({each.where})" if each.where else ""))
            )


def _told(result: Result) -> str:
    return f"{result.outcome} {terminal.amount(result.points)}"


def _all(verdict: Verdict) -> str:
    return f"{verdict.outcome} {terminal.amount(verdict.points)}"


def _taken(verdict: Verdict, of: float) -> str:
    """What is mended comes late as a rule: its worth where a person takes the commit all the same."""
    others = [each for each in verdict.results if each.check != "deadline"]
    return f"{engine.overall(others)} {terminal.amount(engine.total(others, of, 0.0))}"


def _commit(verdict: Verdict) -> str:
    return verdict.commit.sha[:7] if verdict.commit else "no commit"
