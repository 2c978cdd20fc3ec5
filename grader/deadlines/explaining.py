"""How the deadline works, for a student who asks before or after it."""

from collections.abc import Iterator

from grader.deadlines.instants import Instant, local
from grader.deadlines.policy import Policy

RULES = """\
Which commit counts
  The newest tip of your branch that was published by the deadline. The branch is your repository's default
  branch unless your course names another one.
  A commit is in time if its date is, and the dates of all commits it builds on.
  "23:59" means through 23:59:59, in the time zone of the course. Your own time zone does not matter: dates
  are compared as moments.
  A branch that you merge after the deadline was not published by the deadline, even if its commits are older.
  Work on other branches and tags is listed, not graded.

What shows that it was in time
  A commit's date is what your computer's clock said. Anybody can set it, so it is a claim.
  A push is seen by others: by the course's observer, which looks at the repositories regularly, by the host
  that you push to, or by the authority that stamps the receipt of `make submit`.
  So push early and push often, and keep the receipt that `make submit` prints.

What the status means
  PROVEN_IN_TIME           another clock than yours recorded the commit in time
  CLAIMED_IN_TIME          its date is in time, and nothing else says anything
  DATED_IN_TIME_FIRST_OBSERVED_LATE
                           its date is in time, but after the deadline the branch was seen without it
  LATE                     it came after the deadline, within the late days that the course allows
  NOTHING_BEFORE_DEADLINE  no commit was published by the deadline
  HISTORY_REWRITTEN        what was seen at the deadline is no longer part of the branch
  DATE_UNKNOWN             a date among your commits was set by no clock, as 1970 is; a person decides
  A wrong clock, a rebase or another time zone is normal and no accusation; talk to your instructor.
"""


def explanation(policy: Policy, deadline: Instant | None = None) -> str:
    """The rules, and what this assignment makes of them."""
    settings = "".join(f"  {line}\n" for line in _settings(policy, deadline))
    return f"{RULES}\nWhat holds for this assignment\n{settings}"


def _settings(policy: Policy, deadline: Instant | None) -> Iterator[str]:
    if deadline:
        yield f"The deadline is {local(deadline.last, deadline.zone)}."
    yield f"What servers recorded up to {policy.grace_minutes:g} minutes later still confirms a date."
    if policy.late_days:
        days = f"{policy.late_days} day{'s' if policy.late_days > 1 else ''}"
        yield f"Later work counts for {days}, at {policy.penalty_per_day:g} % of the points for each day."
    else:
        yield "Work after the deadline is not graded."
    for status, effect in (
        ("A commit that is in time by its date only", policy.claimed_in_time),
        ("A commit that was first observed late", policy.first_observed_late),
        ("A rewritten history", policy.history_rewritten),
        ("A commit whose date no clock set", policy.date_unknown),
    ):
        yield f"{status} {_EFFECTS[effect]}."


_EFFECTS = {"accept": "counts", "review": "is looked at by a person", "refuse": "does not count"}
