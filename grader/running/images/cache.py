"""Images kept by content, and under which id which source was seen to have them."""

import hashlib
from collections.abc import Iterable, Set
from pathlib import Path

from grader.contract import SplitRow
from grader.ground import whole_file

BYTES = 50_000_000  # of one image
OWN = "folder"  # the source whose ids are the submission's own


class Store:
    """A folder of files named by the sha256 of what they hold, which is verified when one is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, digest: str) -> bool:
        path = self.folder / digest
        if digest not in self._verified and path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
                self._verified.add(digest)
            else:
                path.unlink()
        return digest in self._verified

    def add(self, digest: str, content: bytes) -> bool:
        """Whether the content has this sha256; only then it is kept."""
        if hashlib.sha256(content).hexdigest() != digest:
            return False
        whole_file.write(self.folder / digest, content)
        self._verified.add(digest)
        return True

    def add_folder(self, folder: Path, wanted: Set[str]) -> set[str]:
        """The wanted contents that some file below `folder` has, whatever it is called."""
        found: set[str] = set()
        for path in sorted(folder.rglob("*")):
            if found == wanted:
                break
            if path.is_file() and path.stat().st_size <= BYTES:
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                if digest in wanted and self.add(digest, content):
                    found.add(digest)
        return found


class Known:
    """Which content a source was seen to have under which id: one empty file for each pair.

    That the content is here says nothing: it may have come under another id, or from another source.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self._folder = None if source == OWN else folder / source
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)

    def has(self, row: SplitRow) -> bool:
        return not self._folder or self._place(self._folder, row).is_file()

    def add(self, rows: Iterable[SplitRow]) -> None:
        for row in rows:
            if self._folder:
                self._place(self._folder, row).touch()

    @staticmethod
    def _place(folder: Path, row: SplitRow) -> Path:
        return folder / f"{row.image_id} {row.sha256}"
