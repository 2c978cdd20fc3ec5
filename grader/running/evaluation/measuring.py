"""Gives the worker what it needs, alone or with others, and turns its answers into evaluations."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

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


class Wish(NamedTuple):
    """What to evaluate. `further`: files of images that the final checkpoint predicts too, or only them."""

    submission: Submission
    inputs: Inputs
    further: Sequence[Path] = ()


class Prepared(Struct, frozen=True):
    """A submission with everything at hand that its evaluation needs. `here`: the rows whose image is."""

    submission: Submission
    inputs: Inputs
    weights: Path | None  # None where the checkpoints have to do without
    folder: Path  # holds the files of tensors
    checkpoints: dict[str, str]
    obtained: images.Obtained
    here: list[int]
    further: Sequence[Path]

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(str(self.obtained.paths[self.inputs.rows[index].sha256]) for index in self.here)

    @property
    def readable(self) -> tuple[Path, ...]:
        others = dict.fromkeys(path.parent for path in self.further)
        return *((self.weights,) if self.weights else ()), self.folder, self.obtained.folder, *others


def one(submission: Submission, inputs: Inputs) -> Evaluation:
    """Lets the worker predict those images that are here."""
    prepared = _prepare(Wish(submission, inputs))
    return _evaluation(prepared, _evaluated(prepared))


def together(group: Sequence[Wish], processes: int) -> list[dict[Path, int]]:
    """Evaluates submissions with the same network at once, and keeps what came out.

    Gives for each the predictions for its further images: none where it could not be evaluated.
    """
    prepared: dict[int, Prepared] = {}
    for number, wish in enumerate(group):
        with contextlib.suppress(SubmissionError, NotMeasured):
            prepared[number] = _prepare(wish)
    answers = _all_evaluated(list(prepared.values()), processes)
    found: list[dict[Path, int]] = [{} for _ in group]
    for (number, each), evaluated in zip(prepared.items(), answers, strict=True):
        if evaluated:
            if each.inputs.rows:
                store.keep(each.submission, each.inputs, _evaluation(each, evaluated))
            found[number] = _named(each, evaluated)
    return found


def _all_evaluated(prepared: Sequence[Prepared], processes: int) -> Sequence[Evaluated | None]:
    """Whoever is alone has all threads for itself."""
    if len(prepared) < 2:
        return [_evaluated(each) for each in prepared]
    first = prepared[0]
    submission, inputs = first.submission, first.inputs
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
            parts=tuple(
                Part(each.checkpoints, each.images, tuple(map(str, each.further))) for each in prepared
            ),
            device=submission.surroundings.device,
            threads=processes,
        ),
        EvaluatedClass,
        paths=(tuple({path for each in prepared for path in each.readable}), None),
        limits=_limits(submission.surroundings.device, len(prepared)),
    )
    return answer.answers


def predict(submission: Submission, inputs: Inputs, paths: Sequence[Path]) -> dict[Path, int]:
    """What the final checkpoint predicts for further images. Raises SubmissionError where it is refused."""
    prepared = _prepare(Wish(submission, without_tests(inputs), paths))
    answer = _evaluated(prepared)
    Checkpoint(inputs.declared.model.checkpoint, answer.checkpoints[FINAL]).usable()
    return _named(prepared, answer)


def without_tests(inputs: Inputs) -> Inputs:
    """No test image, and the final checkpoint alone."""
    return msgspec.structs.replace(inputs, rows=(), contents={FINAL: inputs.contents[FINAL]})


def _named(prepared: Prepared, answer: Evaluated) -> dict[Path, int]:
    return {prepared.further[each.image]: each.predicted for each in answer.further}


def _prepare(wish: Wish) -> Prepared:
    """Obtains weights and images, and writes the tensors to files."""
    submission, inputs, further = wish
    surroundings = submission.surroundings
    weights = published.where_needed(inputs.declared, surroundings)
    obtained = images.obtain(submission, inputs.rows)
    here = [index for index, row in enumerate(inputs.rows) if row.sha256 in obtained.paths]
    folder = Path(tempfile.mkdtemp(dir=surroundings.scratch))
    paths = {name: folder / name for name in inputs.contents}
    for name, content in inputs.contents.items():
        whole_file.write(paths[name], content)
    checkpoints = {name: str(path) for name, path in paths.items()}
    return Prepared(submission, inputs, weights, folder, checkpoints, obtained, here, further)


def _evaluated(prepared: Prepared) -> Evaluated:
    """The worker's answer; meanwhile it tells how far it is."""
    wanted = _request(prepared)
    progress = prepared.submission.surroundings.progress
    worker = sandbox.Worker(
        module="evaluate",
        request=msgspec.json.encode(wanted),
        readable=prepared.readable,
        heard=asking.counted(partial(progress, "predicting images")),
    )
    progress("predicting images", "")
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
        further=tuple(map(str, prepared.further)),
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
