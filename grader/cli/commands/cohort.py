"""`grader class`: measure all submissions of a roster, and write the gradebook."""

import sys
import time
from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext

from msgspec.structs import replace

from grader.assignment import Assignment
from grader.cli import assignments, requests
from grader.course import cohort, roster
from grader.course.cohort import gradebook, overview, ray_cluster
from grader.course.cohort.processes import Processes
from grader.course.cohort.runner import Runner
from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.render import progress

HERE = "here"  # the runner of this machine


def grade_class(arguments: Namespace) -> int:
    """Exit status 0 when every submission was measured, 4 when one was not; points are in the gradebook."""
    due = assignments.due(arguments.assignment)
    course = cohort.Class(
        members=roster.read(arguments.roster),
        assignment=due,
        reference=arguments.assignment,
        evidence=arguments.evidence_dir,
        static=arguments.static,
        offered=requests.surroundings(arguments).offered,
        seconds=arguments.seconds,
    )
    try:
        with _runner(arguments, due) as runner, progress.Line(sys.stderr) as line:
            measured = cohort.run(course, runner, line.pace)
    except KeyboardInterrupt:
        print("what is complete is kept: run the same command again", file=sys.stderr)
        raise
    if arguments.reveal:  # refused while one student, by an extension, still has time
        measured = tuple(replace(each, assignment=each.assignment.revealed(time.time())) for each in measured)
    found = gradebook.lines(measured)
    path = arguments.gradebook or arguments.evidence_dir / "gradebook.csv"
    evidence_file.write(path, gradebook.text(found))
    if arguments.pages:
        for name, text in overview.pages(due.title, found).items():
            evidence_file.write(arguments.pages / name, text)
    for each in found:
        if each.trouble:
            print(visible(f"{each.member.student}: {each.trouble}"), file=sys.stderr)
    written = [str(path), *([str(arguments.pages / "index.html")] if arguments.pages else [])]
    print(f"{gradebook.summary(found)}; {', '.join(written)}")
    return 4 if any(each.trouble for each in found) else 0


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
