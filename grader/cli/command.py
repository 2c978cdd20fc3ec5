"""What a command is, for the tables of them, and the arguments that several commands share."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

FOLDER = "the course's folder: decisions.toml, and the evidence of each assignment in a folder below"


class Command(NamedTuple):
    """`runs` is a function as `module.function` beside this file; `takes` add its arguments.

    The module is imported for its commands and for no other: it may import all that they need.
    """

    name: str
    runs: str
    purpose: str
    takes: tuple[Callable[[argparse.ArgumentParser], None], ...] = ()


def saved(command: argparse.ArgumentParser) -> None:
    command.add_argument("evidence", metavar="EVIDENCE_DIR", type=Path, help="what grader class saved")
    command.add_argument(
        "--assignment", metavar="NAME", default="", help="id, folder or file; else the evidence's"
    )


def roster(command: argparse.ArgumentParser) -> None:
    command.add_argument("roster", metavar="ROSTER", type=Path, help="CSV or XLSX: students, addresses")
    columns(command)


def columns(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--columns",
        metavar="ROLE=HEADING",
        action="append",
        default=[],
        help="what a column of the roster is: student, url, name, branch or ignore",
    )


def revealing(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reveal", action="store_true", help="tell what would have been right, after the deadline"
    )


def _folder(text: str) -> Path:
    if not os.path.isdir(text):  # says no to a name that is too long, where a path raises OSError
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return Path(text)


def surroundings(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--static", action="store_true", help="only checks that read files: no network, no torch"
    )
    command.add_argument(
        "--images", metavar="DIR", type=_folder, help="images of a data source without an address"
    )
    command.add_argument("--mirror", metavar="URL", default="", help="a copy of Open Images to fetch from")
    command.add_argument(
        "--weights", metavar="DIR", type=_folder, help="pretrained weights, for work without network"
    )
    command.add_argument(
        "--pool",
        metavar="DIR",
        type=_folder,
        help="fresh images, one folder for each class, that nobody listed",
    )
    command.add_argument(
        "--student-python", metavar="DIR", type=_folder, help="the environment that runs students' programs"
    )
    command.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run them unprotected: for your own work only"
    )
    command.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")
