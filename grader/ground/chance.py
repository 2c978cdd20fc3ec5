"""What chance explains: intervals and exact tests on counts. Pure arithmetic, no package needed."""

import math

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


def better_on_others(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The same for two shares (right, total) of which nothing more is known: R. A. Fisher's exact test
    (1935), one-sided.
    """
    (right, total), (others_right, others_total) = one, other
    all_right = right + others_right
    ways = sum(
        math.comb(total, k) * math.comb(others_total, all_right - k)
        for k in range(right, min(total, all_right) + 1)
    )
    return ways / math.comb(total + others_total, all_right)


def _log_binomial(k: int, total: int, rate: float) -> float:
    """The logarithm of the probability of exactly `k`: the ways to choose them are too many for a float."""
    ways = math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
    return ways + k * math.log(rate) + (total - k) * math.log1p(-rate)
