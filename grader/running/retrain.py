"""The submission's own training once more, in the sandbox: on its images, with its seed, without its results.

The program starts in a copy of the commit that it may write to. What it made before is not there (tensors,
logs, predictions), and neither are the test images and their lines of the split table: nothing can be learnt
from them.
"""

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from grader import contract, sandbox
from grader.contract import Contract, SplitRow
from grader.ground import rows
from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading.logs import starter
from grader.running import answers_cache, evaluation, images, program
from grader.running.program import Places
from grader.sandbox import devices
from grader.submission import Submission

SETTINGS = ("seed", "planned", "settings")  # of the log's line "run": what decides how a training goes
LARGEST = 1 << 30  # bytes of a file that the training may leave for us


class Retrained(Struct, frozen=True, kw_only=True):
    """What the new network says about the test images, and how it came to be.

    `other_settings`: what the new log states otherwise than the one that was handed in, in words.
    """

    predicted: dict[str, str]  # by image_id
    seconds: float
    device: str
    seed: str  # that both logs state; "" where they do not
    other_settings: tuple[str, ...]
    same_tensors: bool  # the checkpoint is the one that was handed in, byte by byte


def run(submission: Submission, limits: sandbox.Limits) -> Retrained:
    """Trains, and evaluates what came out as any checkpoint that is handed in.

    Raises:
        SubmissionError: the program breaks, or leaves no checkpoint that fits.
        NotMeasured: no command, sandbox, images, weights, packages or time here.
    """
    program.command(submission, "train")
    rows = tuple(row for row in contract.splits(submission) if row.split != "test")
    return answers_cache.recall(
        submission, ("train", rows, limits), Retrained, lambda: _run(submission, rows, limits)
    )


def _run(submission: Submission, rows: Sequence[SplitRow], limits: sandbox.Limits) -> Retrained:
    if limits.gpu and not devices.here():
        raise NotMeasured("no NVIDIA device here to train on", "gpu = false trains on the processor")
    declared = contract.read(submission)
    checkpoint = declared.model.checkpoint
    made, seconds = _trained(submission, rows, limits)
    found = evaluation.run(made)
    predicted = {
        name: declared.classes[each.predicted] for name, each in found.predicted(found.final).items()
    }
    before, after = (_settings(each, declared) for each in (submission, made))
    return Retrained(
        predicted=predicted,
        seconds=seconds,
        device="GPU" if limits.gpu else "processor",
        seed=before.get("seed", "") if before.get("seed") == after.get("seed") else "",
        other_settings=tuple(
            f"{name} {before[name]} in the log, {after[name]} here"
            for name in before
            if name in after and before[name] != after[name]
        ),
        same_tensors=submission.has(checkpoint) and submission.read(checkpoint) == made.read(checkpoint),
    )


def _trained(
    submission: Submission, rows: Sequence[SplitRow], limits: sandbox.Limits
) -> tuple[Submission, float]:
    """The submission with what its training wrote in the place of its own, and the seconds that it took."""
    declared = contract.read(submission)
    workplace = program.scratch(submission)
    _fill(submission, workplace)
    inside = f"/code/{images.FOLDER}".rstrip("/")
    places = Places(workplace, workplace, {inside: _pictures(submission, rows)})
    values = {"images": inside, "out": f"/code/{declared.model.checkpoint}"}
    ended = program.execute(submission, "train", values, places, limits)
    made = submission.with_files(_results(workplace, declared))
    shutil.rmtree(workplace)  # gigabytes, which further submissions of the class need
    return made, ended.seconds


def _fill(submission: Submission, workplace: Path) -> None:
    """The commit without what its training and evaluation made, and without the test split."""
    declared = contract.read(submission)
    made = {declared.model.checkpoint, declared.model.phase_one_checkpoint, *declared.log.paths}
    submission.export(
        [path for path in (*program.shown(submission), declared.data.splits) if path not in made], workplace
    )
    (workplace / images.FOLDER).mkdir(parents=True, exist_ok=True)
    for path in declared.log.paths:
        _inside(workplace, path).parent.mkdir(parents=True, exist_ok=True)
    reader = rows.reader(submission.text(declared.data.splits))
    text = io.StringIO()
    table = csv.DictWriter(text, reader.fieldnames or (), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(row for row in reader if row["split"] != "test")
    (workplace / declared.data.splits).write_text(text.getvalue(), encoding="utf-8")


def _pictures(submission: Submission, rows: Sequence[SplitRow]) -> Path:
    """A folder with the images of these rows under their own names."""
    obtained = images.obtain(submission, rows)
    absent = [row for row in rows if row.sha256 not in obtained.paths]
    if absent:
        raise NotMeasured(
            f"{len(absent)} of {len(rows)} training images are not here, such as {absent[0].image_id}",
            "give a folder with the images with --images",
        )
    folder = program.scratch(submission)
    program.lay_out({row.image_id: obtained.paths[row.sha256] for row in rows}, folder)
    return folder


def _results(workplace: Path, declared: Contract) -> dict[str, bytes | None]:
    """The files that the training was to write; None for one that it did not."""
    model = declared.model
    if not _inside(workplace, model.checkpoint).is_file():
        raise SubmissionError(
            f"the program [run] train ended well and wrote no {model.checkpoint}", contract.NAME
        )
    wanted = (model.checkpoint, model.phase_one_checkpoint, *declared.log.paths)
    return {path: _left(_inside(workplace, path), path) for path in wanted}


def _left(place: Path, path: str) -> bytes | None:
    if not place.is_file():
        return None
    size = place.stat().st_size
    if size > LARGEST:
        raise SubmissionError(
            f"the program [run] train wrote a {path} of {size:,} bytes, at most {LARGEST:,} are read",
            contract.NAME,
        )
    return place.read_bytes()


def _inside(workplace: Path, path: str) -> Path:
    """The submission names its paths, and none may lead out."""
    place = (workplace / path).resolve()
    if not place.is_relative_to(workplace.resolve()):
        raise SubmissionError(
            f"{contract.NAME}: {path[:100]!r} lies outside of the repository", contract.NAME
        )
    return place


def _settings(submission: Submission, declared: Contract) -> dict[str, str]:
    """What a log of JSON lines states about how its training was run: `settings.epochs_head` -> `3`."""
    said = starter.run(submission, declared.log.paths)
    return {name: text for key in SETTINGS for name, text in _flat(key, said.get(key))}


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [(f"{name}.{key}", str(each)[:60]) for key, each in value.items()]
    return [] if value is None else [(name, str(value)[:60])]
