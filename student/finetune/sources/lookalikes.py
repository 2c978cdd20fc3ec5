"""Photographs that look the same: stored anew, made smaller, or mirrored. Open Images has such twins.

If one is in training and its twin in the test, the network has seen the answer. So the second is dropped. The
fingerprint is pHash (http://phash.org): of the 64 slowest waves that a small grey copy of the photograph
consists of, which are stronger than the median?
"""

import numpy
from PIL import Image

SIDE, WAVES = 32, 8  # pixels of the small copy, and waves in each direction
CLOSE = 6  # of 64 bits; different photographs differ in more, twins almost never

Prints = tuple[int, int]  # of an image, and of its mirror image: 64 bits each


def fingerprints(image: Image.Image) -> Prints:
    small = numpy.asarray(image.convert("L").resize((SIDE, SIDE)), dtype=numpy.float64)
    return _fingerprint(small), _fingerprint(small[:, ::-1])


def twins(one: Prints, other: Prints) -> bool:
    """Whether two images look the same, or one like the other in a mirror."""
    return any((one[0] ^ side).bit_count() <= CLOSE for side in other)


def _fingerprint(small: numpy.ndarray) -> int:
    pixels = numpy.arange(SIDE)
    # The discrete cosine transform (DCT-II), as two products of matrices.
    waves = numpy.cos(numpy.pi * (2 * pixels[None, :] + 1) * numpy.arange(WAVES)[:, None] / (2 * SIDE))
    low = waves @ small @ waves.T
    return int.from_bytes(numpy.packbits(low > numpy.median(low)).tobytes())
