"""Photographs of 1024 x 768 that are made of what scikit-learn brings along."""

from pathlib import Path

import numpy
from PIL import Image, ImageChops
from sklearn.datasets import load_digits, load_sample_images

CLASSES = ("even", "odd")


def make_photographs(folder: Path, each: int) -> None:
    """`each` JPEG photographs of both classes. A real photograph costs what it costs to decode; noise would
    not.
    """
    backgrounds = [Image.fromarray(image) for image in load_sample_images().images]  # 640 x 427
    digits = load_digits()
    draw = numpy.random.default_rng(0)
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for number in range(each):
            digit = draw.choice(numpy.flatnonzero(digits.target % 2 == label))
            left, top = draw.integers(0, 320), draw.integers(0, 187)
            part = backgrounds[number % 2].crop((left, top, left + 320, top + 240))
            photograph = part.resize((1024, 768), Image.Resampling.BICUBIC)
            # A card of one colour with a dark digit: as large as what a photograph is about, never cut off.
            side = int(draw.integers(400, 600))
            ink = Image.fromarray((255 - digits.images[digit] * 15).astype("uint8")).resize((side, side))
            colour = tuple(int(value) for value in draw.integers(128, 255, 3))
            card = ImageChops.multiply(Image.new("RGB", ink.size, colour), ink.convert("RGB"))
            photograph.paste(card, (int(draw.integers(128, 896 - side)), int(draw.integers(0, 768 - side))))
            photograph.save(folder / name / f"{number}.jpg", quality=90)
