"""A whole class: every submission of a roster measured, judged, and written into a gradebook.

Students are measured in batches, each in a process of its own, which lets them share one evaluation; where
that process runs is a `runner.Runner`. Evidence is written here as soon as a student is complete. When a
process is lost, those it was working on are tried again in smaller company, at last alone, and the others
together: a crash or an endless program costs one student's evidence, a machine that fails costs time.
"""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from msgspec import Struct

from grader import __version__
from grader.assignment import Assignment
from grader.course.cohort import following
from grader.course.cohort.batch import Done, Wanted
from grader.course.cohort.following import Ended, Event, Finished, Listening
from grader.course.cohort.runner import Runner
from grader.course.roster import Member
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.intake import Request

TOGETHER = 10  # students in a batch, at most


class Class(Struct, frozen=True, kw_only=True):
    """What to measure, and where evidence is kept. `seconds` are for one student."""

    members: tuple[Member, ...]
    assignment: Assignment
    reference: str  # the assignment as it was asked for
    evidence: Path  # a folder
    static: bool = False
    offered: tuple[str, ...] = ()  # `Surroundings.offered`
    seconds: float = 1800


# Takes how many students are complete, of how many, and how many of those complete were not measured again.
Progress = Callable[[int, int, int], None]


def wanted(course: Class) -> tuple[Wanted, ...]:
    """What is to be measured for each member, in the order of the roster."""
    return tuple(_wanted(course, member) for member in course.members)


def run(course: Class, runner: Runner, progress: Progress) -> tuple[Wanted, ...]:
    """Measures what is not measured yet. Afterwards each has its evidence or its trouble in a file.

    Raises:
        GraderError: the runner does not work any more. What is complete is kept.
    """
    course.evidence.mkdir(parents=True, exist_ok=True)
    everybody = wanted(course)
    for each in everybody:
        each.trouble.unlink(missing_ok=True)
    interrupted = threading.Event()
    events: SimpleQueue[Event] = SimpleQueue()
    listening = Listening(runner, course.seconds, events.put, interrupted)
    pool = ThreadPoolExecutor(runner.places)
    try:
        _serve(
            everybody, events, lambda group: pool.submit(following.follow, listening, group), runner, progress
        )
    finally:
        interrupted.set()
        pool.shutdown(cancel_futures=True)
    return everybody


def _serve(
    everybody: Sequence[Wanted],
    events: "SimpleQueue[Event]",
    start: Callable[[Sequence[Wanted]], object],
    runner: Runner,
    progress: Progress,
) -> None:
    """Until nothing is under way: writes what is complete, and starts again what was lost."""
    tries: Counter[Path] = Counter()
    complete = Counter[str]()
    waiting = list(_groups(everybody, runner.places))
    under_way = 0
    while waiting or under_way:
        for group in waiting:
            start(group)
        under_way += len(waiting)
        waiting = []
        match events.get():
            case Finished(each, done):
                _keep(each, done)
                complete["measured" if done.evidence or done.trouble else "unchanged"] += 1
            case Ended() as ended:
                under_way -= 1
                waiting, given_up = again(ended, tries, runner.tries)
                if not given_up:
                    continue
                for each in given_up:
                    _keep(each, Done(0, trouble=ended.reason))
                complete["measured"] += len(given_up)
            case trouble:
                raise trouble
        progress(complete.total(), len(everybody), complete["unchanged"])


def again(ended: Ended, tries: Counter[Path], limit: int) -> tuple[list[Sequence[Wanted]], Sequence[Wanted]]:
    """The batches to start after one that was lost, and whom to give up: suspected too often when alone."""
    suspects = ended.suspects or ended.left
    rest = [each for each in ended.left if each not in suspects]
    groups: list[Sequence[Wanted]] = [rest] if rest else []
    if len(suspects) > 1:
        middle = len(suspects) // 2
        return [*groups, suspects[:middle], suspects[middle:]], ()
    tries.update(each.path for each in suspects)
    if any(tries[each.path] >= limit for each in suspects):
        return groups, suspects
    return [*groups, *([suspects] if suspects else [])], ()


def _keep(each: Wanted, done: Done) -> None:
    """Writes evidence beside its file, then renames it: whatever happens, there is the old one or the new."""
    if done.trouble:
        each.trouble.write_text(done.trouble)
    elif done.evidence:
        if done.evidence.grader != __version__:
            raise GraderError(
                f"a machine measured with grader {done.evidence.grader}, this is {__version__}: "
                "install the same version on all of them"
            )
        evidence_file.save(each.path, done.evidence)


def _wanted(course: Class, member: Member) -> Wanted:
    extension = member.extensions.get(course.assignment.id, "")
    request = Request(
        url=member.url,
        branch=member.branch,
        assignment=course.reference,
        deadline=extension,
        static=course.static,
        offered=course.offered,
    )
    due = course.assignment.due(extension) if extension else course.assignment
    path = course.evidence / _file_name(member.student)
    return Wanted(member, request, due, path, _known(path, request, due))


def _known(path: Path, request: Request, due: Assignment) -> str | None:
    """The commit of the evidence that is there, if this grader measured for the same deadline all that is
    asked for now, with no less to measure with.
    """
    try:
        before = evidence_file.load(path)
    except GraderError:
        return None
    asked = (__version__, request.assignment, request.deadline)
    if (before.grader, before.assignment, before.deadline) != asked:
        return None
    less = (before.static and not request.static) or not set(request.offered) <= set(before.offered)
    if less or not {each.name for each in due.criteria} <= before.measurements.keys():
        return None
    return before.commit.sha if before.commit else ""


def _file_name(student: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", student)[:40].strip("-")
    return f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:6]}.json"


def _groups(everybody: Sequence[Wanted], places: int) -> Iterator[Sequence[Wanted]]:
    """Batches that keep every place busy."""
    size = max(1, min(TOGETHER, -(-len(everybody) // places)))
    return (everybody[start : start + size] for start in range(0, len(everybody), size))
