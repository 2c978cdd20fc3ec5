"""A verdict with the decisions of persons in it. Pure: evidence, assignment and decisions give the verdict.

A decision holds for the evidence that it was made on. Where there is other evidence by now, neither it nor
what was measured is taken alone: the check is open between the two until a person looks again.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader import engine
from grader.assignment import Assignment
from grader.course.decisions import Decision, binding
from grader.engine import Counts
from grader.ground.verdict import Decided, Evidence, Outcome, Points, Result, Verdict, note
from grader.render import terminal

KEPT_BACK = "the reason is kept by the course"


class Case(Struct, frozen=True):
    """One student's assignment, with the deadline that holds for them."""

    due: Assignment
    evidence: Evidence
    decisions: Mapping[str, Decision]  # by what they are about


def due(assignment: Assignment, made: Sequence[Decision]) -> Assignment:
    """The assignment with the deadline that a person gave. Raises GraderError."""
    moved = next((each.deadline for each in made if each.deadline), "")
    return assignment.due(moved) if moved else assignment


def judge(assignment: Assignment, evidence: Evidence, made: Sequence[Decision]) -> Verdict:
    """The verdict, and in it what persons decided: `made` holds for this student, as does the deadline."""
    case = Case(assignment, evidence, {each.about: each for each in made})
    verdict = engine.judge(case.due, evidence)
    if not made:
        return verdict
    results = tuple(_result(case, result) for result in verdict.results)
    counts, penalty = _counts(verdict, results)
    return replace(
        verdict,
        commit=verdict.looked_at if counts == engine.COUNTS else None,
        counts=counts,
        outcome=engine.overall(results),
        points=engine.total(results, case.due.points, penalty, counts),
        penalty=penalty,
        results=results,
        decided=tuple(_about_all(case)),
    )


def excuse(made: Sequence[Decision]) -> str:
    """By whom and why the assignment need not be done; "" where it has to be."""
    found = next((each for each in made if each.excused), None)
    return f"{found.by}, {reason(found)}" if found else ""


def reason(decision: Decision) -> str:
    return KEPT_BACK if decision.private else decision.because


def open_again(verdict: Verdict) -> bool:
    """Whether a decision was made on other evidence than there is now."""
    everything = [*verdict.decided, *(each.decided for each in verdict.results if each.decided)]
    return any(each.again for each in everything)


def _counts(verdict: Verdict, results: Sequence[Result]) -> tuple[Counts, float]:
    """Whether what was looked at counts, and the penalty: a person's word on the deadline takes the place of
    the ruling. Passed, the work counts, and being late costs nothing; failed, it does not count; made on
    other evidence than there is now, both are possible.
    """
    deadline = next((each for each in results if each.check == "deadline" and each.decided), None)
    if deadline is None or deadline.decided is None:
        return verdict.counts, verdict.penalty
    if deadline.decided.again:
        return "open", 0.0
    return (engine.COUNTS if deadline.outcome is Outcome.PASSED else "no"), 0.0


def _result(case: Case, result: Result) -> Result:
    decision = case.decisions.get(result.check)
    if decision:
        same = decision.evidence in ("", binding.digest(case.due, case.evidence, result.check))
        return _overruled(result, decision) if same else _open(result, decision)
    taken = case.decisions.get("commit")
    if taken and result.check == "deadline":
        taken = replace(taken, outcome="passed")
        return (_overruled if _is_of(case.evidence, taken.commit) else _open)(result, taken)
    return result


def _is_of(evidence: Evidence, commit: str) -> bool:
    return evidence.commit is not None and evidence.commit.sha.startswith(commit)


def _overruled(result: Result, decision: Decision) -> Result:
    outcome, points = _put(result, decision)
    return replace(
        result,
        outcome=outcome,
        points=points,
        findings=(note(_sentence(decision)), *(replace(each, level="note") for each in result.findings)),
        decided=_decided(decision, _what(result, decision)),
    )


def _open(result: Result, decision: Decision) -> Result:
    _, points = _put(result, decision)
    low, high = min(result.points.min, points.min), max(result.points.max, points.max)
    told = note(
        f"{_sentence(decision)} That was about other evidence than there is now.",
        hint="grader class measures the commit" if decision.commit else "a person looks at it again",
    )
    return replace(
        result,
        outcome=Outcome.INCONCLUSIVE,
        points=Points(low, high, result.points.of),
        findings=(told, *(replace(each, level="note") for each in result.findings)),
        decided=_decided(decision, _what(result, decision), again=True),
    )


def _put(result: Result, decision: Decision) -> tuple[Outcome, Points]:
    """Points without an outcome pass where they are more than none, as far as there are any."""
    of = result.points.of
    if decision.outcome:
        outcome = Outcome(decision.outcome)
        earned = decision.points if decision.points is not None else of * (outcome is Outcome.PASSED)
    else:
        earned = decision.points or 0.0
        outcome = Outcome.PASSED if earned > 0 or not of else Outcome.FAILED
    earned = min(earned, of)
    return outcome, Points(earned, earned, of)


def _sentence(decision: Decision) -> str:
    return f"Decided by {decision.by} on {decision.time[:10]}: {reason(decision)}."


def _what(result: Result, decision: Decision) -> str:
    if decision.commit:
        return f"commit {decision.commit[:7]} counts"
    outcome, points = _put(result, decision)
    return (
        f"{outcome}, {terminal.amount(points)} instead of {result.outcome}, {terminal.amount(result.points)}"
    )


def _decided(decision: Decision, what: str, again: bool = False) -> Decided:
    return Decided(what, decision.by, decision.time, reason(decision), again)


def _about_all(case: Case) -> Iterator[Decided]:
    """Decisions on the whole assignment; a commit that was not measured yet is one to look at again."""
    for each in case.decisions.values():
        if each.excused:
            yield _decided(each, "excused")
        elif each.deadline:
            yield _decided(each, f"the deadline is {each.deadline}")
        elif each.commit:
            measured = _is_of(case.evidence, each.commit)
            yield _decided(each, f"commit {each.commit[:7]} counts", again=not measured)
