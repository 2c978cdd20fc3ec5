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


def at_least(right: int, total: int, rate: float) -> float:
    """The probability of `right` or more of `total`, each with the chance `rate`: the exact binomial test."""
    return math.fsum(
        math.comb(total, k) * rate**k * (1 - rate) ** (total - k) for k in range(right, total + 1)
    )


def as_few(right: int, total: int, other_right: int, other_total: int) -> float:
    """The probability of `right` or fewer if both groups share one rate: Fisher's exact test, one-sided."""
    both, everything = right + other_right, total + other_total
    ways = sum(math.comb(total, k) * math.comb(other_total, both - k) for k in range(min(right, both) + 1))
    return ways / math.comb(everything, both)
