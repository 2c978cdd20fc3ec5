"""The commands of `grader lab`: each takes the parsed arguments and returns the exit status."""

import sys
from argparse import Namespace

from grader import assignment
from grader.assignment import Criterion
from grader.checks.lab import Loaded
from grader.course.labs import building, kill_table
from grader.ground import evidence_file
from grader.ground.errors import GraderError


def build(arguments: Namespace) -> int:
    folder = assignment.find(arguments.lab).parent
    criterion, check = _lab(arguments.lab)
    made = building.files(folder.name, building.parts(folder, check, criterion.points), check)
    for name, text in made.items():
        evidence_file.write(arguments.out / name, text)
        print(arguments.out / name)
    print("release/ is for students; source/ holds the solution", file=sys.stderr)
    return 0


def mutants(arguments: Namespace) -> int:
    """Exit status 1 where a wrong solution survives, or the reference itself fails."""
    survived = 0
    for name in arguments.labs:
        _, check = _lab(name)
        killed = kill_table.measure(check, arguments.seeds)
        print(kill_table.text(name, killed), end="")
        survived += sum(map(bool, killed.survived.values())) + killed.reference
    return 1 if survived else 0


def _lab(name: str) -> tuple[Criterion, Loaded]:
    for criterion in assignment.load(assignment.find(name)).criteria:
        if isinstance(criterion.check, Loaded):
            return criterion, criterion.check
    raise GraderError(f"the assignment {name} has no check lab")
