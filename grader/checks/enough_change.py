"""Whether what phase two changed is as much as training changes; for the check `two_phases`.

Two bounds, each below anything that training leaves:

- A weight near 0 has nearer neighbours in float32 than a large one, which a gradient does not know.
  Training moves the small weights of a layer over many such spacings; only adding "the next number" to all
  moves none by more than a few.
- The first step of Adam moves a weight by its rate, whatever the size of the gradient, as long as that is
  well above the epsilon of 1e-8 (Kingma and Ba 2015, section 2.1). Later steps would have to bring every
  single weight back.

Of other optimisers no such bound is known without the gradients, and nothing is said.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from grader.ground.verdict import Finding, error
from grader.reading.logs.starter import Epoch
from grader.workers.messages import Change

ROUNDING = 4  # spacings of float32
SHARE = 0.1  # of the least rate of an epoch
ENOUGH = 1000  # weights: fewer might all come back to where they started
LEARNT = 1e-3  # a training loss below it may leave gradients as small as epsilon
OF_ADAM = ("Adam", "AdamW", "NAdam", "RAdam", "Adamax")
HINT = "let the upper layers learn in phase two, and hand in the tensors of that training"


class Steps(Struct, frozen=True):
    """What the log says of all epochs of phase two: the optimiser and the least rate; else "" and 0."""

    optimizer: str = ""
    rate: float = 0.0


def steps(epochs: Sequence[Epoch]) -> Steps:
    """Nothing where epochs differ in the optimiser, or their losses are not known to be above LEARNT."""
    upper = [each for each in epochs if each.phase == "upper"]
    named = {str(each.optimizer).partition("(")[0].strip() for each in upper}
    rates, losses = (
        [_number(value) for value in values]
        for values in ([each.learning_rate for each in upper], [each.train_loss for each in upper])
    )
    if len(named) != 1 or min(rates) <= 0 or min(losses) < LEARNT:
        return Steps()
    return Steps(next(iter(named)), min(rates))


def judge(weights: Sequence[Change], logged: Steps, path: str) -> Iterator[Finding]:
    """`weights`: the changed ones below the head."""
    if not weights:
        return
    largest = max(each.largest for each in weights)
    if all(0 < each.spacings <= ROUNDING for each in weights):
        yield error(
            "phase two moved no weight below the head by more than"
            f" {max(each.spacings for each in weights):.0f} units in the last place, which is the size of a"
            " rounding error: nothing was learnt there",
            path,
            HINT,
        )
    elif (
        logged.optimizer in OF_ADAM
        and sum(each.size for each in weights) >= ENOUGH
        and largest < SHARE * logged.rate
    ):
        yield error(
            f"the log says {logged.optimizer} with a rate of at least {logged.rate:.3g} in phase two, but no"
            f" weight below the head moved by more than {largest:.3g}: one step moves them by about the rate",
            path,
            HINT,
        )


def _number(value: Any) -> float:
    """0 where the log has no such number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else 0.0
