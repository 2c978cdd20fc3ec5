"""How many images a split has, by one source, and what sizes prove together."""

import re
from collections.abc import Sequence

from msgspec import Struct

# `testloader`, `trainset` and `valdata` are written as one word, too.
WHAT = r"(?:set|data|dataset|loader|dataloader|ds|dl|gen|generator|iter|images?|dir|path|folder)?"
NAMES = (
    ("test", re.compile(rf"(?<![a-z])(?:tests?|testing|holdout){WHAT}(?![a-z])")),
    ("val", re.compile(rf"(?<![a-z])(?:val|valid|validation|validate|dev|eval){WHAT}(?![a-z])")),
    ("train", re.compile(rf"(?<![a-z])(?:train|training|trn){WHAT}(?![a-z])")),
)
HOLDS_IMAGES = re.compile(
    r"(?:set|data|loader|dl|ds|gen|generator|iter|iterator|batches|split|images|files|df|paths|list)\d?$"
)

ABOUT_IMAGES = re.compile(
    r"(?:dir|folder|path|root|datagen|batches|loader|dl|set|ds|generator|iter|gen)s?\d?$"
)


class Size(Struct, frozen=True):
    """`source` says what kind of evidence it is: manifest, folder, log, code. `split` may be empty.

    `least` is 0 where the number is exact, else the split has from `least` to `images` images.
    """

    split: str
    images: int
    where: str
    source: str
    least: int = 0

    @property
    def range(self) -> tuple[int, int]:
        return self.least or self.images, self.images

    @property
    def words(self) -> str:
        return f"{self.least} to {self.images}" if self.least else str(self.images)


def split_of(*words: str) -> str:
    """`train`, `val` or `test` by the first word that names exactly one; "" where none does."""
    for word in words:
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower().replace("_", " ")
        found = [name for name, pattern in NAMES if pattern.search(text)]
        if len(found) == 1:
            return found[0]
    return ""


def holds_images(name: str) -> bool:
    """`test_loader`, `valSet`: what a data set or what deals it out is called."""
    return HOLDS_IMAGES.search(name.lower()) is not None and split_of(name) != ""


def names_images(name: str) -> bool:
    """`validation_dir`, `get_test_datagen`: a name about the images of a split, whether or not it is made."""
    return ABOUT_IMAGES.search(name.lower()) is not None and split_of(name) != ""


def together(sizes: Sequence[Size]) -> tuple[int, int] | None:
    """From how many to how many images all these sources allow; None where two exclude each other."""
    least = max((size.range[0] for size in sizes), default=0)
    most = min((size.range[1] for size in sizes), default=-1)
    return (least, most) if least <= most else None


def pigeonhole(sizes: Sequence[Size], total: int) -> int:
    """At least so many images stand in two splits, where a data set of `total` images gave all of them."""
    largest = {
        split: max((size.range[0] for size in sizes if size.split == split), default=0)
        for split in ("train", "val", "test")
    }
    return max(0, sum(largest.values()) - total) if total else 0
