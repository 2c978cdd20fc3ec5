"""Slips of the hand: one number that was typed wrong among right ones."""

from grader.reading.preprocessing.affine import Affine

SAME = 0.001  # two numbers closer than this were meant to be the same


def of_values(found: Affine, wanted: Affine) -> str:
    """One wrong number among the six of mean and std, with the right one; "" for anything else."""
    if found.order != wanted.order:
        return ""
    pairs = [*zip(found.mean, wanted.mean, strict=True), *zip(found.std, wanted.std, strict=True)]
    wrong = [(is_, meant) for is_, meant in pairs if abs(is_ - meant) > SAME]
    if len(wrong) != 1:
        return ""
    return f"{wrong[0][0]:.4g} for {wrong[0][1]:.4g}, a typing mistake?"


def is_typo(found: int, wanted: int) -> bool:
    """One digit, and not the first, is another one: 244 for 224."""
    one, other = str(found), str(wanted)
    differing = [at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return len(one) == len(other) > 2 and len(differing) == 1 and differing[0] > 0
