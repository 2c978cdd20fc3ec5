"""Makes the images of the offline sample: scikit-learn's digits as 64x64 greyscale BMP files.

$ python -m grader.workers.draw_digits < request.json > answer.json
"""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy
from PIL import Image

from grader.workers import wire
from grader.workers.messages import DrawDigits, Drawn

TABLE = "datasets/data/digits.csv.gz"  # in scikit-learn's package, whose import costs ten times as much
ENLARGED = 8  # each of the 8x8 pixels becomes a square of this side


def answer(request: DrawDigits) -> Drawn:
    """Indices that scikit-learn does not have are left out."""
    table = _table()
    pixels = table[:, :-1].reshape(-1, 8, 8)  # 0..16
    wanted = [index for index in request.indices if 0 <= index < len(pixels)]
    for index in wanted:
        grey = numpy.minimum(pixels[index] * 16, 255).astype(numpy.uint8)
        large = grey.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        Image.fromarray(large).save(Path(request.folder, f"{index}.bmp"), format="BMP")
    return Drawn(tuple(int(table[index, -1]) for index in wanted))


def _table() -> "numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]]":
    """A row for each image: 64 pixels, and the digit."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
    with gzip.open(Path(package.origin).parent / TABLE, "rt") as file:
        table: numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]] = numpy.loadtxt(file, delimiter=",")
    return table


if __name__ == "__main__":
    wire.serve(DrawDigits, answer)
