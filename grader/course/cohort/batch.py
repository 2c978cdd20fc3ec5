"""Measures some students of a class, in a process of its own that tells what it does as it goes along."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader import engine, intake
from grader.assignment import Assignment, Criterion
from grader.course.cohort import inputs
from grader.course.cohort.inputs import Known
from grader.course.kept import Place
from grader.course.roster import Member
from grader.ground.errors import GraderError
from grader.ground.verdict import Evidence
from grader.intake import Request
from grader.submission import Submission, Surroundings


class Wanted(Struct, frozen=True, kw_only=True):
    """One student's submission, where its evidence is kept, and what is known from there.

    `versions` name the checks' own sources, `heads` what the repository offered at our look.
    """

    member: Member
    request: Request
    assignment: Assignment
    place: Place
    versions: Mapping[str, str] = {}
    known: Known | None = None
    heads: str = ""
    retry: bool = False  # measure again what could not be measured


class Step(Struct, frozen=True, tag="step"):
    """These students of the batch, by number, are being worked on: who ends the process is among them."""

    students: tuple[int, ...]


class Part(Struct, frozen=True, tag="part"):
    """What is already known of one student: the files were read, and nothing was run yet."""

    student: int
    evidence: Evidence


class Done(Struct, frozen=True, tag="done"):
    """One student is complete. Neither evidence nor trouble: the evidence that is known holds."""

    student: int
    evidence: Evidence | None = None
    trouble: str = ""


class Opened(Struct, frozen=True):
    """A submission, and the checks that are left to measure on it."""

    submission: Submission
    left: tuple[str, ...]


Message = Step | Part | Done


def measure(wanted: Sequence[Wanted], surroundings: Surroundings) -> Iterator[bytes]:
    """Reads the files of one after the other, evaluates in one go those that are new, then runs what is left.

    What it yields is read by `read`.
    """
    return map(msgspec.json.encode, _measure(wanted, surroundings))


def read(message: bytes) -> Message:
    """Raises msgspec.MsgspecError: it is none."""
    found: Message = msgspec.json.decode(message, type=Message)
    return found


def _measure(wanted: Sequence[Wanted], surroundings: Surroundings) -> Iterator[Message]:
    with contextlib.ExitStack() as stack:
        opened: dict[int, Opened] = {}
        for number, each in enumerate(wanted):
            yield Step((number,))
            with contextlib.ExitStack() as own:
                told = _files(number, each, own, surroundings)
                if isinstance(told, Done):
                    yield told
                    continue
                opened[number] = told[1]
                stack.push(own.pop_all())
            if told[0]:
                yield Part(number, told[0])
        if opened:
            yield Step(tuple(opened))
        due = [(each.submission, each.left) for each in opened.values()]
        shared = intake.prepare(wanted[0].assignment.criteria, due)
        for number, each_opened in opened.items():
            yield Step((number,))
            found = _evidence(wanted[number], each_opened.submission, each_opened.left)
            yield Done(number, replace(found, seconds=intake.added(found.seconds, shared)))


def _files(
    number: int, each: Wanted, stack: contextlib.ExitStack, surroundings: Surroundings
) -> Done | tuple[Evidence | None, Opened]:
    """Everything of one student that needs no more than files; complete, if that is all."""
    try:
        submission = stack.enter_context(intake.opened(each.request, each.assignment, surroundings))
    except GraderError as trouble:
        return Done(number, trouble=str(trouble))
    except Exception as trouble:  # noqa: BLE001 - as in `intake.collect`
        return Done(number, intake.without_files(each.request, each.assignment, trouble))
    stale = inputs.stale(each, submission.sha)
    lanes = {criterion.name: criterion.check.lane for criterion in each.assignment.criteria}
    run = tuple(name for name in stale if lanes[name] != "static" and not each.request.static)
    read_only = tuple(name for name in stale if name not in run)
    if not stale:
        return Done(number)
    evidence = _evidence(each, submission, read_only) if read_only else None
    return (evidence, Opened(submission, run)) if run else Done(number, evidence)


def _evidence(each: Wanted, submission: Submission, left: Sequence[str]) -> Evidence:
    """What these checks measure, and what they measured it from."""
    criteria = tuple(criterion for criterion in each.assignment.criteria if criterion.name in left)
    due = replace(each.assignment, criteria=criteria)
    found = intake.evidence_of(each.request, due, submission, engine.measure_all(due, submission))
    names = inputs.names(due, submission.sha, each.versions)
    if submission.surroundings.static:  # what was left out is not measured
        names = {one.name: names[one.name] for one in criteria if one.check.lane == "static"}
    return replace(found, made_from=names, offered=_offered(each, submission.sha, criteria))


def _offered(each: Wanted, sha: str, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """What was there to measure with. Checks that only read files make no use of it."""
    same = each.known is not None and each.known.sha == sha
    if each.known and same and all(one.check.lane == "static" for one in criteria):
        return each.known.offered
    return each.request.offered
