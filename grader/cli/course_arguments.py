"""The arguments of the commands that are about a whole course."""

import argparse
from pathlib import Path

from grader.cli.command import FOLDER, Command, revealing, roster, saved


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("--evidence-dir", metavar="DIR", type=Path, required=True, help=FOLDER)


def _course(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--course", metavar="FILE", type=Path, help="course.toml; else assignments/course.toml"
    )
    command.add_argument("--student", metavar="CODE", default="", help="only this one")
    command.add_argument("--json-lines", metavar="FILE", type=Path, help="a line for each student")


def _book(command: argparse.ArgumentParser) -> None:
    command.add_argument("--assignment", metavar="NAME", default="", help="else the whole course")
    command.add_argument(
        "--course", metavar="FILE", type=Path, help="course.toml; else assignments/course.toml"
    )
    command.add_argument(
        "--as",
        dest="form",
        choices=["csv", "excel", "xlsx", "json-lines", "moodle", "canvas", "neptun"],
        default="csv",
        help="csv for a program, excel and xlsx for people, or what another system imports (%(default)s)",
    )
    command.add_argument("--template", metavar="FILE", type=Path, help="what the other system exported")
    command.add_argument("--column", metavar="HEADING", default="", help="the one to fill in")
    command.add_argument("--output", "-o", metavar="FILE", type=Path, help="else standard output")


def _nbgrader(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--course", metavar="FOLDER", type=Path, required=True, help="nbgrader's, with its gradebook.db"
    )
    command.add_argument(
        "--decisions", metavar="FILE", type=Path, help="add what was graded by hand in formgrader"
    )
    command.add_argument("--by", metavar="NAME", default="formgrader", help="who graded by hand")


def _sent(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--assignment", metavar="NAME", default="hw4", help="id, folder or file (%(default)s)"
    )
    command.add_argument("--student", metavar="CODE", default="", help="only this one")
    command.add_argument(
        "--by",
        choices=["files", "mail", "github", "gitlab", "gitlab-merge-request"],
        default="files",
        help="Markdown files, mail drafts, or a comment in an issue or merge request (%(default)s)",
    )
    command.add_argument(
        "--to", metavar="DIR", type=Path, default=Path("feedback"), help="folder of the files"
    )
    command.add_argument("--address", metavar="PATTERN", default="", help="of mail: '{student}@example.edu'")
    command.add_argument("--number", metavar="N", type=int, default=1, help="of the issue or merge request")
    command.add_argument("--api", metavar="URL", default="", help="of a host of one's own")
    command.add_argument("--really", action="store_true", help="else it is only told what would be done")


def _appealed(command: argparse.ArgumentParser) -> None:
    command.add_argument("kept", metavar="KEPT", type=Path, help="the evidence that was judged")
    command.add_argument("mended", metavar="MENDED", type=Path, help="that of the mended repository")
    command.add_argument(
        "--assignment", metavar="NAME", default="", help="id, folder or file; else the evidence's"
    )


def _decision(command: argparse.ArgumentParser) -> None:
    command.add_argument("student", metavar="STUDENT", help="as in the roster")
    command.add_argument("check", metavar="CHECK", nargs="?", default="", help="else the whole assignment")
    command.add_argument(
        "--assignment", metavar="NAME", default="hw4", help="id, folder or file (%(default)s)"
    )
    _folder(command)
    made = command.add_argument_group("the decision")
    made.add_argument("--points", metavar="N", type=float, help="of the check")
    made.add_argument("--outcome", choices=["passed", "failed"], default="", help="of the check")
    made.add_argument("--commit", metavar="SHA", default="", help="this commit counts; class measures it")
    made.add_argument("--excuse", action="store_true", help="the assignment need not be done")
    made.add_argument("--extend", metavar="TIME", default="", help="another deadline: '2020-11-12 23:59'")
    made.add_argument("--withdraw", action="store_true", help="what was decided before holds no longer")
    made.add_argument("--because", metavar="WHY", required=True, help="the reason, which the student reads")
    made.add_argument("--private", action="store_true", help="... which the student does not read")
    made.add_argument("--by", metavar="NAME", default="", help="who decides; else this machine's account")


COMMANDS = (
    Command(
        "course", "course.show", "what each student has reached: parts, grade, signature, offered grade",
        (roster, _folder, _course),
    ),
    Command(
        "gradebook", "books.gradebook_command", "the gradebook for a spreadsheet, Moodle, Canvas or Neptun",
        (roster, _folder, _book),
    ),
    Command(
        "send", "sending.send", "give each student the feedback, after a look at it", (roster, _folder, _sent)
    ),
    Command(
        "nbgrader", "nbgrader.write", "a quiz's or a lab's points and words into nbgrader's gradebook",
        (saved, revealing, _nbgrader),
    ),
    Command("appeal", "appeal.appeal", "what a mended repository would change, check by check", (_appealed,)),
    Command("decide", "course.decide", "write down a person's decision, and on what evidence", (_decision,)),
)  # fmt: skip
