"""What chance explains: intervals and exact tests on counts. Pure arithmetic, no package needed."""

import math
from typing import Literal

MOST = 1_000_000  # images, or whatever is counted
Z = 1.959964  # 95 % of a normal distribution lie within this many standard deviations


def interval(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, 1927)."""
    share = right / total
    middle = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z / (1 + Z**2 / total) * math.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def in_words(right: int, total: int) -> str:
    """`195/200 = 0.9750 (95 % interval 0.943 to 0.989)`"""
    if not total:
        return "no image"
    low, high = interval(right, total)
    return f"{right}/{total} = {right / total:.4f} (95 % interval {low:.3f} to {high:.3f})"


def gap(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares (right, total): R. G. Newcombe, 1998."""
    (first, low, high), (second, lower, higher) = (
        (right / total, *interval(right, total)) for right, total in (one, other)
    )
    difference = first - second
    return (
        difference - math.hypot(first - low, higher - second),
        difference + math.hypot(high - first, second - lower),
    )


def at_least(right: int, total: int, rate: float) -> float:
    """The probability of `right` or more of `total`, each with the chance `rate`: the exact binomial test."""
    if rate in (0.0, 1.0):
        return float(rate == 1.0 or right == 0)
    return math.fsum(math.exp(_log_binomial(k, total, rate)) for k in range(right, total + 1))


def better_on_the_same(only_one: int, only_other: int) -> float:
    """The probability that, of two equally good answers to the same questions, one does that much better.

    `only_one` questions it alone got right, `only_other` the other alone: the exact one-sided test of
    Q. McNemar (1947).
    """
    discordant = only_one + only_other
    return sum(math.comb(discordant, k) for k in range(only_one, discordant + 1)) / (1 << discordant)


def fisher(one: tuple[int, int], other: tuple[int, int], *, sided: Literal[1, 2] = 2) -> float:
    """The p of R. A. Fisher's exact test (1935) that k1 of n1 and k2 of n2 have the same rate.

    One-sided: the probability of all tables with the same margins in which the first has k1 or more.
    Two-sided: of all that are no likelier than this one, as R's fisher.test and SciPy define it.

    Raises:
        ValueError: a number is no count, or they are together more than 2 * MOST.
    """
    (k1, n1), (k2, n2) = one, other
    if not (0 <= k1 <= n1 and 0 <= k2 <= n2 and n1 + n2 <= 2 * MOST):
        raise ValueError(f"{k1} of {n1} and {k2} of {n2} are no two counts")
    both = k1 + k2
    all_ways = _log_ways(n1 + n2, both)
    logs = {
        k: _log_ways(n1, k) + _log_ways(n2, both - k) - all_ways
        for k in range(max(0, both - n2), min(n1, both) + 1)
    }
    most = logs[k1] + 1e-7  # equal tables differ in the last bits
    told = (log for k, log in logs.items() if (log <= most if sided == 2 else k >= k1))
    return min(1.0, math.fsum(math.exp(log) for log in told))


def _log_binomial(k: int, total: int, rate: float) -> float:
    """The logarithm of the probability of exactly `k`."""
    return _log_ways(total, k) + k * math.log(rate) + (total - k) * math.log1p(-rate)


def _log_ways(n: int, k: int) -> float:
    """The logarithm of n over k: the number itself is too large for a float."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
