"""Reproduces what a submission's network predicts: our worker, the library's network, the submitted tensors.

Labels are no part of it, and no student code runs. `run` is what the checks call; they share one evaluation.
"""

import contextlib
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from grader import __version__, contract, images, preprocessing, sandbox
from grader.contract import Contract, SplitRow
from grader.errors import NotMeasured, SubmissionError
from grader.preprocessing import Reference
from grader.submission import Submission, Surroundings
from grader.workers import asking
from grader.workers.messages import (
    Evaluate,
    EvaluateClass,
    Evaluated,
    EvaluatedClass,
    Examined,
    Fetched,
    FetchWeights,
    Part,
    Prediction,
)

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
    kept = _kept(_place(inputs, submission.surroundings))
    if kept:
        return kept
    evaluation = _measure(submission, inputs)
    _keep(submission, inputs, evaluation)
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


class Prepared(Struct, frozen=True):
    """A submission with everything at hand that its evaluation needs. `here`: the rows whose image is."""

    submission: Submission
    inputs: Inputs
    weights: Path
    folder: Path  # holds the files of tensors
    checkpoints: dict[str, str]
    obtained: images.Obtained
    here: list[int]

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(str(self.obtained.paths[self.inputs.rows[index].sha256]) for index in self.here)

    @property
    def readable(self) -> tuple[Path, ...]:
        return self.weights, self.folder, self.obtained.folder


def _prepare(submission: Submission, inputs: Inputs) -> Prepared:
    """Obtains weights and images, and writes the tensors to files."""
    surroundings = submission.surroundings
    weights = pretrained(inputs.declared, surroundings.weights, surroundings.cache)
    obtained = images.obtain(submission, inputs.rows, _progress)
    here = [index for index, row in enumerate(inputs.rows) if row.sha256 in obtained.paths]
    folder = Path(tempfile.mkdtemp(dir=surroundings.scratch))
    paths = {name: folder / f"{name}.safetensors" for name in inputs.contents}
    for name, content in inputs.contents.items():
        write(paths[name], content)
    checkpoints = {name: str(path) for name, path in paths.items()}
    return Prepared(submission, inputs, weights, folder, checkpoints, obtained, here)


def _measure(submission: Submission, inputs: Inputs) -> Evaluation:
    """Lets the worker predict those images that are here."""
    prepared = _prepare(submission, inputs)
    wanted = _request(prepared)
    limits = msgspec.structs.replace(LIMITS, gpu=wanted.device in ("auto", "cuda"))
    answer = asking.ask("evaluate", wanted, Evaluated, paths=(prepared.readable, None), limits=limits)
    return _evaluation(prepared, answer)


def _request(prepared: Prepared) -> Evaluate:
    model = prepared.inputs.declared.model
    return Evaluate(
        library=model.library,
        backbone=model.backbone,
        classes=len(prepared.inputs.declared.classes),
        pretrained=str(prepared.weights),
        checkpoints=prepared.checkpoints,
        images=prepared.images,
        reference=prepared.inputs.reference,
        device=prepared.submission.surroundings.device,
        threads=min(4, os.cpu_count() or 1),
    )


def _evaluation(prepared: Prepared, answer: Evaluated) -> Evaluation:
    rows, here, obtained = prepared.inputs.rows, prepared.here, prepared.obtained
    model = prepared.inputs.declared.model
    names = {FINAL: model.checkpoint, PHASE_ONE: model.phase_one_checkpoint}
    examined = {name: _pointing(each, here) for name, each in answer.checkpoints.items()}
    absent = prepared.inputs.absent
    found = {name: Checkpoint(names[name], each) for name, each in examined.items()} | absent
    return Evaluation(
        rows=rows,
        final=found[FINAL],
        phase_one=found[PHASE_ONE],
        reference=prepared.inputs.reference,
        device=answer.device,
        versions=answer.versions,
        missing=obtained.missing,
        different=obtained.different,
        unreadable=tuple(rows[here[each.image]] for each in answer.unreadable),
    )


def warm(submissions: Sequence[Submission], processes: int) -> None:
    """Evaluates submissions that declare the same network in one go, for `run` to find their evaluations.

    What goes wrong here is told by `run`, which then evaluates that one alone.
    """
    groups: dict[bytes, list[tuple[Submission, Inputs]]] = {}
    for submission in submissions:
        with contextlib.suppress(SubmissionError, NotMeasured):
            inputs = _inputs(submission)
            model = inputs.declared.model
            key = (
                model.library,
                model.backbone,
                model.weights,
                len(inputs.declared.classes),
                inputs.reference,
            )
            if not _kept(_place(inputs, submission.surroundings)):
                groups.setdefault(msgspec.json.encode(key), []).append((submission, inputs))
    for group in groups.values():
        with contextlib.suppress(NotMeasured):
            _measure_together(group, processes)


def _measure_together(group: Sequence[tuple[Submission, Inputs]], processes: int) -> None:
    prepared = []
    for submission, inputs in group:
        with contextlib.suppress(SubmissionError, NotMeasured):
            prepared.append(_prepare(submission, inputs))
    if not prepared:
        return
    (submission, inputs), first = group[0], prepared[0]
    model = inputs.declared.model
    answer = asking.ask(
        "evaluate_class",
        EvaluateClass(
            library=model.library,
            backbone=model.backbone,
            classes=len(inputs.declared.classes),
            pretrained=str(first.weights),
            reference=inputs.reference,
            parts=tuple(Part(each.checkpoints, each.images) for each in prepared),
            threads=processes,
        ),
        EvaluatedClass,
        paths=(tuple({path for each in prepared for path in each.readable}), None),
        limits=msgspec.structs.replace(LIMITS, seconds=LIMITS.seconds * len(prepared)),
    )
    for each, evaluated in zip(prepared, answer.answers, strict=True):
        if evaluated:
            _keep(each.submission, each.inputs, _evaluation(each, evaluated))


def predict(submission: Submission, paths: Sequence[Path]) -> dict[Path, int]:
    """The class that the final checkpoint predicts for further images, each a file that this account may read.

    Raises:
        SubmissionError, NotMeasured: as `run`.
    """
    inputs = _inputs(submission)
    prepared = _prepare(submission, msgspec.structs.replace(inputs, rows=()))
    folders = tuple(dict.fromkeys(path.parent for path in paths))
    wanted = msgspec.structs.replace(_request(prepared), images=tuple(map(str, paths)),
                                     checkpoints={FINAL: prepared.checkpoints[FINAL]})  # fmt: skip
    limits = msgspec.structs.replace(LIMITS, gpu=wanted.device in ("auto", "cuda"))
    answer = asking.ask(
        "evaluate", wanted, Evaluated, paths=((*prepared.readable, *folders), None), limits=limits
    )
    found = Checkpoint(inputs.declared.model.checkpoint, answer.checkpoints[FINAL]).usable()
    return {paths[each.image]: each.predicted for each in found.predictions}


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


def _keep(submission: Submission, inputs: Inputs, evaluation: Evaluation) -> None:
    if not evaluation.missing and not evaluation.different:  # another source may have them next time
        write(_place(inputs, submission.surroundings), msgspec.json.encode(evaluation))


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
