"""Finds pictures of different groups that look the same: also encoded anew, resized, or mirrored.

$ python -m grader.workers.find_alike < request.json > answer.json

The fingerprint is pHash: the signs of the 64 lowest frequencies of a small grey picture (http://phash.org).
"""

from typing import Any, TypeAlias

import numpy

from grader.workers import wire
from grader.workers.messages import Alike, FindAlike, Pair
from grader.workers.parts import pictures

SIDE, KEPT = 32, 8  # pixels of the small picture, and frequencies in each direction
CLOSE = 6  # of 64 bits; no two of 17,633 different pairs of photographs came as close
SHOWN = 50  # pairs

Array: TypeAlias = Any  # numpy.ndarray, of which operations have no complete types


def answer(request: FindAlike) -> Alike:
    readable, prints, mirrored = [], [], []
    for index, path in enumerate(request.images):
        try:
            image = pictures.opened_with_format(path, 2 * SIDE)[0]
        except pictures.Unreadable:
            continue
        small = numpy.array(image.convert("L").resize((SIDE, SIDE)), dtype=numpy.float64)
        readable.append(index)
        prints.append(fingerprint(small))
        mirrored.append(fingerprint(small[:, ::-1]))
    if not readable:
        return Alike()
    groups = numpy.array([request.groups[index] for index in readable])
    found: dict[tuple[int, int], Pair] = {}
    for others, mirror in ((prints, False), (mirrored, True)):
        apart = 64 - _equal_bits(numpy.array(prints), numpy.array(others))
        for one, other in numpy.argwhere((apart <= CLOSE) & (groups[:, None] != groups)):
            if one < other:
                pair = Pair(readable[one], readable[other], int(apart[one, other]), mirror)
                found.setdefault((one, other), pair)
    return Alike(tuple(found.values())[:SHOWN], len(found))


def fingerprint(small: Array) -> Array:
    """64 signs, -1 or 1: whether a frequency is above the median of all."""
    rows = numpy.arange(SIDE)
    waves = numpy.cos(numpy.pi * (2 * rows[None, :] + 1) * numpy.arange(KEPT)[:, None] / (2 * SIDE))
    low = waves @ small @ waves.T
    return numpy.where(low > numpy.median(low), 1, -1).ravel()


def _equal_bits(one: Array, other: Array) -> Array:
    """How many of the 64 signs agree, for each pair: small whole numbers, which floats hold exactly."""
    return (64 + one.astype(numpy.float32) @ other.astype(numpy.float32).T) // 2


if __name__ == "__main__":
    wire.serve(FindAlike, answer)
