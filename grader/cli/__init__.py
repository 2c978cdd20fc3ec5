"""The command `grader`: its arguments and its exit status. What each command does is in `commands`.

Only the verdict goes to standard output; progress and complaints go to standard error.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import __version__
from grader.errors import GraderError

EXIT_STATUS = """\
exit status:
  0  passed
  1  a required check failed
  2  wrong usage, or a mistake in the assignment or the address
  3  the grader broke (nobody loses points)
  4  could not be decided completely
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        from grader.cli import commands  # only now: `--version` and `--help` need none of it

        status: int = getattr(commands, arguments.command)(arguments)
    except GraderError as trouble:
        print(f"grader: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("grader: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    return status


def _terminated(*_: object) -> None:
    """A CI job was cancelled: what is open is cleaned up, as after Ctrl-C."""
    raise SystemExit(143)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="grader",
        description="Measures coursework submissions and explains the verdict.",
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("check", help="measure a submission and print the verdict")
    add_submission_arguments(command)
    add_verdict_arguments(command)
    command.set_defaults(command="check")

    command = commands.add_parser("collect", help="measure a submission and save the evidence, no verdict")
    add_submission_arguments(command)
    command.set_defaults(command="collect")

    command = commands.add_parser(
        "judge", help="judge saved evidence again: no repository, no GPU, no network"
    )
    add_judge_arguments(command)
    add_verdict_arguments(command)
    command.set_defaults(command="judge")

    command = commands.add_parser(
        "class", help="measure all submissions of a roster, and write the gradebook"
    )
    add_class_arguments(command)
    add_surroundings_arguments(command)
    command.set_defaults(command="grade_class")

    command = commands.add_parser("compare", help="whose training, logs or images are those of somebody else")
    command.add_argument("evidence", metavar="EVIDENCE", nargs="+", type=Path)
    command.set_defaults(command="compare")

    command = commands.add_parser("explain", help="what a check looks for, and its settings")
    command.add_argument("check", metavar="CHECK", nargs="?", default="")
    command.add_argument("--assignment", metavar="NAME", default="hw4", help="whose settings to tell")
    command.set_defaults(command="explain")

    command = commands.add_parser("snapshot", help="record what the repositories of a course are now")
    add_snapshot_arguments(command)
    command.set_defaults(command="snapshot")

    command = commands.add_parser(
        "verify-ledger", help="prove that no row of a ledger was changed or removed"
    )
    command.add_argument("ledger", metavar="FILE", type=Path)
    command.add_argument("--seal", metavar="N:HASH", default="", help="a seal that was noted earlier")
    command.set_defaults(command="verify_ledger")

    command = commands.add_parser("english", help="find every line that is not English")
    command.add_argument("paths", metavar="PATH", nargs="+", help="files and folders; - reads lines of JSON")
    command.add_argument("--strict", action="store_true", help="single lines matter: for a pre-commit hook")
    command.set_defaults(command="check_english")

    command = commands.add_parser("doctor", help="prove on the spot what this machine can do, sandbox first")
    command.set_defaults(command="doctor")

    spec = commands.add_parser("spec", help="look after assignment files").add_subparsers(required=True)
    command = spec.add_parser("lint", help="find mistakes in assignment files")
    command.add_argument("assignments", metavar="FILE", nargs="+")
    command.set_defaults(command="lint")
    return top


def count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of batches: 1 or more")
    return int(text)


def share(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of a GPU: from 0 to 1")
    return found


def add_judge_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("evidence", metavar="EVIDENCE", nargs="+", type=Path)
    command.add_argument(
        "--assignment", metavar="NAME", default="", help="id, folder or file; else the evidence's"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="another deadline, such as an extension"
    )
    command.add_argument("--roster", metavar="FILE", type=Path, help="CSV with extensions, by repository")


def add_class_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("roster", metavar="ROSTER", type=Path, help="CSV with the columns student and url")
    command.add_argument("--assignment", metavar="NAME", default="hw4", help="id, folder or file")
    command.add_argument(
        "--evidence-dir",
        metavar="DIR",
        type=Path,
        required=True,
        help="kept; what is there is not measured again",
    )
    command.add_argument("--gradebook", metavar="FILE", type=Path, help="else DIR/gradebook.csv")
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
        type=count,
        default=0,
        help="batches at a time; else 1, on Ray all that fit",
    )
    command.add_argument(
        "--gpus", metavar="SHARE", type=share, default=0.0, help="of a GPU, for each batch on Ray: 0.25, or 1"
    )
    command.add_argument("--seconds", metavar="S", type=float, default=1800, help="for one student")


def add_snapshot_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("roster", metavar="ROSTER", type=Path, help="CSV with the columns student and url")
    command.add_argument("--ledger", metavar="FILE", type=Path, required=True, help="rows are added to it")
    command.add_argument(
        "--objects", metavar="DIR", type=Path, help="where commits are kept; else FILE.objects"
    )


def add_submission_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="https://..., ssh://..., file://... or a local path")
    command.add_argument(
        "--assignment", metavar="NAME", default="hw4", help="id, folder or file (%(default)s)"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="instead of the assignment's: '2020-11-10 23:59'"
    )
    command.add_argument("--roster", metavar="FILE", type=Path, help="CSV with extensions, by repository")
    command.add_argument("--ledger", metavar="FILE", default="", help="what grader snapshot recorded")
    command.add_argument(
        "--branch", metavar="NAME", default="", help="instead of the repository's default branch"
    )
    command.add_argument("--evidence", metavar="FILE", type=Path, help="where to save what was measured")
    add_surroundings_arguments(command)


def add_surroundings_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--static", action="store_true", help="only checks that read files: no network, no torch"
    )
    command.add_argument(
        "--images", metavar="DIR", type=Path, help="images of a data source without an address"
    )
    command.add_argument("--mirror", metavar="URL", default="", help="a copy of Open Images to fetch from")
    command.add_argument(
        "--weights", metavar="DIR", type=Path, help="pretrained weights, for work without network"
    )
    command.add_argument(
        "--pool", metavar="DIR", type=Path, help="fresh images, one folder for each class, that nobody listed"
    )
    command.add_argument(
        "--student-python", metavar="DIR", type=Path, help="the environment that runs students' programs"
    )
    command.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run them unprotected: for your own work only"
    )
    command.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def add_verdict_arguments(command: argparse.ArgumentParser) -> None:
    written = command.add_argument_group(
        "also write the verdict as (- for standard output instead of the text)"
    )
    written.add_argument("--json", metavar="FILE", help="JSON, all that is known")
    written.add_argument("--html", metavar="FILE", help="one page, for a browser")
    written.add_argument("--sarif", metavar="FILE", help="findings with places, for code hosts")
    written.add_argument("--junit", metavar="FILE", help="XML, for CI systems")
    written.add_argument("--gradescope", metavar="FILE", help="results.json")
    written.add_argument("--annotations", metavar="FILE", help="GitHub workflow commands")
    command.add_argument(
        "--exit-zero", action="store_true", help="exit with 0 whenever grading ran to its end"
    )
