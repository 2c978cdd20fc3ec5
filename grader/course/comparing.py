"""Compares the saved evidence of a class: whose training, logs or images are those of somebody else?

What is found is for the instructor, who looks at both. Nothing here changes a point.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import msgspec
from msgspec import Struct

from grader.checks.fingerprints import Fingerprints
from grader.checks.integrity import Integrity
from grader.ground.verdict import Evidence, Measured

ALIKE = 0.95  # cosine; a copy with noise or some more epochs has 0.97, other students 0.55 to 0.81


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


def _product(one: float, other: float) -> float:
    return one * other


def _in_common(one: Fingerprints, other: Fingerprints) -> Iterator[str]:
    alike = cosine(one.sketch, other.sketch)
    if alike >= ALIKE:
        yield f"the training changed the network in the same way: cosine {alike:.3f}, at least {ALIKE}"
    same: tuple[tuple[str, Callable[[Fingerprints], str]], ...] = (
        ("the measured numbers in the training logs are the same", lambda each: each.logs),
        ("the listed images and their splits are the same", lambda each: each.manifest),
    )
    for what, of in same:
        if of(one) and of(one) == of(other):
            yield what
