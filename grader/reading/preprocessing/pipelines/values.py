"""What a name may hold while pixels are followed: an image, several, one that was lost, or none."""

import ast
from collections.abc import Sequence

from grader.reading.preprocessing.affine import Affine
from grader.reading.programs.bindings import called


class Lost:
    """An image whose values reading cannot tell."""


LOST = Lost()
HANDED = Lost()  # given to a transform that came as an argument: the other idioms know it
Pixels = Affine | Lost | tuple["Pixels", ...] | None  # None: no image at all


def first(value: Pixels) -> Affine | Lost | None:
    if isinstance(value, tuple):
        return next((found for each in value if (found := first(each)) is not None), None)
    return value


def part(value: Pixels, index: int, source: ast.expr) -> Pixels:
    if isinstance(value, tuple):
        return value[index] if index < len(value) else None
    if isinstance(source, ast.Call) and called(source) == "enumerate":
        return value if index == 1 else None
    return value


def joined(values: Sequence[Pixels]) -> Pixels:
    """What a name holds after two ways; an optional transform is one that is given."""
    if not values:
        return None
    if HANDED in values:
        return HANDED
    return values[0] if all(each == values[0] for each in values) else LOST
