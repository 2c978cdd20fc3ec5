"""Makes the images of the offline sample: scikit-learn's digits as 64x64 greyscale BMP files.

$ python -m grader.workers.draw_digits < request.json > answer.json
"""

from pathlib import Path

import numpy
from PIL import Image
from sklearn.datasets import load_digits

from grader.workers import wire
from grader.workers.messages import DrawDigits, Drawn

ENLARGED = 8  # each of the 8x8 pixels becomes a square of this side


def answer(request: DrawDigits) -> Drawn:
    """Indices that scikit-learn does not have are left out."""
    sample = load_digits()
    pixels = sample.images  # [1797, 8, 8], 0..16
    wanted = [index for index in request.indices if 0 <= index < len(pixels)]
    for index in wanted:
        grey = numpy.minimum(pixels[index] * 16, 255).astype(numpy.uint8)
        large = grey.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
        Image.fromarray(large).save(Path(request.folder, f"{index}.bmp"), format="BMP")
    return Drawn(tuple(int(sample.target[index]) for index in wanted))


if __name__ == "__main__":
    wire.serve(DrawDigits, answer)
