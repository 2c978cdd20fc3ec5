"""Whether log, checkpoint and declaration tell of the same training; for the check `integrity`."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader import contract
from grader.checks.training_log import last_training
from grader.ground import chance
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Unmeasured, note, warning
from grader.reading import logs
from grader.reading.logs import starter
from grader.running import evaluation
from grader.running.holdout import Tally
from grader.submission import Submission

ACCURACY = ("accuracy", "val")
LEAST = 0.5  # of the parameters that the log lets learn: so many at least change, though some get no gradient


class Phase(Struct, frozen=True):
    """One checkpoint: how many parameters differ from the public ones, and how many the log lets learn."""

    path: str
    changed: int
    logged: int


class LogClaims(Struct, frozen=True):
    """What the logs say: `accuracies` of the validation images in the last phase, `trainable` by phase, and
    in `foreign`, in words, what is not as declared.
    """

    accuracies: tuple[float, ...] = ()
    phases: tuple[Phase, ...] = ()
    foreign: tuple[str, ...] = ()


def collect(submission: Submission) -> LogClaims:
    """Empty where no log or no checkpoint can be read: other checks say so."""
    declared = contract.read(submission)
    try:
        runs = last_training(logs.declared(submission, declared.log.paths))
    except SubmissionError:
        return LogClaims()
    last = runs[-1].epochs if runs else ()
    values = [value for epoch in last for value in epoch.values if (value.metric, value.split) == ACCURACY]
    return LogClaims(
        tuple(value.fraction for value in values if value.fraction is not None),
        _phases(submission, [run.trainable for run in runs]),
        tuple(_foreign(submission)),
    )


def _phases(submission: Submission, trainable: Sequence[int | None]) -> tuple[Phase, ...]:
    """Two phases belong to the two checkpoints."""
    try:
        found = evaluation.run(submission)
        both = [(each, each.usable()) for each in (found.phase_one, found.final)]
    except (SubmissionError, NotMeasured):
        return ()
    if len(trainable) != len(both):
        return ()
    counts = [sum(change.size for change in each.changed if not change.statistic) for _, each in both]
    return tuple(
        Phase(checkpoint.path, changed, logged)
        for (checkpoint, _), changed, logged in zip(both, counts, trainable, strict=True)
        if logged is not None and changed
    )


def _foreign(submission: Submission) -> Iterator[str]:
    """What the log's first line says otherwise than the declaration and the split table."""
    declared = contract.read(submission)
    said = starter.run(submission, declared.log.paths)
    for name, own in (
        ("student", declared.student),
        ("library", declared.model.library),
        ("backbone", declared.model.backbone),
    ):
        if name in said and said[name] != own:
            yield f"the {name} {str(said[name])[:60]}, {contract.NAME} says {own}"
    rows = Counter(row.split for row in contract.splits(submission))
    images = said.get("images")
    for split in ("train", "val"):
        stated = images.get(split) if isinstance(images, dict) else None
        if isinstance(stated, int) and stated != rows[split]:
            yield f"{stated} images of the split {split}, {declared.data.splits} lists {rows[split]}"


def judge(claims: LogClaims, validation: Tally | Unmeasured, apart: float) -> Iterator[Finding]:
    yield _accuracy(claims.accuracies, validation, apart)
    for phase in claims.phases:
        what = f"{phase.changed:,} parameters changed, the log lets {phase.logged:,} learn"
        fits = LEAST * phase.logged <= phase.changed <= phase.logged
        tell = note if fits else warning
        yield tell(f"{what}; {LEAST:.0%} to all of them are expected to" if not fits else what, phase.path)
    for what in claims.foreign:
        yield warning(f"the log is of another training: {what}")


def _accuracy(logged: Sequence[float], found: Tally | Unmeasured, apart: float) -> Finding:
    """One image more or less is always allowed: of 20, it is more than any share that means anything."""
    if isinstance(found, Unmeasured) or not logged:
        reason = found.reason if isinstance(found, Unmeasured) else "the logs state no validation accuracy"
        return note(f"the logged validation accuracy was not measured again: {reason}")
    share = found.right / found.total
    nearest = min(logged, key=lambda each: abs(each - share))
    allowed = max(apart, 1 / found.total)
    tell = warning if abs(nearest - share) > allowed + 1e-9 else note
    return tell(
        f"on the validation images the submitted network gets {chance.in_words(found.right, found.total)};"
        f" the nearest in the log is {nearest:.4f}, at most {allowed:.3f} apart is expected"
    )
