"""The source `openimages`: download photographs of Open Images with the `openimages` package.

Open Images lists every object in its nine million photographs in tables, one for each of its sections. The
package downloads the photographs, but it must be handled with care:

* it reads a table of over a gigabyte into memory: we read the tables as a stream and give it small ones;
* of several classes, later ones get nothing once the first has its share: we call it for one at a time;
* one photograph that cannot be had ends the whole call, and leaves an empty file: we look at what it
  left, and call it again without those that failed.
"""

import contextlib
import csv
import difflib
import io
import logging
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from finetune import files
from finetune.candidate import Candidate, decodes
from finetune.problem import Problem

SECTIONS = ("train", "validation", "test")
DESCRIPTIONS = "class-descriptions-boxable.csv"
# The addresses that the package itself uses.
PUBLISHED = "https://storage.googleapis.com/openimages"
# What may spoil a photograph of an object; a row of the table holds 1 where it does.
FLAGS = ("IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside")
BATCH = 100  # photographs that are asked for in one call of the package
ATTEMPTS = 2  # how often a photograph is asked for before another takes its place


@dataclass(frozen=True)
class Photograph:
    """One photograph of one class, as the tables list it; `flags` counts what spoils its clearest object."""

    image_id: str
    section: str
    code: str
    flags: int


class OpenImages:
    """Photographs of some classes, `wanted` of each; keeps unfinished downloads in `folder`."""

    def __init__(self, classes: tuple[str, ...], wanted: int, folder: Path, mirror: str) -> None:
        self.wanted = wanted
        self.folder = folder
        self.mirror = (mirror or os.environ.get("OPENIMAGES_MIRROR", "")).rstrip("/")
        self.codes = self._class_codes(classes)
        self.photographs = self._photographs(Path("data/tables") / f"{'+'.join(sorted(classes))}.csv")

    def ids(self, label: str) -> list[str]:
        """The clear photographs of a class; less clear ones too where there are not enough of them."""
        code = self.codes[label]
        ids: list[str] = []
        for most in range(len(FLAGS) + 1):
            ids = sorted(
                photo.image_id for photo in self.photographs if photo.code == code and photo.flags <= most
            )
            if len(ids) >= 1.2 * self.wanted:  # some will be missing or broken
                break
        return ids

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:
        folder = self.folder / label.lower() / "images"  # where the package puts the photographs of a class
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            self._download(label, batch, folder)
            for image_id in batch:
                path = folder / f"{image_id}.jpg"
                if path.exists():
                    yield Candidate(image_id, ".jpg", path.read_bytes())

    def _download(self, label: str, ids: list[str], folder: Path) -> None:
        """Leave in `folder` a whole file for each photograph that can be had, and no other file."""
        attempts = dict.fromkeys(ids, 0)
        waiting = [image_id for image_id in ids if not _whole(folder / f"{image_id}.jpg")]
        while waiting:
            self._call_package(label, waiting)
            # A call that one photograph ended early has not touched those after it: they have no file at all.
            touched = [image_id for image_id in waiting if (folder / f"{image_id}.jpg").exists()]
            if not touched:
                raise Problem(
                    f"Open Images gave no photograph of {label}; check your network and run `make data` again"
                )
            for image_id in touched:
                attempts[image_id] += 1
            waiting = [
                image_id
                for image_id in waiting
                if attempts[image_id] < ATTEMPTS and not _whole(folder / f"{image_id}.jpg")
            ]
        for image_id in ids:
            _whole(folder / f"{image_id}.jpg")

    def _call_package(self, label: str, ids: list[str]) -> None:
        """One call of the package, with tables that list these photographs and nothing else."""
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
        from openimages.download import download_images
        from s3transfer.exceptions import RetriesExceededError

        logging.getLogger("openimages.download").setLevel(logging.WARNING)
        # The photographs are public. Without this the client looks for an account first, for seconds.
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        if self.mirror:
            boto3.setup_default_session()
            boto3.DEFAULT_SESSION.events.register("before-send.s3", self._to_mirror)
        tables = self.folder / "tables"
        self._write_tables(tables, label, set(ids))
        try:
            # The package draws three progress bars a call; we draw one for the whole class.
            with contextlib.redirect_stderr(io.StringIO()):
                download_images(str(self.folder), [label], None, str(tables))
        except EndpointConnectionError as error:
            raise Problem(
                f"{error}; check your network and run `make data` again, it goes on from here"
            ) from error
        except (ClientError, BotoCoreError, RetriesExceededError):
            pass  # one photograph could not be had; what came before it lies in the folder

    def _to_mirror(self, request: Any, **_: Any) -> None:
        """Send a request for a photograph to the mirror: <mirror>/images/<section>/<image_id>.jpg."""
        section, name = request.url.split("?")[0].split("/")[-2:]
        request.url = f"{self.mirror}/images/{section}/{name}"

    def _write_tables(self, folder: Path, label: str, ids: set[str]) -> None:
        """The four tables that the package reads, in its own form."""
        code = self.codes[label]
        files.write(folder / DESCRIPTIONS, _csv([[code, label]]))
        for section in SECTIONS:
            # The first row is flagged, so it is never used. It keeps pandas from guessing that the ids are
            # numbers: they are hexadecimal, but a few of them may hold no letter, and zeros in front.
            rows: list[list[object]] = [["not-a-number", "", code, *[0] * 5, *[1] * len(FLAGS)]]
            rows += [
                [photo.image_id, "", code, *[0] * 5, *[0] * len(FLAGS)]
                for photo in self.photographs
                if photo.section == section and photo.code == code and photo.image_id in ids
            ]
            header = ["ImageID", "Source", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax", *FLAGS]
            files.write(folder / f"{section}-annotations-bbox.csv", _csv([header, *rows]))

    def _class_codes(self, classes: tuple[str, ...]) -> dict[str, str]:
        """Display name -> code, such as "Dog" -> "/m/0bt9lr"."""
        address = f"{self.mirror}/{DESCRIPTIONS}" if self.mirror else f"{PUBLISHED}/v5/{DESCRIPTIONS}"
        names = {name: code for code, name in csv.reader(_lines(address))}
        for label in classes:
            if label not in names:
                near = difflib.get_close_matches(label, names, 1)
                hint = (
                    f'did you mean "{near[0]}"?'
                    if near
                    else "see the list at storage.googleapis.com/openimages"
                )
                raise Problem(
                    f'submission.toml: classes: Open Images has no class "{label}" with boxes; {hint}'
                )
        return {label: names[label] for label in classes}

    def _photographs(self, cache: Path) -> list[Photograph]:
        """The photographs that show one of our classes only. Read from the big tables once, then `cache`."""
        if not cache.exists():
            found = [row for section in SECTIONS for row in self._section(section)]
            files.write(
                cache, _csv([[photo.image_id, photo.section, photo.code, photo.flags] for photo in found])
            )
        with cache.open(newline="", encoding="utf-8") as file:
            return [
                Photograph(image_id, section, code, int(flags))
                for image_id, section, code, flags in csv.reader(file)
            ]

    def _section(self, section: str) -> list[Photograph]:
        """One table, row by row: of over a gigabyte we never hold more than a line and what we keep."""
        name = f"{section}-annotations-bbox.csv"
        address = f"{self.mirror}/{name}" if self.mirror else f"{PUBLISHED}/2018_04/{section}/{name}"
        codes = set(self.codes.values())
        found: dict[str, dict[str, int]] = {}  # image_id -> code -> flags of its clearest object
        for row in csv.DictReader(tqdm(_lines(address), desc=name, unit=" rows", unit_scale=True)):
            if row["LabelName"] in codes:
                flags = sum(row[flag] != "0" for flag in FLAGS)
                of_image = found.setdefault(row["ImageID"], {})
                of_image[row["LabelName"]] = min(flags, of_image.get(row["LabelName"], flags))
        # A photograph with a dog and a coffee would be right and wrong under either label.
        return [
            Photograph(image_id, section, *next(iter(of_image.items())))
            for image_id, of_image in found.items()
            if len(of_image) == 1
        ]


def _whole(path: Path) -> bool:
    """Whether a whole image lies here; the package leaves empty and cut-off files, which are deleted."""
    if not path.exists():
        return False
    whole = decodes(path.read_bytes())
    if not whole:
        path.unlink()
    return whole


def _lines(address: str) -> Iterator[str]:
    """The lines of a text file on the web, while it comes in."""
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            yield from io.TextIOWrapper(response, encoding="utf-8", newline="")
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise Problem(
            f"{address} cannot be read: {error}; check your network and run `make data` again"
        ) from error


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
