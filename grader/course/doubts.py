"""What an assignment file may well say, and yet rarely means: told by `grader spec lint`, and no mistake."""

from collections.abc import Iterator

from grader.assignment import Assignment
from grader.deadlines import local

LONG = 180 * 86_400  # seconds; longer than a term


def doubts(due: Assignment, now: float) -> Iterator[str]:
    """In sentences. `now` is POSIX seconds."""
    deadline = due.deadline
    if deadline is None:
        yield "it has no deadline: nobody is ever late, and nothing shows that work was there in time"
        return
    instant, policy = deadline.instant, deadline.policy
    yield from instant.warnings
    if now - instant.last > LONG:
        yield f"its deadline, {local(instant.last, instant.zone)}, is long gone"
    if policy.penalty_per_day and not policy.late_days:
        yield "penalty_per_day has no effect without late_days"
    if policy.late_days and policy.late_days * policy.penalty_per_day > 100:
        yield f"{policy.late_days} late days at {policy.penalty_per_day:g} % cost more than all points"
    if not any(each.points for each in due.criteria):
        yield "no check is worth any points"
