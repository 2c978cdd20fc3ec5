"""The evaluation of a submission: found where it was kept, else measured."""

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader import contract
from grader.contract import PredictionRow
from grader.ground.errors import NotMeasured, SubmissionError
from grader.running.evaluation import inputs, keras_resizing, measuring, store
from grader.running.evaluation.measuring import Wish
from grader.running.evaluation.records import Evaluation, Inputs
from grader.submission import Submission


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
    """By the way of preparing the images that gives what was handed in, where there are several."""
    given = inputs.read(submission)
    best = _measured(submission, given)
    if given.others:
        handed_in = contract.handed_in_predictions(submission) or ()
        best = _nearest(submission, given, best, handed_in)
    return msgspec.structs.replace(best, unstated=given.unstated)


def _nearest(
    submission: Submission, given: Inputs, first: Evaluation, handed_in: Sequence[PredictionRow]
) -> Evaluation:
    """Of `first` and the other ways that with the fewest differences; the search ends where they are few."""
    best, fewest = first, keras_resizing.differing(first, handed_in, given.declared.classes)
    for reference in given.others:
        if fewest <= keras_resizing.SHARE * len(handed_in):
            break
        found = _measured(submission, msgspec.structs.replace(given, reference=reference))
        apart = keras_resizing.differing(found, handed_in, given.declared.classes)
        best, fewest = (found, apart) if apart < fewest else (best, fewest)
    return best


def _measured(submission: Submission, given: Inputs) -> Evaluation:
    kept = store.find(submission, given)
    if kept:
        return kept
    evaluation = measuring.one(submission, given)
    store.keep(submission, given, evaluation)
    return evaluation


def warm(
    submissions: Sequence[Submission], processes: int, further: Mapping[int, Sequence[Path]] | None = None
) -> dict[int, dict[Path, int]]:
    """Evaluates submissions that declare the same network in one go, for `run` to find their evaluations.

    `further` are images of a submission, by its number, as for `predict`; so is what is said about them.
    What goes wrong here is told by `run` or `predict`, which then evaluates that one alone.
    """
    groups: dict[bytes, dict[int, Wish]] = {}
    for number, submission in enumerate(submissions):
        with contextlib.suppress(SubmissionError, NotMeasured):
            given = inputs.read(submission)
            wish = _wish(submission, given, (further or {}).get(number, ()))
            if wish:
                groups.setdefault(_network(given), {})[number] = wish
    predicted: dict[int, dict[Path, int]] = {}
    for group in groups.values():
        with contextlib.suppress(NotMeasured):
            found = measuring.together(list(group.values()), processes)
            predicted |= dict(zip(group, found, strict=True))
    return predicted


def _wish(submission: Submission, given: Inputs, further: Sequence[Path]) -> Wish | None:
    """What is not known yet. Where there are several ways, `run` has to find out first which one is right."""
    known, further = store.find(submission, given), () if given.others else further
    if known and not further:
        return None
    return Wish(submission, measuring.without_tests(given) if known else given, further)


def _network(given: Inputs) -> bytes:
    model = given.declared.model
    network = (model.library, model.backbone, model.weights, model.head, model.dropout)
    return msgspec.json.encode((*network, len(given.declared.classes), given.reference))


def predict(submission: Submission, paths: Sequence[Path]) -> dict[Path, int]:
    """The class that the final checkpoint predicts for further images, by their paths.

    Raises:
        SubmissionError, NotMeasured: as `run`.
    """
    given = inputs.read(submission)
    if given.others:
        given = msgspec.structs.replace(given, reference=run(submission).reference)
    return measuring.predict(submission, given, paths)
