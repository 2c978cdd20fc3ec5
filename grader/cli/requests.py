"""What the arguments of a command ask for, as the records that the rest of the grader takes."""

from argparse import Namespace
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from grader import assignment, intake, repository
from grader.assignment import Assignment
from grader.course import roster
from grader.course.cohort import ray_cluster
from grader.course.cohort.processes import Processes
from grader.course.cohort.runner import Runner
from grader.ground.errors import GraderError
from grader.ground.visible import visible
from grader.submission import Surroundings

HERE = "here"  # the runner of this machine


def due(reference: str, deadline: str = "") -> Assignment:
    """The assignment of this name, with another deadline if one is given. Raises GraderError."""
    found = assignment.load(assignment.find(reference))
    return found.due(deadline) if deadline else found


def extension(arguments: Namespace, url: str, assignment_id: str) -> str:
    """The deadline that was asked for, else the student's own in the roster, else none."""
    if arguments.deadline or not arguments.roster:
        return str(arguments.deadline)
    key = repository.address.key(url)
    members = (each for each in roster.read(arguments.roster) if repository.address.key(each.url) == key)
    return next((each.extensions.get(assignment_id, "") for each in members), "")


def runner(arguments: Namespace, homework: Assignment) -> AbstractContextManager[Runner]:
    """Where a class is measured. Raises GraderError where that cannot be."""
    name, gpus, around = arguments.runner, arguments.gpus, surroundings(arguments)
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


def surroundings(arguments: Namespace) -> Surroundings:
    return Surroundings(
        scratch=Path(),
        cache=intake.cache(),
        images=arguments.images,
        mirror=arguments.mirror,
        weights=arguments.weights,
        device=arguments.device,
        pool=arguments.pool,
        python=arguments.student_python,
        unsafe=arguments.unsafe_no_sandbox,
    )
