"""The source `openimages`: photographs of Open Images, downloaded with the `openimages` package.

Open Images lists every object in its photographs in tables, one for each of its three sections, and who took
the photographs in three more. tables.py reads them as a stream; photograph_server.py fetches photographs,
with the package. Which photographs, and in which order, is decided here and in data.py, by the student's seed
alone: however the network behaves, and however often the download was interrupted, the same ones come out.
"""

import csv
import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from finetune.parts import files
from finetune.parts.credits import Credit
from finetune.parts.problem import Problem
from finetune.sources import in_threads, tables
from finetune.sources.source import Candidate

PUBLISHED = "https://storage.googleapis.com/openimages"  # the tables; where the package has them from too
DESCRIPTIONS = "v5/class-descriptions-boxable.csv"
# Section -> the table of objects and the table of photographs.
SECTIONS = {
    "train": ("train-annotations-bbox.csv", "train-images-boxable-with-rotation.csv"),
    "validation": ("validation-annotations-bbox.csv", "validation-images-with-rotation.csv"),
    "test": ("test-annotations-bbox.csv", "test-images-with-rotation.csv"),
}
# What may spoil a photograph of an object; a row of the table holds 1 where it does, -1 where
# nobody knows.
FLAGS = ("IsOccluded", "IsTruncated", "IsGroupOf", "IsDepiction", "IsInside")
CONNECTIONS = 8  # at the same time; enough to fill most lines, few enough to be polite


@dataclass(frozen=True)
class Photograph:
    """One photograph of one class, as the tables list it; `flags` counts what spoils its clearest object."""

    image_id: str
    section: str
    code: str
    flags: int


class OpenImages:
    """Photographs of some classes, `wanted` of each; keeps what came so far in `folder`."""

    photographs = True

    def __init__(self, classes: tuple[str, ...], wanted: int, folder: Path, mirror: str) -> None:
        self.wanted = wanted
        self.folder = folder
        self.mirror = (mirror or os.environ.get("OPENIMAGES_MIRROR", "")).strip().rstrip("/")
        if self.mirror and "://" not in self.mirror:
            self.mirror = f"http://{self.mirror}"
        self.codes = self._class_codes(classes)
        found = [photo for section in SECTIONS for photo in self._section(section)]
        self.listed = {photo.image_id: photo for photo in found}

    def ids(self, label: str) -> list[str]:
        """The clear photographs of a class; less clear ones too where there are not enough of them."""
        code = self.codes[label]
        ids: list[str] = []
        for most in range(len(FLAGS) + 1):
            ids = sorted(
                photo.image_id for photo in self.listed.values() if photo.code == code and photo.flags <= most
            )
            if len(ids) >= 1.2 * self.wanted:  # some will be missing, broken or twins
                break
        return ids

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:  # noqa: ARG002
        from finetune.sources import photograph_server  # it takes a second, which not every run should pay

        source = photograph_server.Bucket(self.mirror, CONNECTIONS)

        def download(image_id: str) -> Candidate | None:
            path = self.folder / f"{image_id}.jpg"
            if not path.exists() and not source.fetch(self.listed[image_id].section, image_id, path):
                return None
            return Candidate(image_id, ".jpg", path.read_bytes())

        try:
            for candidate in in_threads.each(download, ids, CONNECTIONS):
                if candidate:
                    yield candidate
        except photograph_server.Unreachable as error:
            raise Problem(
                f"{error}; check your network and run `make data` again, it goes on from here"
            ) from error

    def credits(self, ids: list[str]) -> list[Credit]:
        """From the tables of photographs; nothing is known of the images of a mirror without these tables."""
        known: dict[str, Credit] = {}
        for section, (_, name) in SECTIONS.items():
            own = {image_id for image_id in ids if self.listed[image_id].section == section}
            if own:
                known |= self._credits(own, section, name)
        if unknown := len(set(ids) - set(known)):
            print(f"Who took {unknown} of the {len(ids)} photographs is unknown: no table names them.")
        return [known.get(image_id, Credit(image_id, "", "", "", "", "")) for image_id in ids]

    def _credits(self, ids: set[str], section: str, name: str) -> dict[str, Credit]:
        try:
            path = self._table(f"2018_04/{section}/{name}")
        except tables.Absent:
            return {}
        return {
            row["ImageID"]: Credit(
                row["ImageID"],
                row.get("Author", ""),
                row.get("License", ""),
                row.get("Title", ""),
                row.get("OriginalLandingURL", ""),
                row.get("AuthorProfileURL", ""),
            )
            for row in tables.rows(path, "ImageID", ids)
        }

    def _class_codes(self, classes: tuple[str, ...]) -> dict[str, str]:
        """Display name -> code, such as "Dog" -> "/m/0bt9lr"."""
        with self._table(DESCRIPTIONS).open(newline="", encoding="utf-8") as file:
            names = {row[1]: row[0] for row in csv.reader(file) if len(row) > 1}  # blank lines are no rows
        for label in classes:
            if label not in names:
                near = difflib.get_close_matches(label.capitalize(), names, 1)
                hint = (
                    f'did you mean "{near[0]}"?'
                    if near
                    else "see the list at storage.googleapis.com/openimages"
                )
                raise Problem(
                    f'submission.toml: classes: Open Images has no class "{label}" with boxes; {hint}'
                )
        return {label: names[label] for label in classes}

    def _section(self, section: str) -> list[Photograph]:
        """The photographs of one section that show one of our classes, and only one."""
        found: dict[str, dict[str, int]] = {}  # image_id -> code -> flags of its clearest object
        path = self._table(f"2018_04/{section}/{SECTIONS[section][0]}")
        for row in tables.rows(path, "LabelName", self.codes.values()):
            flags = sum(row.get(flag, "0") != "0" for flag in FLAGS)
            of_image = found.setdefault(row["ImageID"], {})
            of_image[row["LabelName"]] = min(flags, of_image.get(row["LabelName"], flags))
        # A photograph with a dog and a coffee would be right and wrong under either label.
        return [
            Photograph(image_id, section, *next(iter(of_image.items())))
            for image_id, of_image in found.items()
            if len(of_image) == 1
        ]

    def _table(self, place: str) -> Path:
        """A table as a file, fetched if it is not here. A mirror has all of them in one folder."""
        name = place.rpartition("/")[2]
        address = f"{self.mirror}/{name}" if self.mirror else f"{PUBLISHED}/{place}"
        folder = re.sub(r"[^A-Za-z0-9.]+", "-", self.mirror.rpartition("://")[2]) or "published"
        return tables.fetch(address, files.TABLES / folder / name)
