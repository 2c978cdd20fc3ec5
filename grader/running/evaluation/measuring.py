"""Gives the worker what it needs, alone or with others, and turns its answers into evaluations."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from grader import sandbox
from grader.ground import whole_file
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running import images
from grader.running.evaluation import store
from grader.running.evaluation import weights as published
from grader.running.evaluation.records import FINAL, PHASE_ONE, Checkpoint, Evaluation, Inputs
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import Evaluate, EvaluateClass, Evaluated, EvaluatedClass, Examined, Head, Part

LIMITS = sandbox.Limits(seconds=1800, cpu_seconds=3600, memory=6 << 30)


class Prepared(Struct, frozen=True):
    """A submission with everything at hand that its evaluation needs. `here`: the rows whose image is."""

    submission: Submission
    inputs: Inputs
    weights: Path | None  # None where the checkpoints have to do without
    folder: Path  # holds the files of tensors
    checkpoints: dict[str, str]
    obtained: images.Obtained
    here: list[int]

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(str(self.obtained.paths[self.inputs.rows[index].sha256]) for index in self.here)

    @property
    def readable(self) -> tuple[Path, ...]:
        return *((self.weights,) if self.weights else ()), self.folder, self.obtained.folder


def one(submission: Submission, inputs: Inputs) -> Evaluation:
    """Lets the worker predict those images that are here."""
    prepared = _prepare(submission, inputs)
    return _evaluation(prepared, _evaluated(prepared, _request(prepared)))


def together(group: Sequence[tuple[Submission, Inputs]], processes: int) -> None:
    """Evaluates submissions with the same network at once, and keeps what came out."""
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
            head=Head(model.head, model.dropout),
            pretrained=str(first.weights or ""),
            reference=inputs.reference,
            parts=tuple(Part(each.checkpoints, each.images) for each in prepared),
            device=submission.surroundings.device,
            threads=processes,
        ),
        EvaluatedClass,
        paths=(tuple({path for each in prepared for path in each.readable}), None),
        limits=_limits(submission.surroundings.device, len(prepared)),
    )
    for each, evaluated in zip(prepared, answer.answers, strict=True):
        if evaluated:
            store.keep(each.submission, each.inputs, _evaluation(each, evaluated))


def predict(submission: Submission, inputs: Inputs, paths: Sequence[Path]) -> dict[Path, int]:
    """What the final checkpoint predicts for further images."""
    final = {FINAL: inputs.contents[FINAL]}
    prepared = _prepare(submission, msgspec.structs.replace(inputs, rows=(), contents=final))
    folders = tuple(dict.fromkeys(path.parent for path in paths))
    wanted = msgspec.structs.replace(_request(prepared), images=tuple(map(str, paths)))
    answer = _evaluated(prepared, wanted, folders)
    found = Checkpoint(inputs.declared.model.checkpoint, answer.checkpoints[FINAL]).usable()
    return {paths[each.image]: each.predicted for each in found.predictions}


def _prepare(submission: Submission, inputs: Inputs) -> Prepared:
    """Obtains weights and images, and writes the tensors to files."""
    surroundings = submission.surroundings
    weights = published.where_needed(inputs.declared, surroundings)
    obtained = images.obtain(submission, inputs.rows)
    here = [index for index, row in enumerate(inputs.rows) if row.sha256 in obtained.paths]
    folder = Path(tempfile.mkdtemp(dir=surroundings.scratch))
    paths = {name: folder / name for name in inputs.contents}
    for name, content in inputs.contents.items():
        whole_file.write(paths[name], content)
    checkpoints = {name: str(path) for name, path in paths.items()}
    return Prepared(submission, inputs, weights, folder, checkpoints, obtained, here)


def _evaluated(prepared: Prepared, wanted: Evaluate, further: Sequence[Path] = ()) -> Evaluated:
    """The worker's answer; meanwhile it tells how far it is. `further` paths are those of other images."""
    progress = prepared.submission.surroundings.progress
    worker = sandbox.Worker(
        module="evaluate",
        request=msgspec.json.encode(wanted),
        readable=(*prepared.readable, *further),
        heard=asking.counted(partial(progress, "predicting images")),
    )
    return asking.answer(worker, Evaluated, _limits(wanted.device))


def _limits(device: str, submissions: int = 1) -> sandbox.Limits:
    """A GPU wherever `device` allows one; the sandbox knows whether there is one."""
    return msgspec.structs.replace(
        LIMITS, seconds=LIMITS.seconds * submissions, gpu=device in ("auto", "cuda")
    )


def _request(prepared: Prepared) -> Evaluate:
    model = prepared.inputs.declared.model
    return Evaluate(
        library=model.library,
        backbone=model.backbone,
        classes=len(prepared.inputs.declared.classes),
        head=Head(model.head, model.dropout),
        pretrained=str(prepared.weights or ""),
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
        missing=obtained.missing,
        different=obtained.different,
        unreadable=tuple(rows[here[each.image]] for each in answer.unreadable),
    )


def _pointing(examined: Examined, here: list[int]) -> Examined:
    """The worker counts the images that it was given; we count all test images."""
    pointed = (msgspec.structs.replace(each, image=here[each.image]) for each in examined.predictions)
    return msgspec.structs.replace(examined, predictions=tuple(pointed))
