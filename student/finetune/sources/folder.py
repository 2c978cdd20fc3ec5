"""The source `folder`: your own photographs, one folder per class.

my_photos/Coffee/IMG_0001.jpg
my_photos/Dog/rex.png
my_photos/Dog/in the park/0001.jpg      folders inside of a class's folder belong to it too
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from finetune.parts import files
from finetune.parts.credits import Credit
from finetune.parts.problem import Problem
from finetune.sources.source import Candidate

ENDINGS = {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"}
# What phones write, and Pillow cannot open.
PHONES = {".heic", ".heif"}


class Folder:
    photographs = True

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir() or folder == Path():
            named = "missing" if folder == Path() else f'"{folder}", which is not here'
            raise Problem(
                f"submission.toml: [data] folder is {named}; it should name a folder with your photographs"
            )
        self.folder = folder
        self._known: dict[str, dict[str, Path]] = {}

    def ids(self, label: str) -> list[str]:
        self._known[label] = self._photographs(label)
        return sorted(self._known[label])

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:
        photographs = self._known.get(label) or self._photographs(label)
        for image_id in ids:
            path = photographs[image_id]
            yield Candidate(image_id, path.suffix.lower(), path.read_bytes())

    def credits(self, ids: list[str]) -> list[Credit]:  # noqa: ARG002
        return []  # they are your own

    def _photographs(self, label: str) -> dict[str, Path]:
        """image_id -> file. File names repeat and may hold anything, so the id comes from the content."""
        folder = self._class_folder(label)
        inside = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name[0] != "."]
        others = Counter(path.suffix.lower() for path in inside if path.suffix.lower() not in ENDINGS)
        for ending, number in sorted(others.items()):
            how = "; export them as JPEG first" if ending in PHONES else ""
            print(f"{folder}: {number} files with the ending {ending or '(none)'} are left out{how}")
        return {files.sha256(path)[:16]: path for path in inside if path.suffix.lower() in ENDINGS}

    def _class_folder(self, label: str) -> Path:
        """Accents are written in two ways that look the same, as one sign or as a letter and an accent: macOS
        has the second in its file names, keyboards give the first.
        """
        wanted = unicodedata.normalize("NFC", label)
        for path in sorted(self.folder.iterdir()):
            if path.is_dir() and unicodedata.normalize("NFC", path.name) == wanted:
                return path
        there = ", ".join(path.name for path in sorted(self.folder.iterdir()) if path.is_dir()) or "none"
        raise Problem(
            f'{self.folder / label} is not a folder; put the photographs of the class "{label}" there '
            f"(folders that are there: {there})"
        )
