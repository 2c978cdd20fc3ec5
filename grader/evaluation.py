"""Reproduces what a submission's network predicts: our worker, the library's network, the submitted tensors.

Labels are no part of it, and no student code runs. `run` is what the checks call; they share one evaluation.
"""

import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from grader import __version__, contract, images, preprocessing, sandbox
from grader.contract import Contract, SplitRow
from grader.errors import NotMeasured, SubmissionError
from grader.preprocessing import Reference
from grader.submission import Submission, Surroundings
from grader.workers import asking
from grader.workers.messages import Evaluate, Evaluated, Examined, Fetched, FetchWeights, Prediction

FINAL, PHASE_ONE = "final", "phase_one"
LIMITS = sandbox.Limits(seconds=1800, cpu_seconds=3600, memory=6 << 30)
DOWNLOAD_SECONDS = 1800
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
PREPARED = ("torchvision", "timm")  # the libraries whose networks the worker builds


class Checkpoint(Struct, frozen=True):
    """One of the two files of tensors; `missing`: not in the commit, which `examined` says in words."""

    path: str
    examined: Examined
    missing: bool = False

    def usable(self) -> Examined:
        """Raises SubmissionError where the file was refused."""
        if self.examined.refused:
            reason, hint = self.examined.refused, self.examined.hint
            raise SubmissionError(f"{self.path} {reason}", self.path, hint, missing=self.missing)
        return self.examined


class Evaluation(Struct, frozen=True, kw_only=True):
    """`rows` are the test images, `predictions` of the checkpoints point into them."""

    rows: tuple[SplitRow, ...]
    final: Checkpoint
    phase_one: Checkpoint
    reference: Reference
    device: str
    versions: dict[str, str]
    missing: tuple[SplitRow, ...] = ()  # the data source does not have them
    different: tuple[SplitRow, ...] = ()  # it has other bytes under their ids
    unreadable: tuple[SplitRow, ...] = ()  # they are no pictures

    def predicted(self, checkpoint: Checkpoint) -> dict[str, Prediction]:
        """What this checkpoint predicts, by image_id. Raises SubmissionError as `usable` does."""
        return {self.rows[each.image].image_id: each for each in checkpoint.usable().predictions}


def run(submission: Submission) -> Evaluation:
    """The evaluation of both checkpoints, made once for all checks.

    Raises:
        SubmissionError: what was handed in does not allow it.
        NotMeasured: no packages, weights, images or network here, or a library that we cannot build.
    """
    outcome = submission.once(_outcome)
    if isinstance(outcome, Evaluation):
        return outcome
    raise outcome


def _outcome(submission: Submission) -> Evaluation | SubmissionError | NotMeasured:
    try:
        return _evaluate(submission)
    except (SubmissionError, NotMeasured) as trouble:
        return trouble


class Inputs(Struct, frozen=True):
    """All that decides what an evaluation says. `contents` are the checkpoint files in the commit."""

    declared: Contract
    rows: tuple[SplitRow, ...]
    reference: Reference
    contents: dict[str, bytes]
    absent: dict[str, Checkpoint]


def _evaluate(submission: Submission) -> Evaluation:
    inputs = _inputs(submission)
    place = _place(inputs, submission.surroundings)
    kept = _kept(place)
    if kept:
        return kept
    evaluation = _measure(submission, inputs)
    if not evaluation.missing and not evaluation.different:  # another source may have them next time
        write(place, msgspec.json.encode(evaluation))
    return evaluation


def _inputs(submission: Submission) -> Inputs:
    declared = contract.read(submission)
    rows = tuple(row for row in contract.splits(submission) if row.split == "test")
    if not rows:
        raise SubmissionError(f"{declared.data.splits} lists no test image", declared.data.splits)
    if len(declared.classes) < 2:
        raise SubmissionError(
            f"{contract.NAME}: classes names {len(declared.classes)} class, expected 2 or more"
        )
    reference = _reference(submission, declared)
    contents, absent = {FINAL: submission.read(declared.model.checkpoint)}, {}
    path = declared.model.phase_one_checkpoint
    try:
        contents[PHASE_ONE] = submission.read(path)
    except SubmissionError as trouble:  # the accuracy is that of the final checkpoint alone
        reason = trouble.message.removeprefix(path).strip()
        absent[PHASE_ONE] = Checkpoint(path, Examined(refused=reason, hint=trouble.hint), trouble.missing)
    return Inputs(declared, rows, reference, contents, absent)


def _measure(submission: Submission, inputs: Inputs) -> Evaluation:
    """Obtains weights and images, and lets the worker predict those images that are here."""
    surroundings, rows, model = submission.surroundings, inputs.rows, inputs.declared.model
    weights = pretrained(inputs.declared, surroundings.weights, surroundings.cache)
    obtained = images.obtain(submission, rows, _progress)
    here = [index for index, row in enumerate(rows) if row.sha256 in obtained.paths]
    folder = Path(tempfile.mkdtemp(dir=surroundings.scratch))
    paths = {name: folder / f"{name}.safetensors" for name in inputs.contents}
    for name, content in inputs.contents.items():
        write(paths[name], content)
    answer = asking.ask(
        "evaluate",
        Evaluate(
            library=model.library,
            backbone=model.backbone,
            classes=len(inputs.declared.classes),
            pretrained=str(weights),
            checkpoints={name: str(path) for name, path in paths.items()},
            images=tuple(str(obtained.paths[rows[index].sha256]) for index in here),
            reference=inputs.reference,
            device=surroundings.device,
            threads=min(4, os.cpu_count() or 1),
        ),
        Evaluated,
        paths=((weights, *paths.values(), obtained.folder), None),
        limits=msgspec.structs.replace(LIMITS, gpu=surroundings.device in ("auto", "cuda")),
    )
    names = {FINAL: model.checkpoint, PHASE_ONE: model.phase_one_checkpoint}
    examined = {name: _pointing(each, here) for name, each in answer.checkpoints.items()}
    found = {name: Checkpoint(names[name], each) for name, each in examined.items()} | inputs.absent
    return Evaluation(
        rows=rows,
        final=found[FINAL],
        phase_one=found[PHASE_ONE],
        reference=inputs.reference,
        device=answer.device,
        versions=answer.versions,
        missing=obtained.missing,
        different=obtained.different,
        unreadable=tuple(rows[here[each.image]] for each in answer.unreadable),
    )


def pretrained(declared: Contract, folder: Path | None, cache: Path) -> Path:
    """The file with the public tensors: from the instructor's folder, the cache, or fetched into the cache.

    Raises:
        NotMeasured: there is none, and it cannot be fetched.
    """
    model = declared.model
    name = f"{model.library}-{model.backbone}-{model.weights}.safetensors"
    if not FILE_NAME.fullmatch(name):
        raise NotMeasured(f"{name[:120]!r} is no name of pretrained weights")
    for path in (folder / name if folder else None, cache / "weights" / name):
        if path and path.is_file():
            return path
    path = cache / "weights" / name
    request = FetchWeights(model.library, model.backbone, model.weights, str(path))
    asking.ask_with_network("fetch_weights", request, Fetched, DOWNLOAD_SECONDS)
    return path


def _reference(submission: Submission, declared: Contract) -> Reference:
    """The accepted reference that is nearest to what the training recorded."""
    model = declared.model
    if model.library not in PREPARED:
        raise NotMeasured(f"networks of {model.library} are not built here, but of {' and '.join(PREPARED)}")
    try:
        references = preprocessing.accepted(model.library, model.backbone, model.weights)
    except preprocessing.Unknown as unknown:
        raise NotMeasured(str(unknown), "see the check preprocessing") from None
    recorded = preprocessing.recorded(submission, declared.log.paths)
    mean, std = (recorded.mean, recorded.std) if recorded else ((), ())
    reference = preprocessing.nearest(references, mean, std)
    if reference.fit == "border":
        raise NotMeasured("these weights want their images padded at the border, which is not done here")
    return reference


def _place(inputs: Inputs, surroundings: Surroundings) -> Path:
    """Where the answer for exactly these inputs is kept: an unchanged submission costs no evaluation."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in inputs.contents.items()}
    declared = (inputs.declared.model, inputs.declared.classes)
    key = msgspec.json.encode(
        (__version__, surroundings.device, declared, inputs.reference, inputs.rows, digests)
    )
    return surroundings.cache / "evaluations" / f"{hashlib.sha256(key).hexdigest()}.json"


def _kept(place: Path) -> Evaluation | None:
    try:
        return msgspec.json.decode(place.read_bytes(), type=Evaluation)
    except (FileNotFoundError, msgspec.MsgspecError):  # none yet, or that of another grader
        return None


def _pointing(examined: Examined, here: list[int]) -> Examined:
    """The worker counts the images that it was given; we count all test images."""
    pointed = (msgspec.structs.replace(each, image=here[each.image]) for each in examined.predictions)
    return msgspec.structs.replace(examined, predictions=tuple(pointed))


def write(path: Path, content: bytes) -> None:
    """Whole or not at all; readable for the account of the sandbox."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_bytes(content)
    beside.chmod(0o644)
    os.replace(beside, path)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\rtest images {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
