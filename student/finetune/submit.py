"""`make submit`: hand in what you have committed.

Looks whether everything is there and committed, asks the grader's public checks if the grader is installed,
pushes the current branch, and prints a receipt. It never commits and never changes a file: what is handed in
is your choice.
"""

import argparse
import datetime
import shutil
import subprocess
import sys
from pathlib import Path

import git

from finetune import submission
from finetune.parts import credits, problem, quizzes, receipt
from finetune.parts.problem import Problem
from finetune.submission import Deadline, Submission

LARGEST = 95_000_000  # bytes; GitHub refuses files of 100 MB and more
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def main() -> None:
    parser = argparse.ArgumentParser(description="Hand in the work that you have committed.")
    parser.add_argument(
        "--check", action="store_true", help="only look whether everything is there; push nothing"
    )
    arguments = parser.parse_args()
    wanted = submission.read()
    repository = open_repository()

    public_checks(wanted)
    for remark in quizzes.remarks():
        print(remark)
    obstacles = [*file_obstacles(repository, wanted), *repository_obstacles(repository)]
    if obstacles:
        print("\nTo mend first:", *obstacles, sep="\n- ")
        raise Problem("the list above says what is left to do; nothing was pushed")
    if arguments.check:
        print("Everything that has to be handed in is there and committed. `make submit` pushes it.")
        return
    push(repository)
    now = datetime.datetime.now().astimezone()
    print(receipt_text(repository, wanted, now))
    for line in obtain_receipts(repository, wanted):
        print(line)


def open_repository() -> git.Repo:
    try:
        repository = git.Repo(Path.cwd())
        repository.head.commit  # noqa: B018 (raises ValueError if there is none)
    except git.InvalidGitRepositoryError as error:
        raise Problem("this folder is no git repository; run: git init && git add . && git commit") from error
    except ValueError as error:
        raise Problem("nothing is committed yet; run: git add . && git commit") from error
    return repository


def required_files(wanted: Submission) -> list[str]:
    """Everything that the assignment asks for, by the names that submission.toml gives."""
    return [
        "README.md",
        str(submission.FILE),
        wanted.data.splits,
        *([credits.FILE.as_posix()] if credits.FILE.exists() else []),  # the sample has no authors
        *wanted.log.paths,
        wanted.model.phase_one_checkpoint,
        wanted.model.checkpoint,
        wanted.results.predictions,
        wanted.results.summary,
        wanted.documents.report,
        wanted.documents.download,
    ]


def file_obstacles(repository: git.Repo, wanted: Submission) -> list[str]:
    """What is missing, and one sentence for each required file that would not arrive as it is here."""
    names = required_files(wanted)
    missing = [name for name in names if not Path(name).is_file()]
    sentences = [file_obstacle(repository, name) for name in names if name not in missing]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        sentences.insert(0, f"{', '.join(missing)} {verb} missing; `make report` makes what can be made.")
    return [sentence for sentence in sentences if sentence]


def file_obstacle(repository: git.Repo, name: str) -> str:
    """What is wrong with one required file that is there; empty if nothing is."""
    path = Path(name)
    if repository.ignored(name):
        return (
            f"{name} is ignored by git; take the line that names it out of .gitignore, then: git add {name}"
        )
    if path.stat().st_size > LARGEST:
        size = path.stat().st_size / 1e6
        return f"{name} has {size:.0f} MB, more than the 95 MB that can be pushed; train fewer layers."
    with path.open("rb") as file:
        is_pointer = file.read(len(LFS_POINTER)) == LFS_POINTER
    # Where git has the filter, the file here may be whole while git holds only a note that says where it is.
    if is_pointer or "filter: lfs" in repository.git.check_attr("filter", "--", name):
        return f"{name} is kept by Git LFS, so its content would not arrive; run: git lfs untrack {name}"
    if not repository.git.ls_files("--", name):
        return f"{name} is not committed; run: git add {name} && git commit"
    return ""


def repository_obstacles(repository: git.Repo) -> list[str]:
    """One sentence for each reason why a push would not bring your work as it lies here."""
    sentences = []
    if repository.is_dirty(untracked_files=True):
        names = [line[3:] for line in repository.git.status("--porcelain").splitlines()]
        sentences.append(
            f"there are changes that are not committed: {', '.join(names[:5])}; commit or undo them."
        )
    if repository.head.is_detached:
        sentences.append("you are on no branch; run: git switch main")
    if not repository.remotes:
        sentences.append("the repository has no remote to push to; run: git remote add origin <its address>")
    return sentences


def public_checks(wanted: Submission) -> None:
    """Show the grader's verdict, if it is installed. It stops nobody: you may hand in unfinished work."""
    beside_python = shutil.which("grader", path=str(Path(sys.executable).parent))
    command = beside_python or shutil.which("grader")
    if command is None:
        print("The grader is not installed here, so its public checks are left out.")
        return
    print("What the grader says of your last commit, by reading files alone; your instructor runs the rest:")
    sys.stdout.flush()  # before what the grader prints
    deadline = ["--deadline", wanted.deadline.at] if wanted.deadline else []
    subprocess.run(
        [command, "check", ".", "--assignment", wanted.assignment, "--static", *deadline], check=False
    )


def push(repository: git.Repo) -> None:
    """Push the current branch to where it goes, or else to origin, and make sure that it arrived."""
    branch = repository.active_branch
    tracked = branch.tracking_branch()
    names = [remote.name for remote in repository.remotes]
    name = tracked.remote_name if tracked else "origin" if "origin" in names else names[0]
    target = tracked.remote_head if tracked else branch.name
    try:
        repository.git.push("--set-upstream", name, f"{branch.name}:{target}")
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
    moment = deadline.moment()
    seconds = int((moment - now).total_seconds())
    days, rest = divmod(abs(seconds), 86400)
    hours, minutes = divmod(rest // 60, 60)
    words = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    away = " ".join(words) or "less than a minute"
    shown = f"{deadline.at} {deadline.zone} ({moment.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC)"
    if seconds >= 0:
        return f"{shown}: in time, {away} before it"
    return f"{shown}: WARNING, this is {away} after it; your work was pushed all the same"


if __name__ == "__main__":
    problem.run(main)
