"""A whole class: every submission of a roster measured, judged, and written into a gradebook.

Students are measured in batches, each in a process of its own, which lets them share one evaluation. What
a batch could not finish is tried once more, each student alone: a crash or an endless program costs one
student's
evidence.
"""

import hashlib
import multiprocessing
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from grader.assignment import Assignment
from grader.cohort import batch
from grader.cohort.batch import Wanted
from grader.intake import Request
from grader.roster import Member
from grader.submission import Surroundings

SPAWN = multiprocessing.get_context("spawn")  # a child inherits nothing of ours but its arguments


class Class(Struct, frozen=True, kw_only=True):
    """What to measure, and where evidence is kept. `seconds` are for one student, `together` in one batch."""

    members: tuple[Member, ...]
    assignment: Assignment
    reference: str  # the assignment as it was asked for
    surroundings: Surroundings
    evidence: Path  # a folder
    static: bool = False
    seconds: float = 1800
    together: int = 10


def wanted(course: Class) -> tuple[Wanted, ...]:
    """What is to be measured for each member, in the order of the roster."""
    return tuple(_wanted(course, member) for member in course.members)


def run(course: Class, processes: int, progress: Callable[[int, int], None]) -> tuple[Wanted, ...]:
    """Measures what is not measured yet. Afterwards each has its evidence or its trouble in a file."""
    course.evidence.mkdir(parents=True, exist_ok=True)
    everybody = wanted(course)
    for each in everybody:
        each.trouble.unlink(missing_ok=True)
    before = {each.path: _touched(each) for each in everybody}

    def open_ends(group: Sequence[Wanted]) -> list[Wanted]:
        return [each for each in group if _touched(each) == before[each.path] and not each.trouble.exists()]

    def together(group: Sequence[Wanted]) -> None:
        _in_a_process(group, course)
        progress(len(everybody) - len(open_ends(everybody)), len(everybody))

    def alone(each: Wanted) -> None:
        reason = _in_a_process((each,), course)
        if open_ends((each,)):
            each.trouble.write_text(reason)
        progress(len(everybody) - len(open_ends(everybody)), len(everybody))

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(together, _groups(everybody, course.together)))
        list(pool.map(alone, open_ends(everybody)))
    return everybody


def _wanted(course: Class, member: Member) -> Wanted:
    extension = member.extensions.get(course.assignment.id, "")
    request = Request(
        url=member.url,
        branch=member.branch,
        assignment=course.reference,
        deadline=extension,
        static=course.static,
    )
    due = course.assignment.due(extension) if extension else course.assignment
    return Wanted(member, request, due, course.evidence / _file_name(member.student))


def _file_name(student: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", student)[:40].strip("-")
    return f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:6]}.json"


def _groups(everybody: Sequence[Wanted], together: int) -> Iterator[Sequence[Wanted]]:
    return (everybody[start : start + together] for start in range(0, len(everybody), together))


def _in_a_process(group: Sequence[Wanted], course: Class) -> str:
    """How the process ended, in words."""
    process = SPAWN.Process(target=batch.measure, args=(tuple(group), course.surroundings))
    process.start()
    process.join(course.seconds * len(group))
    if process.exitcode is None:
        process.kill()
        process.join()
        return f"took more than {course.seconds:g} s"
    return f"the grader's process ended with status {process.exitcode}"


def _touched(wanted: Wanted) -> int:
    """When its evidence was written or found to be that of the same commit; 0 where there is none."""
    return wanted.path.stat().st_mtime_ns if wanted.path.exists() else 0
