"""Small things about files that every step needs."""

import hashlib
import os
from pathlib import Path

IMAGES = Path("data/images")
# Tables of Open Images, two gigabytes. Deleting them costs another download, nothing else.
TABLES = Path("data/tables")
# What was computed once and may be needed again. Deleting it costs time, nothing else.
CACHE = Path("data/cache")


def write(path: Path, content: str | bytes) -> None:
    """Write the whole file or nothing: first beside it, then renamed in one step.

    A program that is killed half-way thus never leaves half a file that looks like a whole one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(beside, path)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def images(folder: Path = IMAGES) -> dict[str, Path]:
    """image_id -> file, for every image in a folder. The id is the file's name without its ending."""
    if not folder.is_dir():
        return {}
    return {
        path.stem: path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.suffix != ".part"
    }
