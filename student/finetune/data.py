"""`make data`: pick the images of each class, split them, and write them down.

    submission.toml -> data/images/<image_id>.<ending>, data/splits.csv, data/credits.csv

Where images come from differs (sources/); what we do with them is the same for all.
"""

import argparse
import dataclasses
import functools
import hashlib
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from finetune import submission
from finetune.parts import credits, files, problem, splits
from finetune.parts.problem import Problem
from finetune.parts.splits import Row
from finetune.sources import in_threads, lookalikes
from finetune.sources.source import Candidate, Source, decoded
from finetune.submission import Submission

# Written last, and not committed: while it is missing, `make data` has not finished on this computer.
STAMP = files.IMAGES / ".complete"
# What make compares the stamp with.
MADE_FROM = (submission.FILE, Path(__file__), *Path(lookalikes.__file__).parent.glob("*.py"))
# Where a source may keep what it has so far, so that an interrupted download goes on where it stopped.
UNFINISHED = Path("data/unfinished")


@dataclass(frozen=True)
class Examined:
    """An image that decodes. `prints` tell what it looks like, where twins are looked for."""

    candidate: Candidate
    digest: str
    prints: lookalikes.Prints | None


class Taken:
    """The images of all classes so far: none may occur twice, under whatever name or as its mirror image."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._prints: list[lookalikes.Prints] = []

    def add(self, image: Examined) -> bool:
        """Whether the image is a new one; then it is taken."""
        names = {image.candidate.image_id, image.digest}  # the same bytes may have two names
        if names & self._names:
            return False
        if image.prints:
            # A twin of a training image in the test set is an answer that the network has seen: a leak. It
            # makes the accuracy higher than on new photographs, and nothing else shows it.
            if any(lookalikes.twins(one, image.prints) for one in self._prints):
                return False
            self._prints.append(image.prints)
        self._names |= names
        return True


def main(mirror: str = "") -> None:
    """Without a mirror, that of submission.toml is asked, if there is one."""
    wanted = submission.read()
    path = Path(wanted.data.splits)
    # A second run costs nothing and picks the same: whoever clones the repository can check the work.
    if _complete(wanted, path):
        print(f"{path} and {files.IMAGES}/ are complete already.")
        if any(path.stat().st_mtime_ns > STAMP.stat().st_mtime_ns for path in MADE_FROM):
            STAMP.touch()  # tells make that they are up to date
        return
    _keep_whole(path)
    STAMP.unlink(missing_ok=True)
    if wanted.student == submission.NOBODY:
        print(
            f"{submission.FILE}: student is {wanted.student}; if that is not you, stop and enter your code:"
        )
        print("the images that you get depend on it.")

    source = open_source(wanted, mirror)
    rows: list[Row] = []
    taken = Taken()  # one for all classes: the same photograph under two labels would be wrong under one
    for label in wanted.classes:
        rows += _collect(source, label, wanted, taken)

    # Pixels stay out of git; the names and hashes of the files say exactly which they were.
    splits.write(path, rows)
    credits.write(source.credits([row.image_id for row in rows]))
    _remove_others(rows)
    shutil.rmtree(UNFINISHED, ignore_errors=True)
    # Last of all: an interruption before this line means that the next run does not believe the files.
    files.write(STAMP, _fingerprint(wanted, path))
    print(f"{path}: {len(rows)} images of {', '.join(wanted.classes)}. Next: make train")


def open_source(wanted: Submission, mirror: str = "") -> Source:
    """The source that [data] names. Imported here: its packages are only needed if it is used."""
    if wanted.data.source == "digits":
        from finetune.sources.digits import Digits

        return Digits()
    if wanted.data.source == "folder":
        from finetune.sources.folder import Folder

        return Folder(Path(wanted.data.folder))
    from finetune.sources.download import OpenImages

    number = sum(wanted.data.counts.values())
    return OpenImages(wanted.classes, number, UNFINISHED, mirror or wanted.data.mirror)


def _collect(source: Source, label: str, wanted: Submission, taken: Taken) -> list[Row]:
    """Fill the splits of one class from the source's images in random order; adds what it took to `taken`."""
    ids = source.ids(label)  # always in the same order, or shuffling with a seed would be no use
    # The order depends on the student's seed and on the class alone, so a second run picks the same images.
    # A generator of its own, not random.seed(): what else draws numbers has no influence.
    random.Random(f"{wanted.seed} {label}").shuffle(ids)
    # After shuffling, the first 400 may be called training, the next 100 validation, the last 100 test: each
    # is a random sample. In the source's own order, photographs of one day would stand together.
    places = [split for split, count in wanted.data.counts.items() for _ in range(count)]
    rows: list[Row] = []
    examine = functools.partial(_examined, twins=source.photographs)
    # Decoding uses all cores; results come in the order of the ids, whichever is ready first.
    with tqdm(total=len(places), desc=label, unit="image", disable=None) as bar:
        for image in in_threads.each(examine, source.fetch(label, ids), os.cpu_count() or 1):
            if image is None or not taken.add(image):
                continue  # broken, or taken already: the next image takes its place
            candidate = image.candidate
            # As they came, byte for byte: a JPEG that is written anew loses a little each time.
            files.write(files.IMAGES / f"{candidate.image_id}{candidate.ending}", candidate.content)
            rows.append(Row(candidate.image_id, label, places[len(rows)], image.digest))
            bar.update()
            if len(rows) == len(places):
                return rows
    raise Problem(
        f"{label}: the source has {len(rows)} usable images, {len(places)} are needed; "
        f"choose another class, or fewer images in [data] of {submission.FILE}"
    )


def _examined(candidate: Candidate, twins: bool) -> Examined | None:
    """What tells an image from others; None if it cannot be decoded."""
    image = decoded(candidate.content)
    if image is None:
        return None  # else `make train` would stop at it
    digest = hashlib.sha256(candidate.content).hexdigest()
    return Examined(candidate, digest, lookalikes.fingerprints(image) if twins else None)


def _fingerprint(wanted: Submission, path: Path) -> str:
    """Changes whenever the images would have to be picked anew."""
    data = dataclasses.replace(wanted.data, mirror="")  # a copy has the same images
    # The table's hash as well: who edits it by hand gets it made anew.
    return f"{wanted.seed} {wanted.classes} {data} {files.sha256(path)}"


def _stamp() -> str:
    """The fingerprint that the last run left when it had finished; empty if it had not."""
    return STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""


def _complete(wanted: Submission, path: Path) -> bool:
    """Whether the last run picked what submission.toml asks for, and every file is still as it was."""
    if not path.exists() or _stamp() != _fingerprint(wanted, path):
        return False
    here = files.images()
    # A hash of each file, every time: a second for 1,200 images, and what the numbers rest on is certain.
    return all(
        row.image_id in here and files.sha256(here[row.image_id]) == row.sha256 for row in splits.read(path)
    )


def _keep_whole(path: Path) -> None:
    """Put the images that are as the last run left them where an interrupted one leaves its own: whatever was
    broken or is chosen anew, these need not come again.
    """
    if not path.exists() or not _stamp().endswith(files.sha256(path)):
        return  # the table is not the one of these images
    here = files.images()
    for row in splits.read(path):
        image = here.get(row.image_id)
        if image and files.sha256(image) == row.sha256:
            with files.whole(UNFINISHED / image.name) as beside:
                shutil.copyfile(image, beside)


def _remove_others(rows: list[Row]) -> None:
    """Delete images of an earlier choice of classes: data/images/ holds the data set and nothing else."""
    keep = {row.image_id for row in rows}
    for image_id, path in files.images().items():
        if image_id not in keep:
            path.unlink()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pick the images of each class, and split them.")
    parser.add_argument("--mirror", metavar="URL", default="", help="a copy of Open Images near you")
    return parser.parse_args()


if __name__ == "__main__":
    problem.run(lambda: main(_arguments().mirror))
