"""The source `folder`: your own photographs, one folder per class.

my_photos/Coffee/IMG_0001.jpg
my_photos/Dog/rex.png
"""

from collections.abc import Iterator
from pathlib import Path

from finetune.parts import files
from finetune.parts.credits import Credit
from finetune.parts.problem import Problem
from finetune.sources.source import Candidate

ENDINGS = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


class Folder:
    photographs = True

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir() or folder == Path():
            raise Problem(
                f'submission.toml: [data] folder is "{folder}"; it should name a folder with your photographs'
            )
        self.folder = folder

    def ids(self, label: str) -> list[str]:
        return sorted(self._photographs(label))

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:
        photographs = self._photographs(label)
        for image_id in ids:
            path = photographs[image_id]
            yield Candidate(image_id, path.suffix.lower(), path.read_bytes())

    def credits(self, ids: list[str]) -> list[Credit]:  # noqa: ARG002
        return []  # they are your own

    def _photographs(self, label: str) -> dict[str, Path]:
        """image_id -> file. File names repeat and may hold anything, so the id comes from the content."""
        folder = self.folder / label
        if not folder.is_dir():
            raise Problem(f'{folder} is not a folder; put the photographs of the class "{label}" there')
        return {
            files.sha256(path)[:16]: path
            for path in sorted(folder.iterdir())
            if path.suffix.lower() in ENDINGS
        }
