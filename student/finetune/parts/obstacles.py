"""Why a push would not bring your work as it lies here: one sentence for each reason, with what to do."""

import tempfile
import unicodedata
from pathlib import Path

import git

from finetune import submission
from finetune.parts import credits
from finetune.submission import Submission

LARGEST = 95_000_000  # bytes; GitHub refuses files of 100 MB and more
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LINK, REPOSITORY = "120000", "160000"  # how git calls a link, and a repository inside of another


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


def of_files(repository: git.Repo, wanted: Submission) -> list[str]:
    """What is missing, and one sentence for each required file that would not arrive as it is here."""
    names = required_files(wanted)
    missing = [name for name in names if not Path(name).is_file()]
    sentences = [of_file(repository, name) for name in names if name not in missing]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        sentences.insert(0, f"{', '.join(missing)} {verb} missing; `make report` makes what can be made.")
    return [sentence for sentence in sentences if sentence]


def of_file(repository: git.Repo, name: str) -> str:
    """What is wrong with one required file that is there; empty if nothing is."""
    path = Path(name)
    for place in (path, *path.parents):
        if place.is_symlink():
            return (
                f"{place.as_posix()} is a link, and git keeps the link, not what is behind it; put the real "
                f"{'folder' if place.is_dir() else 'file'} there: cp -rL"
            )
        if place != Path() and (place / ".git").exists():
            return (
                f"{name} lies in {place.as_posix()}/, which is a repository of its own, so its files would "
                f"not arrive; run: rm -rf {place.as_posix()}/.git, then git add and git commit"
            )
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
        return f'{name} is not committed; run: git add {name} && git commit -m "Add {path.name}"'
    return ""


def of_repository(repository: git.Repo, wanted: Submission) -> list[str]:
    """One sentence for each reason that lies in the repository as a whole."""
    sentences = []
    changed = [record[3:] for record in repository.git.status("--porcelain", "-z").split("\0") if record]
    if changed:
        names = ", ".join(unicodedata.normalize("NFC", name) for name in changed[:5])
        sentences.append(f"there are changes that are not committed: {names}; commit or undo them.")
    sentences += _odd_entries(repository, required_files(wanted))
    if repository.head.is_detached:
        sentences.append("you are on no branch; run: git switch main")
    if not repository.remotes:
        return [
            *sentences,
            "the repository has no remote to push to; run: git remote add origin <its address>",
        ]
    sentences += _too_large(repository)
    if not repository.head.is_detached:
        sentences += _other_branch(repository)
    return sentences


def target(repository: git.Repo) -> tuple[str, str]:
    """The remote, and its branch that the current branch is pushed to: its own, or one of the same name."""
    branch = repository.active_branch
    tracked = branch.tracking_branch()
    names = [remote.name for remote in repository.remotes]
    remote = tracked.remote_name if tracked else "origin" if "origin" in names else names[0]
    return remote, tracked.remote_head if tracked else branch.name


def _odd_entries(repository: git.Repo, required: list[str]) -> list[str]:
    """Repositories inside of this one: git keeps their address at most, none of their files."""
    sentences = []
    for record in repository.git.ls_files("--stage", "-z").split("\0"):
        kind, _, name = record.partition("\t")
        if kind.startswith(REPOSITORY):
            sentences.append(
                f"{name}/ is a repository of its own, so its files would not arrive; run: "
                f"git rm --cached {name} && rm -rf {name}/.git && git add {name}"
            )
        elif kind.startswith(LINK) and name.partition("/")[0] == "finetune" and name not in required:
            sentences.append(f"{name} is a link, and git keeps the link only; put the real file there")
    return sentences


def _too_large(repository: git.Repo) -> list[str]:
    """Files above the host's limit in any commit to be pushed: deleting them later is no help."""
    with tempfile.TemporaryFile() as listed:
        listed.write(repository.git.rev_list("--objects", "HEAD", "--not", "--remotes").encode())
        listed.seek(0)
        form = "--batch-check=%(objecttype) %(objectsize) %(rest)"
        found = [line.split(" ", 2) for line in repository.git.cat_file(form, istream=listed).splitlines()]
    large = {name: int(size) for kind, size, name in found if kind == "blob" and int(size) > LARGEST}
    return [
        f"an earlier commit holds {name} with {size / 1e6:.0f} MB, and the host takes at most 95; "
        "a push brings every commit, so begin the history anew: git checkout --orphan handin && git add . && "
        'git commit -m "Homework" && git branch -M handin main'
        for name, size in large.items()
        if not Path(name).exists() or Path(name).stat().st_size <= LARGEST
    ]


def _other_branch(repository: git.Repo) -> list[str]:
    """What is graded is the remote's default branch; an empty remote gets its first one from this push."""
    remote, branch = target(repository)
    try:
        told = str(repository.git.ls_remote("--symref", remote, "HEAD"))
    except git.GitCommandError:
        return []  # the push will say why it cannot be reached
    default = next((line.split()[1] for line in told.splitlines() if line.startswith("ref:")), "")
    default = default.removeprefix("refs/heads/")
    if not default or default == branch:
        return []
    return [
        f"this would be pushed to the branch {branch}, and what is graded is {default}, the default branch "
        f"of {remote}; run: git branch -m {default} && git push --set-upstream {remote} {default}, or if "
        f"{default} has work of its own: git switch {default} && git merge {branch}"
    ]
