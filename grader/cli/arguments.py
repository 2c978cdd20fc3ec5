"""The arguments of each command."""

import argparse
from pathlib import Path

from grader import __version__
from grader.cli import class_arguments, course_arguments, lab_arguments, quiz_arguments
from grader.cli.command import Command, columns, revealing, roster, surroundings

EXIT_STATUS = """\
exit status:
  0  passed
  1  a required check failed
  2  wrong usage, or a mistake in the assignment or the address
  3  the grader broke (nobody loses points)
  4  could not be decided completely
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="grader",
        description="Measures coursework submissions and explains the verdict.",
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for each in (*COMMANDS, *class_arguments.COMMANDS, *course_arguments.COMMANDS):
        _add(commands, each)
    spec = commands.add_parser("spec", help="look after assignment files").add_subparsers(required=True)
    _add(spec, Command("lint", "spec.lint", "find mistakes in assignment files", (_lint,)))
    quiz_arguments.add(commands)
    lab_arguments.add(commands)
    return top


def _add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", added: Command) -> None:
    command = commands.add_parser(added.name, help=added.purpose)
    command.set_defaults(command=added.runs)
    for add_arguments in added.takes:
        add_arguments(command)


def _judged(command: argparse.ArgumentParser) -> None:
    command.add_argument("evidence", metavar="EVIDENCE", nargs="+", type=Path)
    command.add_argument(
        "--assignment", metavar="NAME", default="", help="id, folder or file; else the evidence's"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="another deadline, such as an extension"
    )
    command.add_argument("--roster", metavar="FILE", type=Path, help="with extensions, by repository")
    columns(command)


def _snapshot(command: argparse.ArgumentParser) -> None:
    command.add_argument("--ledger", metavar="FILE", type=Path, required=True, help="rows are added to it")
    command.add_argument(
        "--objects", metavar="DIR", type=Path, help="where commits are kept; else FILE.objects"
    )


def _submission(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="https://..., ssh://..., file://... or a local path")
    command.add_argument(
        "--assignment", metavar="NAME", default="hw4", help="id, folder or file (%(default)s)"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="instead of the assignment's: '2020-11-10 23:59'"
    )
    command.add_argument("--roster", metavar="FILE", type=Path, help="with extensions, by repository")
    columns(command)
    command.add_argument("--ledger", metavar="FILE", default="", help="what grader snapshot recorded")
    command.add_argument(
        "--branch", metavar="NAME", default="", help="instead of the repository's default branch"
    )
    command.add_argument("--evidence", metavar="FILE", type=Path, help="where to save what was measured")


def _verdict(command: argparse.ArgumentParser) -> None:
    written = command.add_argument_group(
        "also write the verdict as (- for standard output instead of the text)"
    )
    written.add_argument("--json", metavar="FILE", help="JSON, all that is known")
    written.add_argument("--html", metavar="FILE", help="one page, for a browser")
    written.add_argument("--markdown", metavar="FILE", help="for a comment, a mail, the summary of a CI run")
    written.add_argument("--sarif", metavar="FILE", help="findings with places, for code hosts")
    written.add_argument("--junit", metavar="FILE", help="XML, for CI systems")
    written.add_argument("--gradescope", metavar="FILE", help="results.json")
    written.add_argument("--annotations", metavar="FILE", help="GitHub workflow commands")
    command.add_argument(
        "--exit-zero", action="store_true", help="exit with 0 whenever grading ran to its end"
    )


def _compared(command: argparse.ArgumentParser) -> None:
    command.add_argument("evidence", metavar="EVIDENCE", nargs="+", type=Path)


def _explained(command: argparse.ArgumentParser) -> None:
    command.add_argument("check", metavar="CHECK", nargs="?", default="")
    command.add_argument("--assignment", metavar="NAME", default="hw4", help="whose deadline to tell")


def _ledger(command: argparse.ArgumentParser) -> None:
    command.add_argument("ledger", metavar="FILE", type=Path)
    command.add_argument("--seal", metavar="N:HASH", default="", help="a seal that was noted earlier")


def _english(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", metavar="PATH", nargs="+", help="files and folders; - reads lines of JSON")
    command.add_argument("--strict", action="store_true", help="single lines matter: for a pre-commit hook")


def _lint(command: argparse.ArgumentParser) -> None:
    command.add_argument("assignments", metavar="FILE", nargs="+", help="id, file, or folder of several")


COMMANDS = (
    Command(
        "check", "check.check", "measure a submission and print the verdict",
        (_submission, surroundings, _verdict),
    ),
    Command(
        "collect", "check.collect", "measure a submission and save the evidence, no verdict",
        (_submission, surroundings),
    ),
    Command(
        "judge", "judge.judge", "judge saved evidence again: no repository, no GPU, no network",
        (_judged, revealing, _verdict),
    ),
    Command("compare", "compare.compare", "whose training, logs or images are somebody else's", (_compared,)),
    Command("explain", "explain.explain", "what a check looks for, and its settings", (_explained,)),
    Command(
        "snapshot", "ledger.snapshot", "record what the repositories of a course are now", (roster, _snapshot)
    ),
    Command(
        "verify-ledger", "ledger.verify", "prove that no row of a ledger was changed or removed", (_ledger,)
    ),
    Command("english", "english.english", "find every line that is not English", (_english,)),
    Command("doctor", "doctor.doctor", "prove on the spot what this machine can do, sandbox first"),
)  # fmt: skip
