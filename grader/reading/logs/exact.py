"""Exact arithmetic on printed shares: which are k/n, and which agree."""

import math
from decimal import Decimal
from fractions import Fraction

# Shares are often computed with 32-bit floats: seven digits are right, the others are noise.
FLOAT32 = Fraction(1, 10**7)


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
