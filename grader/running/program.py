"""Runs a command that the contract names, on the submission's own files, in the sandbox.

The files that say which answer is right stay outside: the split table, the predictions, the test images.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader import contract, sandbox
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running import evaluation, images
from grader.submission import Submission
from grader.workers import asking

NEED_WEIGHTS = ("predict", "train")  # preparing an image needs none
WEIGHTS = "/weights"  # where the public weights lie for a program; COURSEWORK_WEIGHTS says so
ENDINGS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp", b"RIFF": ".webp"}
TIME = 946_684_800  # of every image that a program is shown: the first second of 2000, UTC


class Places(Struct, frozen=True):
    """Of ours: the program's files, where it may write (there, or elsewhere), and what else it sees."""

    code: Path
    output: Path
    inputs: Mapping[str, Path]


def run(
    submission: Submission,
    name: str,
    values: Mapping[str, Path],
    output: Path,
    limits: sandbox.Limits,
) -> None:
    """Runs the command `[run] <name>`; each `{key}` in it is one of `values`, `{out}` is `output`.

    `output` is a file that is not there yet, in an empty folder of ours: programs may write beside it and
    rename. What is there afterwards is what an untrusted program left.

    Raises:
        SubmissionError: the program ended with an error, or took more than it may of anything but time.
        NotMeasured: no such command, no sandbox, no weights or packages for it here, or no time left.
    """
    _run(submission, name, {**values, "out": output}, output.parent, limits)
    if not output.is_file():
        raise SubmissionError(f"the program [run] {name} ended well and wrote no {{out}}", contract.NAME)


def run_into(
    submission: Submission,
    name: str,
    values: Mapping[str, Path],
    folder: Path,
    limits: sandbox.Limits,
) -> None:
    """As `run`, for a command whose `{out}` is a folder: ours, and empty."""
    _run(submission, name, {**values, "out": folder}, folder, limits)


def _run(
    submission: Submission, name: str, values: Mapping[str, Path], folder: Path, limits: sandbox.Limits
) -> None:
    given = {key: path for key, path in values.items() if key != "out"}
    inside = {key: f"/given/{path.name}" for key, path in given.items()}
    places = Places(submission.once(_code), folder, {inside[key]: path for key, path in given.items()})
    out = str(Path("/out") / values["out"].relative_to(folder))
    execute(submission, name, {**inside, "out": out}, places, limits)


def execute(
    submission: Submission, name: str, values: Mapping[str, str], places: Places, limits: sandbox.Limits
) -> sandbox.Ended:
    """Runs the command `[run] <name>` with `values` in place of each `{key}`. Raises as `run` does."""
    words = command(submission, name)
    weights = _weights(submission) if name in NEED_WEIGHTS else {}
    program = sandbox.Program(
        argv=tuple(_filled(word, values) for word in words),
        code=places.code,
        inputs={**places.inputs, **weights},
        output=places.output,
        python=submission.surroundings.python or Path(sys.prefix),
        environment={"COURSEWORK_WEIGHTS": WEIGHTS},
    )
    ended = sandbox.run_program(program, limits=limits, unsafe=submission.surroundings.unsafe)
    _require_success(name, ended, limits)
    return ended


def command(submission: Submission, name: str) -> Sequence[str]:
    """The words of `[run] <name>`. Raises NotMeasured where there is none, or programs are not run here."""
    words: Sequence[str] = getattr(contract.read(submission).run, name)
    if not words:
        raise NotMeasured(f"{contract.NAME} names no command [run] {name}")
    if submission.surroundings.static:
        raise NotMeasured("the submission's own programs are not run here")
    return words


def shown(submission: Submission) -> list[str]:
    """The files of the commit that a program may see."""
    declared = contract.read(submission)
    hidden = {declared.data.splits, declared.results.predictions, declared.results.summary}
    return sorted(
        path for path in submission.sizes if path not in hidden and not path.startswith(images.FOLDER)
    )


def scratch(submission: Submission) -> Path:
    """A new empty folder that is gone when the submission has been measured."""
    return Path(tempfile.mkdtemp(dir=submission.surroundings.scratch))


def lay_out(pictures: Mapping[str, Path], folder: Path) -> None:
    """Copies images into `folder` under these names, with the endings that their first bytes call for.

    A program must learn about an image from its pixels. The order in which files are written shows in their
    times, their inode numbers and the order of the folder: it is drawn at random, and the times that can be
    set are all the same. What is left is the image's own: its bytes, their number, its format.
    """
    names = list(pictures)
    secrets.SystemRandom().shuffle(names)
    for name in names:
        content = pictures[name].read_bytes()
        ending = next((each for start, each in ENDINGS.items() if content.startswith(start)), "")
        (folder / f"{name}{ending}").write_bytes(content)
    for path in (*folder.iterdir(), folder):
        os.utime(path, (TIME, TIME))


def _filled(word: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        word = word.replace(f"{{{key}}}", value)
    return word


def _weights(submission: Submission) -> dict[str, Path]:
    """The public weights, which a program cannot fetch in the sandbox, and which a checkpoint may lean on."""
    declared = contract.read(submission)
    if declared.model.library not in evaluation.PREPARED:
        return {}
    surroundings = submission.surroundings
    path = evaluation.pretrained(declared, surroundings.weights, surroundings.cache)
    return {f"{WEIGHTS}/{path.name}": path}


def _code(submission: Submission) -> Path:
    folder = scratch(submission)
    submission.export(shown(submission), folder)
    return folder


def _require_success(name: str, ended: sandbox.Ended, limits: sandbox.Limits) -> None:
    what = f"the program [run] {name}"
    if ended.reason == "timed out":
        raise NotMeasured(f"{what} took more than {limits.seconds:g} s here")
    if ended.reason != "exited":
        raise SubmissionError(f"{what} was stopped: {ended.reason}", contract.NAME)
    if ended.status == 0:
        return
    absent = asking.absent(ended.stderr)
    if absent:
        raise NotMeasured(
            f"{what} needs the package {absent}, which it does not find here",
            "give an environment with the students' packages: --student-python DIR",
        )
    lines = ended.stderr.strip().splitlines() or ["it said nothing"]
    raise SubmissionError(
        f"{what} ended with status {ended.status}: {lines[-1][:300]}",
        contract.NAME,
        "run the command yourself in a fresh clone",
    )
