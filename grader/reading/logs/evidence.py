"""What the check of the training log measures: the runs of the declared logs, or of all logs there are."""

from collections.abc import Sequence

import msgspec

from grader import contract
from grader.ground.errors import SubmissionError
from grader.reading.logs import claims, discovery, excerpts, logged_elsewhere, stated, summary, tensorboard
from grader.reading.logs.log_evidence import RUNS_KEPT, Claimed, LogEvidence
from grader.reading.logs.records import FILE_LIMIT, Log
from grader.submission import Submission

UNREAD_KEPT = 5


def declared(submission: Submission, paths: tuple[str, ...]) -> LogEvidence:
    """What the declared logs show. Raises SubmissionError where one is not there or cannot be read."""
    found: list[Log] = []
    for path in paths:
        try:
            if tensorboard.MARK in path:
                found.append(tensorboard.read(submission, path))
            else:
                found += discovery.read(path, submission.read(path, FILE_LIMIT))
        except ValueError as trouble:
            raise SubmissionError(f"{path}: {trouble}", path) from None
    try:
        results = contract.results(submission)
        claimed = Claimed(results.test_accuracy, results.test_images)
    except SubmissionError:
        claimed = None  # the check of the accuracy says so
    return msgspec.structs.replace(
        _evidence(submission, found), declared=paths or (contract.NAME,), claimed=claimed
    )


def found(submission: Submission) -> LogEvidence:
    """What any file or notebook shows, where nothing is declared."""
    logs = submission.once(discovery.find)
    return msgspec.structs.replace(
        _evidence(submission, excerpts.once(logs.logs)),
        elsewhere=() if logs.trained else logged_elsewhere.signs(submission),
        removed=() if logs.trained else logged_elsewhere.removed(submission),
        unread=_shortened(logs.unread),
        looked_at=logs.looked_into,
    )


def _shortened(unread: Sequence[str]) -> tuple[str, ...]:
    """The first of them, and how many more there are."""
    more = len(unread) - UNREAD_KEPT
    return (*unread[:UNREAD_KEPT], *([f"and {more} more"] if more > 0 else []))


def _evidence(submission: Submission, found: Sequence[Log]) -> LogEvidence:
    runs = [summary.of(run) for log in found for run in log.runs]
    validation = [size.images for log in found for size in log.sizes if size.split == "val"]
    return LogEvidence(
        runs=tuple(runs[-RUNS_KEPT:]),
        plans=tuple({plan.phase: plan for log in found for plan in log.plans if plan.epochs}.values()),
        validation_images=validation[-1] if validation else 0,
        stated=stated.in_readme(submission),
        measured=claims.in_logs(found),
    )
