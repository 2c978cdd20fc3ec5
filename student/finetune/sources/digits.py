"""The source `digits`: scikit-learn's handwritten digits as the classes "even" and "odd". Needs no network.

It serves to try out the whole way before the real images are downloaded. Its files are the same, byte for
byte, on every computer, so anybody can make them again and compare their hashes.
"""

import io
from collections.abc import Iterator

import numpy
from PIL import Image
from sklearn.datasets import load_digits

from finetune.parts.credits import Credit
from finetune.parts.problem import Problem
from finetune.sources.source import Candidate

CLASSES = ("even", "odd")


class Digits:
    photographs = False

    def __init__(self) -> None:
        self.data = load_digits()

    def ids(self, label: str) -> list[str]:
        if label not in CLASSES:
            raise Problem(
                f'submission.toml: source = "digits" has the classes "even" and "odd", not "{label}"'
            )
        parity = CLASSES.index(label)
        return [f"digit-{index:04d}" for index, digit in enumerate(self.data.target) if digit % 2 == parity]

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:  # noqa: ARG002
        for image_id in ids:
            yield Candidate(image_id, ".bmp", bitmap(self.data.images[int(image_id.removeprefix("digit-"))]))

    def credits(self, ids: list[str]) -> list[Credit]:  # noqa: ARG002
        return []


def bitmap(digit: numpy.ndarray) -> bytes:
    """An 8 x 8 digit with values 0..16 as a 64 x 64 greyscale BMP file with values 0..255."""
    grey = numpy.minimum(digit * 16, 255).astype(numpy.uint8)
    large = numpy.kron(grey, numpy.ones((8, 8), dtype=numpy.uint8))  # each pixel becomes a square of 8 x 8
    file = io.BytesIO()
    Image.fromarray(large).save(file, format="BMP")
    return file.getvalue()
