"""The command `grader`: arguments, one short function a command, and the exit status.

Only the verdict goes to standard output; progress and complaints go to standard error. Modules are imported
where a command needs them, so that `grader --version` costs little more than Python itself.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader import __version__
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.verdict import Evidence, Verdict

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
    try:
        status: int = arguments.command(arguments)
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
    command.set_defaults(command=check)

    command = commands.add_parser("collect", help="measure a submission and save the evidence, no verdict")
    add_submission_arguments(command)
    command.set_defaults(command=collect)

    command = commands.add_parser(
        "judge", help="judge saved evidence again: no repository, no GPU, no network"
    )
    command.add_argument("evidence", metavar="EVIDENCE", nargs="+", type=Path)
    command.add_argument(
        "--assignment", metavar="NAME", default="", help="id, folder or file; else the evidence's"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="another deadline, such as an extension"
    )
    add_verdict_arguments(command)
    command.set_defaults(command=judge)

    command = commands.add_parser("explain", help="what a check looks for, and its settings")
    command.add_argument("check", metavar="CHECK", nargs="?", default="")
    command.set_defaults(command=explain)

    command = commands.add_parser("doctor", help="prove on the spot what this machine can do, sandbox first")
    command.set_defaults(command=doctor)

    spec = commands.add_parser("spec", help="look after assignment files").add_subparsers(required=True)
    command = spec.add_parser("lint", help="find mistakes in assignment files")
    command.add_argument("assignments", metavar="FILE", nargs="+")
    command.set_defaults(command=lint)
    return top


def add_submission_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="https://..., ssh://..., file://... or a local path")
    command.add_argument(
        "--assignment", metavar="NAME", default="hw4", help="id, folder or file (%(default)s)"
    )
    command.add_argument(
        "--deadline", metavar="TIME", default="", help="instead of the assignment's: '2020-11-10 23:59'"
    )
    command.add_argument(
        "--branch", metavar="NAME", default="", help="instead of the repository's default branch"
    )
    command.add_argument("--evidence", metavar="FILE", type=Path, help="where to save what was measured")
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
    command.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def add_verdict_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json", metavar="FILE", default="", help="write the verdict as JSON; - for standard output"
    )
    command.add_argument(
        "--exit-zero", action="store_true", help="exit with 0 whenever grading ran to its end"
    )


def check(arguments: argparse.Namespace) -> int:
    from grader import engine

    evidence = _collect(arguments)
    verdict = engine.judge(_assignment(evidence.assignment, evidence.deadline), evidence)
    return _show([verdict], arguments)


def collect(arguments: argparse.Namespace) -> int:
    _collect(arguments)
    return 0


def judge(arguments: argparse.Namespace) -> int:
    from grader import engine, evidence_file

    verdicts = []
    for path in arguments.evidence:
        evidence = evidence_file.load(path)
        deadline = arguments.deadline or evidence.deadline
        assignment = _assignment(arguments.assignment or evidence.assignment, deadline)
        verdicts.append(engine.judge(assignment, evidence))
    return _show(verdicts, arguments)


def explain(arguments: argparse.Namespace) -> int:
    from grader import checks, toml
    from grader.render import manual

    if not arguments.check:
        print(manual.table(checks.TABLE), end="")
        return 0
    if arguments.check not in checks.TABLE:
        raise GraderError(
            f"{arguments.check!r} is not a check{toml.did_you_mean(arguments.check, checks.TABLE)}"
        )
    print(manual.page(arguments.check, checks.TABLE[arguments.check]), end="")
    return 0


def doctor(_: argparse.Namespace) -> int:
    from grader.sandbox import doctor as physician

    return physician.run(sys.stdout)


def lint(arguments: argparse.Namespace) -> int:
    from grader import assignment

    mistakes = 0
    for reference in arguments.assignments:
        try:
            found = assignment.load(assignment.find(reference))
            print(f"{reference}: {found.title}: {len(found.criteria)} checks, {found.points:g} points")
        except GraderError as mistake:
            mistakes += 1
            print(f"grader: {mistake}", file=sys.stderr)
    return 2 if mistakes else 0


def _assignment(reference: str, deadline: str) -> "Assignment":
    from grader import assignment

    found = assignment.load(assignment.find(reference))
    return found.due(deadline) if deadline else found


def _collect(arguments: argparse.Namespace) -> "Evidence":
    """Measures, saves the evidence, and says where it is."""
    from grader import evidence_file, intake
    from grader.render import progress
    from grader.submission import Surroundings

    request = intake.Request(
        url=arguments.url,
        branch=arguments.branch,
        assignment=arguments.assignment,
        deadline=arguments.deadline,
        static=arguments.static,
    )
    surroundings = Surroundings(
        scratch=Path(),
        cache=_cache(),
        images=arguments.images,
        mirror=arguments.mirror,
        weights=arguments.weights,
        device=arguments.device,
    )
    with progress.Line(sys.stderr) as line:
        evidence = intake.collect(
            request, _assignment(request.assignment, request.deadline), surroundings, line.show
        )
    path = arguments.evidence or _cache() / "evidence" / evidence_file.name(evidence)
    evidence_file.save(path, evidence)
    print(f"evidence: {path}", file=sys.stderr)
    return evidence


def _cache() -> Path:
    """Where the grader keeps what it may fetch or compute again: $XDG_CACHE_HOME/grader."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "grader"


def _show(verdicts: "Sequence[Verdict]", arguments: argparse.Namespace) -> int:
    """Prints the verdicts, writes the JSON that was asked for, and returns the exit status of the worst."""
    from grader import evidence_file
    from grader.render import terminal

    if arguments.json == "-":
        print("\n".join(evidence_file.text(verdict) for verdict in verdicts), end="")
    else:
        style = terminal.style(sys.stdout)
        print("\n".join(terminal.text(verdict, style) for verdict in verdicts), end="")
    if arguments.json not in ("", "-"):
        evidence_file.save(Path(arguments.json), verdicts[0] if len(verdicts) == 1 else verdicts)
    status = {"passed": 0, "failed": 1, "error": 3, "inconclusive": 4}
    return 0 if arguments.exit_zero else max(status[verdict.outcome] for verdict in verdicts)
