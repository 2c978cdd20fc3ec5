"""Commands about a whole course, from what is kept: no network."""

import getpass
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from grader import assignment
from grader.assignment import Assignment
from grader.cli import rosters
from grader.course import decisions, kept, lines, rules, telling
from grader.course.decisions import Decision, applying, binding
from grader.course.lines import Course
from grader.ground import evidence_file, toml
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.render import terminal


def opened(arguments: Namespace) -> Course:
    """The course in a folder that is there: its students and the decisions made. Raises GraderError."""
    require_folder(arguments.evidence_dir)
    return begun(arguments)


def require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise GraderError(f"--evidence-dir {folder}: no such folder; grader class makes it")


def begun(arguments: Namespace) -> Course:
    """The same, of a folder that may only be made now."""
    made = decisions.read(arguments.evidence_dir / decisions.NAME)
    return Course(arguments.evidence_dir, rosters.members(arguments), made)


def show(arguments: Namespace) -> int:
    course = opened(arguments)
    stated = rules.read(arguments.course or rules.find())
    found = lines.records(course, stated)
    if arguments.student:
        found = tuple(each for each in found if each.student == arguments.student)
        if not found:
            known = [member.student for member in course.members]
            raise GraderError(
                f"{arguments.student} is not in the roster{toml.did_you_mean(arguments.student, known)}"
            )
    if arguments.json_lines:
        evidence_file.write(arguments.json_lines, telling.json_lines(found))
    print(telling.text(found, terminal.style(sys.stdout)), end="")
    return 0


def decide(arguments: Namespace) -> int:
    """Prints what becomes of the points."""
    require_folder(arguments.evidence_dir)
    due = assignment.load(assignment.find(arguments.assignment))
    evidence = kept.load(kept.place(arguments.evidence_dir / due.id, arguments.student))
    file = arguments.evidence_dir / decisions.NAME
    made = decisions.of(decisions.read(file), arguments.student, due.id)
    if evidence and evidence.deadline:  # the roster's extension, for which it was measured
        due = due.due(evidence.deadline)
    decision = _bound(_decision(arguments, due), due, evidence, made)
    decisions.add(file, decision)
    print(f"{file}: {decision.student}, {due.id}: decided by {decision.by}")
    if evidence:
        after = decisions.of(decisions.read(file), arguments.student, due.id)
        told = [applying.judge(applying.due(due, each), evidence, each) for each in (made, after)]
        print(" → ".join(f"{each.outcome} {terminal.amount(each.points)}" for each in told))
    return 0


def _decision(arguments: Namespace, due: Assignment) -> Decision:
    _require_check(arguments.check, due)
    if arguments.extend:
        due.due(arguments.extend)
    return Decision(
        time=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        by=arguments.by or getpass.getuser(),
        student=arguments.student,
        assignment=due.id,
        check=arguments.check,
        points=arguments.points,
        outcome=arguments.outcome,
        commit=arguments.commit,
        excused=arguments.excuse,
        deadline=arguments.extend,
        withdrawn=arguments.withdraw,
        because=arguments.because,
        private=arguments.private,
    )


def _require_check(name: str, due: Assignment) -> None:
    known = [each.name for each in due.criteria]
    if name and name not in known:
        raise GraderError(f"{due.id} has no check {name!r}{toml.did_you_mean(name, known)}")


def _bound(
    decision: Decision, due: Assignment, evidence: Evidence | None, made: tuple[Decision, ...]
) -> Decision:
    """With the evidence it is made on, and what held until now. Raises GraderError: there is no evidence."""
    if evidence is None:
        if decision.check:
            raise GraderError(
                f"there is no evidence of {decision.student} for {due.id} to decide on: grader class first"
            )
        return decision
    own = applying.due(due, made)
    verdict = applying.judge(due, evidence, made)
    result = next((each for each in verdict.results if each.check == decision.check), None)
    if result and decision.points is not None and decision.points > result.points.of:
        raise GraderError(f"{decision.check} is worth {result.points.of:g} points, not {decision.points:g}")
    held = f"{result.outcome}, {terminal.amount(result.points)}" if result else f"{verdict.outcome}"
    digest = binding.digest(own, evidence, decision.check) if decision.check else ""
    return replace(decision, before=held, evidence=digest)
