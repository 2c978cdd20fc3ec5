"""Reproduces what a submission's network predicts: our worker, the library's network, the submitted tensors.

Labels are no part of it, and no student code runs. `run` is what the checks call; they share one evaluation.
"""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import NotMeasured, SubmissionError
from grader.evaluation import inputs, measuring, store
from grader.evaluation.inputs import PREPARED
from grader.evaluation.measuring import pretrained
from grader.evaluation.records import Checkpoint, Evaluation, Inputs
from grader.evaluation.store import write
from grader.submission import Submission

__all__ = ["PREPARED", "Checkpoint", "Evaluation", "predict", "pretrained", "run", "warm", "write"]


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


def _evaluate(submission: Submission) -> Evaluation:
    given = inputs.read(submission)
    kept = store.find(submission, given)
    if kept:
        return kept
    evaluation = measuring.one(submission, given)
    store.keep(submission, given, evaluation)
    return evaluation


def warm(submissions: Sequence[Submission], processes: int) -> None:
    """Evaluates submissions that declare the same network in one go, for `run` to find their evaluations.

    What goes wrong here is told by `run`, which then evaluates that one alone.
    """
    groups: dict[bytes, list[tuple[Submission, Inputs]]] = {}
    for submission in submissions:
        with contextlib.suppress(SubmissionError, NotMeasured):
            given = inputs.read(submission)
            model = given.declared.model
            key = (model.library, model.backbone, model.weights, len(given.declared.classes), given.reference)
            if not store.find(submission, given):
                groups.setdefault(msgspec.json.encode(key), []).append((submission, given))
    for group in groups.values():
        with contextlib.suppress(NotMeasured):
            measuring.together(group, processes)


def predict(submission: Submission, paths: Sequence[Path]) -> dict[Path, int]:
    """The class that the final checkpoint predicts for further images, each a file that this account may
    read.

    Raises:
        SubmissionError, NotMeasured: as `run`.
    """
    return measuring.predict(submission, inputs.read(submission), paths)
