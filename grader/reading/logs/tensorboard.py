"""TensorBoard event files: read by a worker, then assembled like any other log."""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading.logs import names, scales
from grader.reading.logs.records import Epoch, Log, Run, Split, Value
from grader.submission import Submission
from grader.workers import asking
from grader.workers.read_events import Events, ReadEvents, Scalar

MARK = "tfevents"
FILE_LIMIT = 50_000_000  # bytes
FILES_LIMIT = 40

# Steps that count epochs: Keras names them so, and `epoch` as a step is what PyTorch tutorials write.
BY_EPOCH = re.compile(r"^epoch_|/epoch$|per_epoch|^evaluation_", re.IGNORECASE)


def paths(sizes: Mapping[str, int]) -> list[str]:
    """The event files, largest first: most are stubs without a scalar."""
    found = [path for path in sizes if MARK in PurePosixPath(path).name]
    return sorted(found, key=lambda path: (-sizes[path], path))[:FILES_LIMIT]


def read(submission: Submission, path: str) -> Log:
    """The scalars of one event file, as one run; a log without runs where it holds none.

    Raises:
        SubmissionError: it cannot be read.
        NotMeasured: the worker did not answer.
    """
    here = submission.surroundings.scratch / "events"
    here.write_bytes(submission.read(path, FILE_LIMIT))
    try:
        answer = asking.ask("read_events", ReadEvents(str(here)), Events, paths=((here,), None))
    finally:
        here.unlink()
    run = _run(path, answer.scalars)
    warnings = ("the file is cut off or damaged; what comes before is read",) if answer.broken else ()
    return Log(where=path, runs=(run,) if run else (), warnings=warnings)


def all_in(submission: Submission) -> tuple[list[Log], list[str]]:
    """The logs with scalars, and what could not be read, with the reason."""
    logs: list[Log] = []
    unread: list[str] = []
    for path in paths(submission.sizes):
        try:
            log = read(submission, path)
        except SubmissionError as trouble:
            unread.append(trouble.message)
        except NotMeasured as trouble:
            unread.append(f"{path}: {trouble.reason}")
        else:
            logs += [log] if log.runs else []
    stubs = [log for log in logs if all(len(run.epochs) == 1 for run in log.runs)]
    if len(stubs) > 1:
        unread.append(f"{len(stubs)} event files with one step each, of which some may be of one training")
        logs = [log for log in logs if log not in stubs]
    return logs, unread


def _run(path: str, scalars: Iterable[Scalar]) -> Run | None:
    folder = _split_of(PurePosixPath(path).parent.name)
    epochs: dict[int, list[Value]] = {}
    by_epoch = True
    for scalar in scalars:
        name = names.read(re.sub(r"^(?:epoch|evaluation)_", "", scalar.tag))
        if name is None or scalar.step < 0:
            continue
        by_epoch = by_epoch and BY_EPOCH.search(scalar.tag) is not None
        epochs.setdefault(scalar.step, []).append(Value(name.metric, name.split or folder, scalar.printed))
    if not epochs:
        return None
    ordered = [Epoch(step, path, tuple(values), True) for step, values in sorted(epochs.items())]
    return Run(
        where=path,
        grammar="tensorboard",
        epochs=scales.settle_epochs(ordered),
        unit="epoch" if by_epoch else "step",
    )


def _split_of(folder: str) -> Split:
    """Keras writes one folder for each split."""
    return names.SPLITS.get(folder.lower(), "")
