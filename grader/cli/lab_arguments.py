"""The arguments of `grader lab ...`. `runs` is a function of `grader.cli.lab`."""

import argparse
from pathlib import Path


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    lab = commands.add_parser("lab", help="labs: what students get, and which wrong solutions are told apart")
    under = lab.add_subparsers(required=True, metavar="COMMAND")
    build = under.add_parser("build", help="starter and notebook for students, and nbgrader's source")
    build.set_defaults(command="lab.build")
    build.add_argument("lab", metavar="LAB", help="id or folder")
    build.add_argument("--out", metavar="DIR", type=Path, required=True)
    mutants = under.add_parser(
        "mutants", help="which calls tell each known wrong solution from the reference"
    )
    mutants.set_defaults(command="lab.mutants")
    mutants.add_argument("labs", metavar="LAB", nargs="+", help="id or folder")
    mutants.add_argument("--seeds", metavar="N", type=int, default=10, help="how many inputs are tried")
