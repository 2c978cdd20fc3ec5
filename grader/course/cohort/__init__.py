"""A whole class: every submission of a roster measured, judged, and written into a gradebook.

Students are measured in batches, each in a process of its own, which lets them share one evaluation; where
that process runs is a `runner.Runner`. Evidence is written here as soon as a student is complete. When a
process is lost, those it was working on are tried again in smaller company, at last alone, and the others
together: a crash or an endless program costs one student's evidence, a machine that fails costs time.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from queue import SimpleQueue

from msgspec import Struct
from msgspec.structs import replace

from grader import __version__
from grader.assignment import Assignment
from grader.course import decisions, kept, lines
from grader.course.cohort import following, inputs, looks
from grader.course.cohort.batch import Done, Wanted
from grader.course.cohort.following import Begun, Ended, Event, Finished, Listening
from grader.course.cohort.inputs import Known
from grader.course.cohort.looks import Look
from grader.course.cohort.runner import Runner
from grader.course.kept import Place
from grader.course.lines import Course
from grader.course.roster import Member
from grader.ground.errors import GraderError
from grader.intake import Request

TOGETHER = 10  # students in a batch, at most


class Class(Struct, frozen=True, kw_only=True):
    """What to measure, and where evidence is kept. `seconds` are for one student."""

    course: Course
    assignment: Assignment
    reference: str  # the assignment as it was asked for
    static: bool = False
    offered: tuple[str, ...] = ()  # `Surroundings.offered`
    seconds: float = 1800
    retry: bool = False  # measure again what could not be measured


# Takes how many students are complete, of how many, and how many of those complete were not measured again.
Progress = Callable[[int, int, int], None]


class Count:
    """How far the class is, and who is told of it."""

    def __init__(self, of: int, tell: Progress) -> None:
        self._of, self._tell = of, tell
        self._complete = Counter[str]()

    def add(self, unchanged: bool) -> None:
        self._complete["unchanged" if unchanged else "measured"] += 1
        self.show()

    def show(self) -> None:
        self._tell(self._complete.total(), self._of, self._complete["unchanged"])


def wanted(asked: Class) -> tuple[Wanted, ...]:
    """What is to be measured for each member, in the order of the roster."""
    versions = inputs.versions(asked.assignment)
    both = zip(asked.course.members, lines.dues(asked.course, asked.assignment), strict=True)
    return tuple(_wanted(asked, member, due, versions) for member, due in both)


def run(asked: Class, runner: Runner, progress: Progress) -> None:
    """Measures what is not measured yet. Afterwards each has its evidence or its trouble in a file.

    Who answered in class has evidence that no repository could add to: it stays as it is.

    Raises:
        GraderError: the runner does not work any more. What is complete is kept.
    """
    everybody = wanted(asked)
    count = Count(len(everybody), progress)
    count.show()
    outside = [each for each in everybody if not (each.known and each.known.live)]
    for _ in everybody[len(outside) :]:
        count.add(unchanged=True)
    changed = [each for look in looks.look(outside) if (each := _changed(look, count))]
    if not changed:
        return
    order = {each.place: number for number, each in enumerate(everybody)}
    changed.sort(key=lambda each: order[each.place])
    interrupted = threading.Event()
    events: SimpleQueue[Event] = SimpleQueue()
    listening = Listening(runner, asked.seconds, events.put, interrupted)
    pool = ThreadPoolExecutor(runner.places)
    try:
        _serve(changed, events, lambda group: pool.submit(following.follow, listening, group), runner, count)
    finally:
        interrupted.set()
        pool.shutdown(cancel_futures=True)


def _changed(look: Look, count: Count) -> Wanted | None:
    """The student to measure, or None where a look has already told all."""
    each = look.wanted
    if look.trouble:
        kept.tell(each.place, look.trouble)
    elif each.known is None or each.known.heads != look.heads or inputs.stale(each, each.known.sha):
        return replace(each, heads=look.heads)
    else:
        each.place.trouble.unlink(missing_ok=True)
    count.add(unchanged=not look.trouble)
    return None


def _serve(
    everybody: Sequence[Wanted],
    events: "SimpleQueue[Event]",
    start: Callable[[Sequence[Wanted]], object],
    runner: Runner,
    count: Count,
) -> None:
    """Until nothing is under way: writes what is complete, and starts again what was lost."""
    tries: Counter[Place] = Counter()
    waiting = list(_groups(everybody, runner.places))
    under_way = 0
    while waiting or under_way:
        for group in waiting:
            start(group)
        under_way += len(waiting)
        waiting = []
        match events.get():
            case Begun(each, evidence):
                _keep(each, Done(0, evidence))
            case Finished(each, done):
                _keep(each, done)
                count.add(unchanged=not (done.evidence or done.trouble))
            case Ended() as ended:
                under_way -= 1
                waiting, given_up = again(ended, tries, runner.tries)
                for each in given_up:
                    _keep(each, Done(0, trouble=ended.reason))
                    count.add(unchanged=False)
            case trouble:
                raise trouble


def again(ended: Ended, tries: Counter[Place], limit: int) -> tuple[list[Sequence[Wanted]], Sequence[Wanted]]:
    """The batches to start after one that was lost, and whom to give up: suspected too often when alone."""
    suspects = ended.suspects or ended.left
    rest = [each for each in ended.left if each not in suspects]
    groups: list[Sequence[Wanted]] = [rest] if rest else []
    if len(suspects) > 1:
        middle = len(suspects) // 2
        return [*groups, suspects[:middle], suspects[middle:]], ()
    tries.update(each.place for each in suspects)
    if any(tries[each.place] >= limit for each in suspects):
        return groups, suspects
    return [*groups, *([suspects] if suspects else [])], ()


def _keep(each: Wanted, done: Done) -> None:
    """Keeps what was found; whatever happens, there is the old evidence or the new."""
    if done.trouble:
        kept.tell(each.place, done.trouble)
    elif done.evidence:
        if done.evidence.grader != __version__:
            raise GraderError(
                f"a machine measured with grader {done.evidence.grader}, this is {__version__}: "
                "install the same version on all of them"
            )
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        kept.keep(each.place, replace(done.evidence, heads=each.heads, graded=now))
    else:
        kept.seen(each.place, each.heads)


def _wanted(asked: Class, member: Member, due: Assignment, versions: Mapping[str, str]) -> Wanted:
    made = decisions.of(asked.course.made, member.student, asked.assignment.id)
    place = kept.place(asked.course.folder / asked.assignment.id, member.student)
    request = Request(
        url=member.url,
        listed=member.listed,
        branch=member.branch,
        assignment=asked.reference,
        deadline=due.deadline.at if due.deadline and due != asked.assignment else "",
        static=asked.static,
        offered=asked.offered,
        commit=next((each.commit for each in made if each.commit), ""),
    )
    return Wanted(
        member=member,
        request=request,
        assignment=due,
        place=place,
        versions=versions,
        known=_known(place),
        retry=asked.retry,
    )


def _known(place: Place) -> Known | None:
    try:
        before = kept.load(place)
    except GraderError:
        return None
    return inputs.known(before) if before else None


def _groups(everybody: Sequence[Wanted], places: int) -> Iterator[Sequence[Wanted]]:
    """Batches that keep every place busy."""
    size = max(1, min(TOGETHER, -(-len(everybody) // places)))
    return (everybody[start : start + size] for start in range(0, len(everybody), size))
