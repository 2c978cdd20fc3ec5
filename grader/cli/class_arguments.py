"""The arguments of `grader class`."""

import argparse
from pathlib import Path

from grader.cli.command import FOLDER, Command, revealing, roster, surroundings


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of batches: 1 or more")
    return int(text)


def _share(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of a GPU: from 0 to 1")
    return found


def _class(command: argparse.ArgumentParser) -> None:
    command.add_argument("--assignment", metavar="NAME", default="hw4", help="id, folder or file")
    command.add_argument(
        "--evidence-dir",
        metavar="DIR",
        type=Path,
        required=True,
        help=FOLDER,
    )
    command.add_argument(
        "--gradebook", metavar="FILE", type=Path, help="else gradebook.csv beside the evidence"
    )
    command.add_argument("--pages", metavar="DIR", type=Path, help="write the class as pages for a browser")
    command.add_argument(
        "--runner",
        metavar="WHERE",
        default="here",
        help="here, ray://HOST:PORT, or ray: RAY_ADDRESS or an own one",
    )
    command.add_argument(
        "-j",
        "--jobs",
        metavar="N",
        type=_count,
        default=0,
        help="batches at a time; else 1, on Ray all that fit",
    )
    command.add_argument(
        "--gpus",
        metavar="SHARE",
        type=_share,
        default=0.0,
        help="of a GPU, for each batch on Ray: 0.25, or 1",
    )
    command.add_argument(
        "--retry", action="store_true", help="measure again what could not be measured, as without network"
    )
    command.add_argument("--seconds", metavar="S", type=float, default=1800, help="for one student")


COMMANDS = (
    Command(
        "class", "class_run.grade_class", "measure all submissions of a roster, and write the gradebook",
        (roster, _class, revealing, surroundings),
    ),
)  # fmt: skip
