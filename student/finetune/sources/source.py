"""What a source of images gives: candidates for the data set.

A source only has to answer three questions: which ids has a class, what are the bytes behind these ids, and
whom do we owe them?
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from PIL import Image, UnidentifiedImageError

from finetune.parts.credits import Credit


@dataclass(frozen=True)
class Candidate:
    """An image that may become part of the data set: its file's bytes, exactly as the source has them."""

    image_id: str
    ending: str
    content: bytes


class Source(Protocol):
    """What every source of images can do."""

    photographs: bool  # whether images that look alike are twins; handwritten digits all look alike

    def ids(self, label: str) -> list[str]:
        """Every image_id that the source has for a class, in an order that is always the same."""

    def fetch(self, label: str, ids: list[str]) -> Iterator[Candidate]:
        """The images behind these ids, in this order; those that cannot be had are left out."""

    def credits(self, ids: list[str]) -> list[Credit]:
        """Author and licence of these images; none where the source does not keep them."""


def decoded(content: bytes) -> Image.Image | None:
    """The image in these bytes, if they are a whole one. Of a cut-off JPEG, only reading the pixels fails."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
