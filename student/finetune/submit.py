"""`make submit`: hand in what you have committed.

Looks whether everything is there and committed, asks the grader's public checks if the grader is installed,
pushes the current branch, and prints a receipt. It never commits and never changes a file: what is handed in
is your choice.
"""

import argparse
import ast
import datetime
import shutil
import subprocess
import sys
from pathlib import Path

import git

from finetune import submission
from finetune.parts import obstacles, problem, quizzes, receipt
from finetune.parts.problem import Problem
from finetune.submission import Deadline, Submission


def main() -> None:
    parser = argparse.ArgumentParser(description="Hand in the work that you have committed.")
    parser.add_argument(
        "--check", action="store_true", help="only look whether everything is there; push nothing"
    )
    arguments = parser.parse_args()
    wanted = submission.read()
    repository = open_repository()

    public_checks(wanted)  # what the grader says of the last commit; it stops nobody
    for remark in quizzes.remarks():
        print(remark)
    # All of it at once: who mends one thing and then hears of the next one loses patience.
    found = [*obstacles.of_files(repository, wanted), *obstacles.of_repository(repository, wanted)]
    if not discussed():
        print("\nThe report has no discussion yet: DISCUSSION of finetune/report.py waits for yours.")
    # Nothing is mended for you: a program that commits or deletes in your repository may take what you need.
    if found:
        print("\nTo mend first:", *found, sep="\n- ")
        raise Problem("the list above says what is left to do; nothing was pushed")
    if arguments.check:
        print("Everything that has to be handed in is there and committed. `make submit` pushes it.")
        return
    push(repository)
    # The moment of the push by your own clock: a claim. What proves it is what the host or a receipt says.
    now = datetime.datetime.now().astimezone()
    print(receipt_text(repository, wanted, now))
    for line in obtain_receipts(repository, wanted):
        print(line)


def open_repository() -> git.Repo:
    try:
        repository = git.Repo(Path.cwd())
        # A commit is a state of all files with a name of its own, its hash: that is what is handed in.
        repository.head.commit  # noqa: B018 (raises ValueError if there is none)
    except git.InvalidGitRepositoryError as error:
        raise _no_repository() from error
    except ValueError as error:
        raise Problem('nothing is committed yet; run: git add . && git commit -m "Homework"') from error
    return repository


def _no_repository() -> Problem:
    """Beginning a repository inside of another would hide these files from it."""
    try:
        outer = Path(git.Repo(Path.cwd(), search_parent_directories=True).working_dir)
    except git.InvalidGitRepositoryError:
        return Problem(
            "this folder is no git repository; run: git init --initial-branch=main && git add . && "
            'git commit -m "Homework", then: git remote add origin <the address of your repository>'
        )
    return Problem(
        f"this folder lies inside of the repository {outer}, and the grader looks at the top of "
        f"one; move what is here (submission.toml, finetune/, ...) up there, or copy it into a repository of "
        "its own elsewhere"
    )


def discussed() -> bool:
    """Whether DISCUSSION of report.py holds a text; True also where you have rewritten that file."""
    # Parsed, not imported: to look for a text, a program need not run.
    program = ast.parse(Path("finetune/report.py").read_text(encoding="utf-8-sig"))
    for step in program.body:
        if (
            isinstance(step, ast.AnnAssign | ast.Assign)
            and "DISCUSSION" in ast.unparse(step).partition("=")[0]
        ):
            return not isinstance(step.value, ast.List) or bool(step.value.elts)
    return True


def public_checks(wanted: Submission) -> None:
    """Show the grader's verdict, if it is installed. It stops nobody: you may hand in unfinished work."""
    beside_python = shutil.which("grader", path=str(Path(sys.executable).parent))
    command = beside_python or shutil.which("grader")  # that of this Python first
    if command is None:
        print("The grader is not installed here, so its public checks are left out.")
        return
    print("What the grader says of your last commit, by reading files alone; your instructor runs the rest:")
    deadline = ["--deadline", wanted.deadline.at] if wanted.deadline else []
    if not deadline:
        print("(submission.toml names no deadline, so it takes the one of its own assignment's file.)")
    sys.stdout.flush()  # before what the grader prints
    # --static: files are read, nothing is run. Reproducing the accuracy takes the course's own machine.
    subprocess.run(
        [command, "check", ".", "--assignment", wanted.assignment, "--static", *deadline], check=False
    )


def push(repository: git.Repo) -> None:
    """Push the current branch to where it goes, or else to origin, and make sure that it arrived."""
    branch = repository.active_branch
    name, target = obstacles.target(repository)  # such as origin, main
    try:
        # --set-upstream: from now on the branch knows where it goes, and a plain `git push` does the same.
        repository.git.push("--set-upstream", name, f"{branch.name}:{target}")
        # That git ended well is not enough; ask the remote what it has now.
        arrived = str(repository.git.ls_remote(name, f"refs/heads/{target}")).split()
    except git.GitCommandError as error:
        reason = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
        raise Problem(f"the push to {name} did not work, so nothing is handed in yet: {reason}") from error
    if not arrived or arrived[0] != repository.head.commit.hexsha:
        raise Problem(
            f"the push to {name} ended well, but {name} does not show your commit; run `make submit` again"
        )


def obtain_receipts(repository: git.Repo, wanted: Submission) -> list[str]:
    """Ask whom the course names to vouch for the commit with their own clock; lines to print."""
    if not (wanted.receipt.authority or wanted.receipt.signer):
        return []
    # Where the branch goes: the receipt lies beside the work, in the same repository.
    remote = repository.active_branch.tracking_branch()
    settings = receipt.Settings(
        authority=wanted.receipt.authority,
        signer=wanted.receipt.signer,
        remote=remote.remote_name if remote else "origin",
    )
    return receipt.obtain(Path.cwd(), repository.head.commit.hexsha, settings)


def receipt_text(repository: git.Repo, wanted: Submission, now: datetime.datetime) -> str:
    """What was handed in and when, for you to keep."""
    remote = repository.active_branch.tracking_branch()
    # In UTC too: in the night when the clocks change, a local time may occur twice.
    in_utc = f" ({now.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC)" if now.utcoffset() else ""
    lines = [
        "",
        "Handed in.",
        f"  commit    {repository.head.commit.hexsha}",
        f"  message   {str(repository.head.commit.summary)}",
        f"  branch    {repository.active_branch.name} -> {remote}",
        f"  time      {now:%Y-%m-%d %H:%M:%S %Z}{in_utc}",
    ]
    if wanted.deadline:
        lines.append(f"  deadline  {margin(wanted.deadline, now)}")
    return "\n".join(lines)


def margin(deadline: Deadline, now: datetime.datetime) -> str:
    """How far away the deadline is, in words."""
    moment = deadline.moment()  # 23:59 lasts through 23:59:59
    seconds = int((moment - now).total_seconds())
    days, rest = divmod(abs(seconds), 86400)  # seconds of a day
    hours, minutes = divmod(rest // 60, 60)
    words = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    away = " ".join(words) or "less than a minute"
    shown = f"{deadline.at} {deadline.zone} ({moment.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC)"
    if seconds >= 0:
        return f"{shown}: in time, {away} before it"
    return f"{shown}: WARNING, this is {away} after it; your work was pushed all the same"


if __name__ == "__main__":
    problem.run(main)
