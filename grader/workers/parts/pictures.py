"""Opens an image and prepares it as a reference says. The reference path: Pillow, 8 bits, antialiased."""

import warnings
from typing import TYPE_CHECKING

import numpy
from PIL import Image, ImageFile

from grader.ground.reference import ALIASED, Reference

if TYPE_CHECKING:
    from torch import Tensor

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
PIXELS = 50_000_000  # a telephone's largest photograph; Pillow alone would decode three times as much


class Unreadable(ValueError):
    """No picture that we open: one sentence."""


def tensor(path: str, reference: Reference, size: tuple[int, int] | None = None) -> "Tensor":
    """float32 [3, height, width]: (pixel / 255 - mean) / std, in the reference's order of colours.

    Height and width are the reference's crop, or `size` where it squashes. Raises Unreadable.
    """
    import torch  # not at the top: workers that only open images start without it

    image = opened_with_format(path)[0]
    if size and reference.fit == "squash":
        pixels = _squashed(image, size, reference.interpolation)
    else:
        pixels = _pixels(_cropped(_resized(image, reference), reference.crop))
    pixels = pixels.div_(255)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (reference.mean, reference.std))
    return (pixels.flip(0) if reference.order == "bgr" else pixels).sub_(mean).div_(std)


def _pixels(image: Image.Image) -> "Tensor":
    """float32 [3, height, width], 0 to 255."""
    import torch

    return torch.from_numpy(numpy.array(image)).permute(2, 0, 1).to(torch.float32)


def _squashed(image: Image.Image, size: tuple[int, int], interpolation: str) -> "Tensor":
    """As Pillow resizes it, or in floating point without antialiasing as TensorFlow does."""
    if interpolation != ALIASED:
        return _pixels(image.resize(size[::-1], Image.Resampling[interpolation.upper()]))
    from torch.nn import functional

    squashed: Tensor = functional.interpolate(_pixels(image)[None], size, mode="bilinear")
    return squashed[0]


def opened_with_format(path: str, least: int = 0) -> tuple[Image.Image, str]:
    """The image in RGB and which of FORMATS its file has. Raises Unreadable.

    With `least`, a JPEG is decoded smaller, by halves, as long as its sides have so many pixels: much faster.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > PIXELS:
                raise Unreadable(f"has {image.width}x{image.height} pixels, at most {PIXELS:,} are opened")
            kind = str(image.format)
            if least:
                image.draft("RGB", (least, least))
            return image.convert("RGB"), kind
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("is not a whole JPEG, PNG, WebP or BMP image") from None


def _resized(image: Image.Image, reference: Reference) -> Image.Image:
    """The shorter side becomes `resize` and the longer one follows, rounded down, as torchvision does it.

    Raises Unreadable.
    """
    short, long = sorted(image.size)
    side, other = reference.resize, reference.resize * long // short
    if reference.fit == "squash":
        other = side
    elif short == side:
        return image
    if side * other > PIXELS:
        raise Unreadable(f"has {image.width}x{image.height} pixels: resized, more than {PIXELS:,}")
    size = (side, other) if image.width <= image.height else (other, side)
    return image.resize(size, Image.Resampling[reference.interpolation.upper()])


def _cropped(image: Image.Image, side: int) -> Image.Image:
    """The middle square. Half pixels are rounded to even, as torchvision does it."""
    left, top = round((image.width - side) / 2), round((image.height - side) / 2)
    return image.crop((left, top, left + side, top + side))
