"""Compares the saved evidence of a class: whose training, logs or images are those of somebody else?

What is found is for the instructor, who looks at both. Nothing here changes a point.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec
from msgspec import Struct

from grader.checks.fingerprints import Fingerprints
from grader.checks.integrity import Integrity
from grader.ground.verdict import Evidence, Measured

# Cosine of what training changed; a copy with noise or some more epochs has 0.97, students with other images
# 0.55 to 0.81. The same images alone make it 0.99.
ALIKE = 0.95
# Cosine of answers to noise; networks of other starts had at most 0.992 on the same images (36 pairs), 0.965
# on others (91); a copy with channels in another order, scaled, or with noise of 3 % has 0.999 and more.
SAME = 0.998
OVERLAP = 0.25  # of the images: with more in common, networks may be alike for that reason
SHARED = 0.2  # of the numbers with six digits or more; by chance two logs share none,
AT_LEAST = 5  # but for rates, and for ln 2, where every training of two classes begins


class Resemblance(Struct, frozen=True):
    """Two submissions, by the addresses of their repositories, and what they have in common."""

    one: str
    other: str
    what: str


def resemblances(evidence: Sequence[Evidence]) -> tuple[Resemblance, ...]:
    """Every pair that shares more than chance gives, and what it shares."""
    prints = [(each.url, found) for each in evidence if (found := fingerprints(each))]
    return tuple(
        Resemblance(one_url, other_url, what)
        for (one_url, one), (other_url, other) in combinations(prints, 2)
        for what in _in_common(one, other)
    )


def fingerprints(evidence: Evidence) -> Fingerprints | None:
    measurement = evidence.measurements.get("integrity")
    if not isinstance(measurement, Measured):
        return None
    try:
        found: Fingerprints = Integrity.restore(measurement.data).fingerprints
    except msgspec.ValidationError:  # of another grader: nothing to compare
        return None
    return found


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two sketches, which have length 1; 0 where there is none."""
    return math.fsum(map(_product, one, other)) if len(one) == len(other) else 0.0


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of images in common among those of both lists, from the least digests of each.

    Broder (1997), On the resemblance and containment of documents: the least of both lists are a sample of
    their union.
    """
    least = sorted({*one, *other})[: max(len(one), len(other))]
    return len(set(least) & set(one) & set(other)) / len(least) if least else 0.0


def _product(one: float, other: float) -> float:
    return one * other


def _in_common(one: Fingerprints, other: Fingerprints) -> Iterator[str]:
    change, function = cosine(one.sketch, other.sketch), cosine(one.answers, other.answers)
    if function >= SAME:
        shown = f"cosine {function:.4f} of their answers to noise, at least {SAME}"
        yield f"the networks compute the same: {shown}"
    elif change >= ALIKE and overlap(one.images, other.images) < OVERLAP:
        yield f"the training changed the network in the same way: cosine {change:.3f}, at least {ALIKE}"
    if one.logs and one.logs == other.logs:
        yield "the measured numbers in the training logs are the same"
    else:
        yield from _in_both_logs(one.numbers, other.numbers)
    if one.manifest and one.manifest == other.manifest:
        yield "the listed images and their splits are the same"


def _in_both_logs(one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    shared, fewer = len(set(one) & set(other)), min(len(one), len(other))
    if shared >= AT_LEAST and shared > fewer * SHARED:
        yield f"{shared} of {fewer} measured numbers in the training logs stand in both"
