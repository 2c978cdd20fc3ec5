"""From an address to evidence: fetch, choose the commit that counts, open its files, measure."""

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, structs

from grader import __version__, deadlines, engine, handed_in, repository
from grader.assignment import Assignment, Criterion
from grader.deadlines import Stamp, Timeline
from grader.engine import Taken
from grader.ground.errors import GraderError, NotMeasured, SubmissionError
from grader.ground.verdict import Commit, Evidence, Measurement
from grader.intake.clocks import witnesses
from grader.submission import Submission, Surroundings

PROTOCOLS = ("https", "ssh", "file")


class Request(Struct, frozen=True, kw_only=True):
    """What to measure: `assignment` and `deadline` as they were asked for, to be kept in the evidence."""

    url: str
    branch: str = ""
    assignment: str
    deadline: str = ""
    static: bool = False  # leave out every check that needs more than files
    offered: tuple[str, ...] = ()  # `Surroundings.offered`
    commit: str = ""  # take this one: a person decided so
    listed: tuple[str, ...] = ()  # `Evidence.listed`


def cache() -> Path:
    """Where this machine keeps what it may fetch or compute again: $XDG_CACHE_HOME/grader."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"


class NoFiles:
    """The content of a repository without commits."""

    def sizes(self) -> dict[str, int]:
        return {}

    def objects(self) -> dict[str, str]:
        return {}

    def removed(self) -> dict[str, str]:
        return {}

    def read(self, path: str) -> bytes:
        raise SubmissionError(f"{path} is not there: nothing was committed", path, missing=True)

    def export(self, paths: Iterable[str], folder: Path) -> None:
        """There is nothing to write."""


def collect(request: Request, assignment: Assignment, surroundings: Surroundings) -> Evidence:
    """Measures the submission at an address. Raises GraderError where nothing can be fetched from it."""
    surroundings.progress("fetching", "")
    try:
        with opened(request, assignment, surroundings) as submission:
            names = [
                each.name for each in assignment.criteria if each.check.lane == "static" or not request.static
            ]
            shared = prepare(assignment.criteria, [(submission, names)])
            taken = engine.measure_all(assignment, submission)
            taken = taken._replace(seconds=added(taken.seconds, shared))
            return evidence_of(request, assignment, submission, taken)
    except GraderError:
        raise
    except Exception as trouble:  # noqa: BLE001 - the student's, or else our own: it is kept as evidence
        return without_files(request, assignment, trouble)


@contextmanager
def opened(request: Request, assignment: Assignment, surroundings: Surroundings) -> Iterator[Submission]:
    """The submission at an address, for as long as it is looked at. Raises GraderError, SubmissionError."""
    with TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as folder:
        surroundings = structs.replace(surroundings, scratch=Path(folder) / "scratch", static=request.static)
        surroundings.scratch.mkdir()
        yield _open(request, assignment, Path(folder) / "repository", surroundings)


def prepare(
    criteria: Sequence[Criterion], due: Sequence[tuple[Submission, Collection[str]]]
) -> dict[str, float]:
    """What is cheaper for several submissions, or several checks, at once; by check the seconds that each
    submission had of it. `due` names the checks that each is to be measured by.

    The last check is asked first: what it asks of a worker holds what those before it need.
    """
    shared: dict[str, float] = {}
    for criterion in reversed(criteria):
        new = [submission for submission, names in due if criterion.name in names]
        if new:
            started = time.monotonic()
            with suppress(Exception):  # what breaks is told by `collect`, of whom it concerns
                criterion.check.prepare(new)
            shared[criterion.name] = (time.monotonic() - started) / len(new)
    return shared


def added(seconds: Mapping[str, float], shared: Mapping[str, float]) -> dict[str, float]:
    return {name: round(each + shared.get(name, 0.0), 3) for name, each in seconds.items()}


def evidence_of(request: Request, assignment: Assignment, submission: Submission, taken: Taken) -> Evidence:
    """What was measured, with whose work it is and which commit."""
    return structs.replace(
        _evidence(request, taken.measurements),
        seconds=taken.seconds,
        student=handed_in.read(submission).student,
        commit=_commit(submission.timeline, submission.sha, assignment),
    )


def without_files(request: Request, assignment: Assignment, trouble: Exception) -> Evidence:
    """No check saw a file: the repository is too large or damaged, or the grader broke before it was open."""
    found = engine.unmeasured(trouble)
    return _evidence(request, {each.name: found for each in assignment.criteria})


def _evidence(request: Request, measurements: dict[str, Measurement]) -> Evidence:
    return Evidence(
        grader=__version__,
        assignment=request.assignment,
        deadline=request.deadline,
        static=request.static,
        chosen=request.commit,
        offered=request.offered,
        url=repository.address.parse(request.url, PROTOCOLS).shown,
        student="",
        listed=request.listed,
        commit=None,
        measurements=measurements,
    )


def _open(request: Request, assignment: Assignment, folder: Path, surroundings: Surroundings) -> Submission:
    """The files of the commit that counts; of the newest one, for feedback only, where none is in time."""
    access = repository.access_from(os.environ)
    fetched = repository.fetch(request.url, folder, allow=PROTOCOLS, access=access)
    fetched = witnesses.with_kept(fetched, assignment.witnesses, request.url)
    history = fetched.history(request.branch or None)
    recorded = witnesses.gather(fetched, assignment.witnesses, request.url, history)
    deadline = assignment.deadline
    moments = [deadline.instant.last] if deadline else []
    line = deadlines.timeline(history, moments, int(time.time()), recorded)
    sha = (deadline.rule(line).graded if deadline else "") or line.head
    if request.commit:
        sha = fetched.resolved(request.commit)
    if not sha and history.branches:
        hint = "name it with --branch, or in the roster's column branch"
        raise NotMeasured(f"which branch counts is open: {line.missing}", hint)
    if not sha:
        return Submission(NoFiles(), line, sha, surroundings)
    tree = fetched.tree(sha)
    return Submission(tree, line, sha, surroundings, (*tree.remarks(), *fetched.complaints))


def _commit(line: Timeline, sha: str, assignment: Assignment) -> Commit | None:
    if not sha:
        return None
    known = line.commits.get(sha)  # one that a person chose may lie on another branch
    stamp = known.committed if known else None
    status = assignment.deadline.rule(line).status if assignment.deadline else ""
    return Commit(sha, _iso(stamp) if stamp else "without a readable date", line.branch, status)


def _iso(stamp: Stamp) -> str:
    """ISO 8601 in the zone that the commit itself states."""
    return datetime.fromtimestamp(stamp.seconds, timezone(timedelta(minutes=stamp.zone))).isoformat()
