"""`grader class`: measures what is not measured yet, then writes gradebook and pages from what is kept."""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from msgspec.structs import replace

from grader.assignment import Assignment
from grader.cli import assignments, course, requests
from grader.course import audience, cohort, gradebook, lines, pages
from grader.course.cohort import ray_cluster
from grader.course.cohort.processes import Processes
from grader.course.cohort.runner import Runner
from grader.course.gradebook import separated
from grader.course.lines import Course, Line
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.render import progress, terminal

HERE = "here"  # the runner of this machine


def grade_class(arguments: Namespace) -> int:
    """Exit status 0 when every submission has evidence, 4 when one has none; points are in the gradebook."""
    due = assignments.due(arguments.assignment)
    opened = course.begun(arguments)
    before = lines.lines(opened, due)
    _measure(arguments, opened, due)
    found = lines.lines(replace(opened, revealed=time.time() * arguments.reveal), due)
    _tell(before, found)
    written = _write(arguments, due, found)
    print(f"{gradebook.summary(found)}; {', '.join(map(str, written))}")
    return 4 if any(each.verdict is None and not each.excused for each in found) else 0


def _measure(arguments: Namespace, opened: Course, due: Assignment) -> None:
    asked = cohort.Class(
        course=opened,
        assignment=due,
        reference=arguments.assignment,
        static=arguments.static,
        offered=requests.surroundings(arguments).offered,
        seconds=arguments.seconds,
        retry=arguments.retry,
    )
    try:
        with _runner(arguments, due) as runner, progress.Line(sys.stderr) as line:
            cohort.run(asked, runner, line.pace)
    except KeyboardInterrupt:
        print("what is complete is kept: run the same command again", file=sys.stderr)
        raise


def _runner(arguments: Namespace, homework: Assignment) -> AbstractContextManager[Runner]:
    """Where the class is measured. Raises GraderError where that cannot be."""
    name, gpus, around = arguments.runner, arguments.gpus, requests.surroundings(arguments)
    if name == HERE:
        if gpus:
            raise GraderError("--gpus is a share that a cluster gives: --runner ray://HOST:PORT --gpus 0.25")
        return nullcontext(Processes(arguments.jobs or 1, around))
    if name != "ray" and not name.startswith(ray_cluster.CLIENT):
        raise GraderError(f"--runner {visible(name)} is none of: {HERE}, ray, ray://HOST:PORT")
    alone = next((each.name for each in homework.criteria if each.check.lane == "gpu"), "")
    if alone and 0 < gpus < 1:
        raise GraderError(f"the check {alone} runs students' programs on a GPU, which none shares: --gpus 1")
    return ray_cluster.connected(name, arguments.jobs, gpus, around)


def _write(arguments: Namespace, due: Assignment, found: Sequence[Line]) -> list[Path]:
    folder = arguments.evidence_dir / due.id
    path = arguments.gradebook or folder / "gradebook.csv"
    evidence_file.write(path, separated.text(gradebook.of_assignment(found), separated.WITH_MARK))
    evidence_file.write(folder / "gradebook.jsonl", gradebook.json_lines(found))
    if not arguments.pages:
        return [path]
    key = audience.secret(arguments.evidence_dir)
    for name, text in pages.pages(due.title, found, key).items():
        evidence_file.write(arguments.pages / name, text)
    return [path, arguments.pages / "index.html"]


def _tell(before: Sequence[Line], found: Sequence[Line]) -> None:
    """On standard error: what is new, and whose evidence is older than this look."""
    for old, new in zip(before, found, strict=True):
        who = visible(new.member.student)
        told = [_in_short(each) for each in (old, new)]
        if old.verdict and told[0] != told[1]:
            print(f"{who}: {told[0]} → {told[1]}", file=sys.stderr)
        if new.trouble:
            kept = "; what was measured before holds" if new.verdict else ""
            print(visible(f"{new.member.student}: {new.trouble}{kept}"), file=sys.stderr)
    unmeasured = sum(bool(each.verdict and each.outcome == "inconclusive") for each in found)
    if unmeasured:
        print(
            f"{unmeasured} inconclusive; --retry measures again what could not be measured", file=sys.stderr
        )


def _in_short(line: Line) -> str:
    return f"{line.outcome} {terminal.amount(line.verdict.points)}" if line.verdict else line.outcome
