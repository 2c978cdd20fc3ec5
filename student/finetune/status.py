"""`make status`: what is done, what is stale, and what is next. It changes nothing.

make itself decides what is stale: it is asked, step by step, what it would run.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from finetune import submission
from finetune.parts import problem
from finetune.submission import Submission

# A step, the file that it leaves, and what it is for.
STEPS = (
    ("data", "data/images/.complete", "download and split the images"),
    ("train", "model.safetensors", "fine-tune the network, in two phases"),
    ("evaluate", "results.json", "measure it on the test images"),
    ("report", "report.pdf", "write the report"),
)


def main() -> None:
    wanted = submission.read()
    next_step = ""
    for name, file, purpose in STEPS:
        state = _state(_file(name, file, wanted))
        if state != "done" and not next_step:
            next_step = f"make {name}"
        print(f"  {name:9} {state:20} {purpose}")
    commits, then = _repository(wanted)
    print(f"  {'submit':9} {commits:20} commit, and hand in")
    print(f"Next: {next_step or then}")


def _file(name: str, usual: str, wanted: Submission) -> Path:
    """Where submission.toml says that a step leaves its result."""
    named = {
        "train": wanted.model.checkpoint,
        "evaluate": wanted.results.summary,
        "report": wanted.documents.report,
    }
    return Path(named.get(name, usual))


def _state(file: Path) -> str:
    if not file.exists():
        return "not yet"
    make = shutil.which("make")
    if make is None:
        return "done"
    command = [make, "--dry-run", "--no-print-directory", f"PYTHON={sys.executable}"]
    # `make data` always asks its program; its file by name is made only where something is newer.
    asked = subprocess.run([*command, file.as_posix()], capture_output=True, text=True, check=False)
    return "stale, runs again" if re.search(r"-m finetune\.", asked.stdout) else "done"


def _repository(wanted: Submission) -> tuple[str, str]:
    """What git says of the work, and the next command."""
    import git

    from finetune import submit
    from finetune.parts import obstacles

    try:
        repository = submit.open_repository()
    except problem.Problem as trouble:
        return "no repository", str(trouble)
    if obstacles.of_files(repository, wanted) or repository.is_dirty(untracked_files=True):
        return "not committed", 'git add . && git commit -m "Finish the homework", then make submit'
    try:
        tracked = repository.active_branch.tracking_branch()
        pushed = tracked is not None and tracked.commit == repository.head.commit
    except (TypeError, ValueError, git.GitCommandError):
        pushed = False
    if pushed:
        return "handed in", "nothing: your last commit is pushed (make submit again for a new receipt)"
    return "committed", "make submit"


if __name__ == "__main__":
    problem.run(main)
