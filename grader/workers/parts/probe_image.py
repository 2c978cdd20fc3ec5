"""Two synthetic images that show how they were prepared: colour order, mean, std, size, crop and filter.

Four flat patches tell what happens to colours, wherever between squashing and cropping to 80 % they end
up; the ramp with noise around them looks different after every other way of resizing. One image is broad and
bright, the other high and dark: what depends on the image itself differs between them.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy
from PIL import Image

Array: TypeAlias = Any  # numpy.ndarray, of which operations have no complete types

SIZES = {"landscape": (640, 512), "portrait": (512, 640)}  # width, height
DARKEST = {"landscape": 48, "portrait": 16}  # grey levels, before the noise
BRIGHTEST = {"landscape": 208, "portrait": 96}
OFFSET, HALF = 128, 60  # pixels: of the patches' centres from the middle, and half the side of a patch
# Red, green and blue of the four patches. No channel is a multiple of another one plus something.
PATCHES = numpy.array([[32, 160, 200], [96, 32, 60], [160, 224, 90], [224, 96, 240]], dtype=numpy.float64)
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
SHARES = (0.965, 0.95, 0.9, 0.875, 0.8)  # of the shorter side that is cut out, beside those of the references
FILTERS = ("bilinear", "bicubic", "nearest", "bilinear without antialias")


def draw(name: str) -> Image.Image:
    """The image of this name, the same each time."""
    (width, height), darkest = SIZES[name], DARKEST[name]
    rows, columns = numpy.mgrid[0:height, 0:width]
    ramps = numpy.stack([columns / width, rows / height, (rows + columns) / (width + height)], axis=2)
    noise = numpy.random.default_rng(20201110).uniform(-48, 48, ramps.shape)
    pixels = (darkest + (BRIGHTEST[name] - darkest) * ramps + noise).clip(0, 255)
    for (down, right), colour in zip(CORNERS, PATCHES, strict=True):
        y, x = height // 2 + down * OFFSET, width // 2 + right * OFFSET
        pixels[y - HALF : y + HALF, x - HALF : x + HALF] = colour
    return Image.fromarray(pixels.round().astype(numpy.uint8))


def patches(prepared: Array) -> Array:
    """The four colours as the program gives them: [4, 3]; `prepared` is [3, height, width]."""
    _, height, width = prepared.shape
    found = []
    for down, right in CORNERS:
        y, x = height // 2 + down * height // 4, width // 2 + right * width // 4
        found.append(numpy.median(prepared[:, y - 2 : y + 3, x - 2 : x + 3], axis=(1, 2)))
    return numpy.array(found)


def ways(side: int, first: list[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    """(resize, fit, filter) that can give a square of `side`; the expected ones come first."""
    sizes = sorted({side, *(int(side / share) for share in SHARES), *(size for size, _, _ in first if size)})
    rest = ((size, fit, name) for size in sizes for fit in ("center", "squash") for name in FILTERS)
    yield from dict.fromkeys([*(way for way in first if way[0] >= side), *rest])


def prepare(image: Image.Image, side: int, way: tuple[int, str, str]) -> Array:
    """The image in one of these ways, as grey levels [3, side, side]."""
    size, fit, name = way
    shorter = min(image.size)
    shape = (size, size) if fit == "squash" else tuple(size * side // shorter for side in image.size)
    if name in ("bilinear", "bicubic", "nearest"):
        pixels = numpy.array(image.resize(shape, Image.Resampling[name.upper()]), dtype=numpy.float64)
    else:
        pixels = _interpolated(numpy.array(image, dtype=numpy.float64), shape)
    left, top = round((shape[0] - side) / 2), round((shape[1] - side) / 2)
    return pixels[top : top + side, left : left + side].transpose(2, 0, 1)


def _interpolated(pixels: Array, shape: tuple[int, int]) -> Array:
    """Bilinear between the four nearest pixels, as tensors are resized without antialias."""
    width, height = shape
    for axis, wanted in ((0, height), (1, width)):
        given = pixels.shape[axis]
        places = ((numpy.arange(wanted) + 0.5) * given / wanted - 0.5).clip(0, given - 1)
        below = numpy.floor(places).astype(int)
        above = numpy.minimum(below + 1, given - 1)
        share = (places - below).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        pixels = pixels.take(below, axis) * (1 - share) + pixels.take(above, axis) * share
    return pixels
