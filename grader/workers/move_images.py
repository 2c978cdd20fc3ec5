"""Moves images by one pixel and encodes them anew, which changes every byte and hardly what is seen.

$ python -m grader.workers.move_images < request.json > answer.json
"""

from pathlib import Path

import numpy
from PIL import Image

from grader.workers import wire
from grader.workers.messages import MovedImages, MoveImages
from grader.workers.parts import pictures

ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "BMP": ".bmp"}


def answer(request: MoveImages) -> MovedImages:
    """Images that do not open are left out."""
    for name, source in request.images.items():
        try:
            image, kind = pictures.opened_with_format(source)
        except pictures.Unreadable:
            continue
        options = {"quality": 95} if kind in ("JPEG", "WEBP") else {}
        shifted(image).save(Path(request.folder, name + ENDINGS[kind]), kind, **options)
    return MovedImages()


def shifted(image: Image.Image) -> Image.Image:
    """One pixel to the right and down; the first column and row stand twice."""
    pixels = numpy.pad(numpy.array(image), ((1, 0), (1, 0), (0, 0)), mode="edge")
    return Image.fromarray(pixels[:-1, :-1])


if __name__ == "__main__":
    wire.serve(MoveImages, answer)
