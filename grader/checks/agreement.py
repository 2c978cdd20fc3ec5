"""When two lists of predictions for the same images agree: the rule that `accuracy` and `predict` share."""

import math
from collections.abc import Sequence

from msgspec import Struct


class Agreement(Struct, frozen=True):
    """`differing` of `compared` predictions differ, `allowed` may; `clear` are beyond the margin `limit`."""

    compared: int
    differing: int
    allowed: int
    clear: int
    limit: float

    @property
    def holds(self) -> bool:
        return self.differing <= self.allowed and not self.clear

    @property
    def in_words(self) -> str:
        """Of two lists that agree, with all numbers that decided."""
        return (
            f"{self.differing} of {self.compared} predictions differ; at most {self.allowed} may,"
            f" each with a logit margin up to {self.limit:g}"
        )


def rule(margins: Sequence[float], compared: int, share: float, limit: float) -> Agreement:
    """`margins` are the logit margins of the images on which the two differ.

    At most `share` of all images may differ, and only where the two largest logits are within `limit`.
    """
    allowed = math.floor(share * compared + 1e-9)
    return Agreement(compared, len(margins), allowed, sum(margin > limit for margin in margins), limit)
