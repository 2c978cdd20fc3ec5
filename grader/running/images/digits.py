"""The images of the offline sample: scikit-learn's digits as 64x64 greyscale BMP files.

They are drawn here: the table is our own installation's, and a process with numpy costs ten times as much.
"""

import gzip
import re
import struct
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from grader.ground.errors import NotMeasured

NAME = re.compile(r"digit-(\d{4})")
COUNT = 1797  # in scikit-learn's sample
TABLE = "datasets/data/digits.csv.gz"  # in scikit-learn's package, which is not imported
SIDE, ENLARGED = 8, 8  # pixels; each becomes a square of this side
METRE = 3780  # pixels, at 96 to the inch
GREYS = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))


def index_of(image_id: str) -> int | None:
    """Which digit of the sample has this name; None for another name."""
    match = NAME.fullmatch(image_id)
    return int(match[1]) if match and int(match[1]) < COUNT else None


def drawn(indices: Iterable[int]) -> dict[int, bytes]:
    """The files. Raises NotMeasured where scikit-learn is not installed."""
    rows = _table()
    return {index: _bitmap(_row(rows[index])[:-1]) for index in indices}


def shown(indices: Iterable[int]) -> dict[int, int]:
    """Which digit each image shows, 0 to 9. Raises NotMeasured as `drawn` does."""
    rows = _table()
    return {index: _row(rows[index])[-1] for index in indices}


@cache
def _table() -> list[str]:
    """A line for each image: 64 pixels from 0 to 16, and the digit."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise NotMeasured("sklearn is not installed here", "pip install 'smartlab-coursework[demo]'")
    with gzip.open(Path(package.origin).parent / TABLE, "rt") as file:
        return file.read().splitlines()


def _row(line: str) -> list[int]:
    return [int(value) for value in line.split(",")]


def _bitmap(pixels: list[int]) -> bytes:
    """A BMP of 256 greys, byte for byte as Pillow writes it: its lines begin at the bottom."""
    grey = [min(pixel * 16, 255) for pixel in pixels]
    lines = [grey[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    content = b"".join(
        b"".join(bytes((each,)) * ENLARGED for each in line) * ENLARGED for line in reversed(lines)
    )
    side, offset = SIDE * ENLARGED, 14 + 40 + len(GREYS)
    file = struct.pack("<2sIHHI", b"BM", offset + len(content), 0, 0, offset)
    picture = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 0, len(content), METRE, METRE, 256, 256)
    return file + picture + GREYS + content
