"""Exact arithmetic on printed shares: which are k/n, which agree, and Fisher's exact test."""

import math
from decimal import Decimal
from fractions import Fraction

# Shares are often computed with 32-bit floats: seven digits are right, the others are noise.
FLOAT32 = Fraction(1, 10**7)
MOST_IMAGES = 1_000_000


def share(printed: str, percent: bool) -> tuple[Fraction, Fraction]:
    """The share that was printed, and one unit of its last digit, both as fractions of 1."""
    number = Decimal(printed.replace(",", "."))
    exponent = number.as_tuple().exponent
    whole = 100 if percent else 1
    unit = Fraction(10) ** (exponent if isinstance(exponent, int) else 0)
    return Fraction(number) / whole, max(unit / whole, FLOAT32)


def is_share_of(printed: str, percent: bool, images: int) -> bool:
    """Some k of `images` gives the printed share: rounded, it is half a unit of the last digit off at most,
    truncated, it is one unit too small at most.
    """
    value, unit = share(printed, percent)
    return math.ceil((value - unit / 2) * images) <= math.floor((value + unit) * images)


def agree(first: tuple[str, bool], second: tuple[str, bool]) -> bool:
    """Two printed shares can be the same number: at most one unit of the coarser one's last digit apart."""
    one, its_unit = share(*first)
    other, other_unit = share(*second)
    return abs(one - other) <= max(its_unit, other_unit)


def fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Two-sided p of Fisher's exact test that k1 of n1 and k2 of n2 have the same rate.

    The sum of the probabilities of all tables with the same margins that are no likelier than this one
    (R. A. Fisher, 1935; the definition that R's fisher.test and SciPy use).
    """
    (k1, n1), (k2, n2) = first, second
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2 and n1 + n2 <= 2 * MOST_IMAGES):
        raise ValueError(f"{k1} of {n1} and {k2} of {n2} are no two counts")
    right = k1 + k2
    lowest, highest = max(0, right - n2), min(n1, right)
    logs = [
        _choose(n1, k) + _choose(n2, right - k) - _choose(n1 + n2, right) for k in range(lowest, highest + 1)
    ]
    observed = logs[k1 - lowest] + 1e-7  # equal tables differ in the last bits
    return min(1.0, math.fsum(math.exp(log) for log in logs if log <= observed))


def _choose(n: int, k: int) -> float:
    """The logarithm of n over k."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
