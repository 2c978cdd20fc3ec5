"""`make data`: pick the images of each class, split them, and write them down.

    submission.toml -> data/images/<image_id>.<ending>, data/splits.csv

Where images come from differs (digits.py, download.py, folder.py); what we do with them is the same for all.
"""

import hashlib
import random
import shutil
from pathlib import Path

from tqdm import tqdm

from finetune import files, problem, splits, submission
from finetune.candidate import Source, decodes
from finetune.problem import Problem
from finetune.splits import Row
from finetune.submission import Submission

# Written last, and not committed: while it is missing, `make data` has not finished on this computer.
STAMP = files.IMAGES / ".complete"
# Where a source may keep what it has so far, so that an interrupted download goes on where it stopped.
UNFINISHED = Path("data/unfinished")


def main() -> None:
    wanted = submission.read()
    path = Path(wanted.data.splits)
    if _complete(wanted, path):
        print(f"{path} and {files.IMAGES}/ are complete already.")
        STAMP.touch()  # tells make that they are up to date
        return
    STAMP.unlink(missing_ok=True)

    source = open_source(wanted)
    rows: list[Row] = []
    # Ids and content hashes of all classes: no image may occur twice, under whatever name.
    seen: set[str] = set()
    for label in wanted.classes:
        rows += _collect(source, label, wanted, seen)

    splits.write(path, rows)
    _remove_others(rows)
    shutil.rmtree(UNFINISHED, ignore_errors=True)
    files.write(STAMP, _fingerprint(wanted, path))
    print(f"{path}: {len(rows)} images of {', '.join(wanted.classes)}")


def open_source(wanted: Submission) -> Source:
    """The source that [data] names. Imported here: its packages are only needed if it is used."""
    if wanted.data.source == "digits":
        from finetune.digits import Digits

        return Digits()
    if wanted.data.source == "folder":
        from finetune.folder import Folder

        return Folder(Path(wanted.data.folder))
    from finetune.download import OpenImages

    return OpenImages(wanted.classes, sum(wanted.data.counts.values()), UNFINISHED, wanted.data.mirror)


def _collect(source: Source, label: str, wanted: Submission, seen: set[str]) -> list[Row]:
    """Fill the splits of one class from the source's images in random order; adds what it took to `seen`."""
    ids = source.ids(label)
    # The order depends on the student's seed and on the class alone, so a second run picks the same images.
    random.Random(f"{wanted.seed} {label}").shuffle(ids)
    places = [split for split, count in wanted.data.counts.items() for _ in range(count)]
    rows: list[Row] = []
    with tqdm(total=len(places), desc=label, unit="image") as bar:
        for candidate in source.fetch(label, ids):
            digest = hashlib.sha256(candidate.content).hexdigest()
            if {candidate.image_id, digest} & seen or not decodes(candidate.content):
                continue  # broken, or taken already: the next image takes its place
            seen |= {candidate.image_id, digest}
            files.write(files.IMAGES / f"{candidate.image_id}{candidate.ending}", candidate.content)
            rows.append(Row(candidate.image_id, label, places[len(rows)], digest))
            bar.update()
            if len(rows) == len(places):
                return rows
    raise Problem(
        f"{label}: the source has {len(rows)} usable images, {len(places)} are needed; "
        f"choose another class, or fewer images in [data] of {submission.FILE}"
    )


def _fingerprint(wanted: Submission, path: Path) -> str:
    """Changes whenever the images would have to be picked anew."""
    return f"{wanted.seed} {wanted.classes} {wanted.data} {files.sha256(path)}"


def _complete(wanted: Submission, path: Path) -> bool:
    """Whether the last run picked what submission.toml asks for, and every file is still as it was."""
    if not path.exists() or not STAMP.exists() or STAMP.read_text() != _fingerprint(wanted, path):
        return False
    here = files.images()
    return all(
        row.image_id in here and files.sha256(here[row.image_id]) == row.sha256 for row in splits.read(path)
    )


def _remove_others(rows: list[Row]) -> None:
    """Delete images of an earlier choice of classes: data/images/ holds the data set and nothing else."""
    keep = {row.image_id for row in rows}
    for image_id, path in files.images().items():
        if image_id not in keep:
            path.unlink()


if __name__ == "__main__":
    problem.run(main)
