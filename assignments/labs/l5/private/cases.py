"""What lab 5 is tested on: what is certain exactly, what is left to chance by counts over many calls.

Each count is of n independent draws that come out with probability q. By Chernoff, the chance that their
share is further off than z = sqrt(2 n KL(share | q)), to one side or the other, is at most 2 exp(-z^2 / 2):
as in a normal distribution, but for any n. There are 43 such counts, and z may be up to 6.5, so that a right
solution fails with a probability below 43 * 2 exp(-6.5^2 / 2) < 1e-7.
"""

import functools
import math

import numpy as np

from grader.workers.examining import Case, Off

CALLS = 60
SEED = "is a seed set inside the function? then each call draws the same; set it once, outside, if at all"
SCATTER = "each number draws on its own: how many there are is left to chance, neither chosen nor shared"


def counted(name, found, q, looks=""):
    """How far the share of `found`, of independent draws of probability q, is from q."""
    share = found.mean()
    parts = ((share, q), (1 - share, 1 - q))
    apart = sum(one * math.log(one / other) for one, other in parts if one > 0)
    return Off(name, math.sqrt(2 * found.size * max(0.0, apart)), "sigmas", looks)


def near(counts, n, p):
    """Which counts of n draws are within half a standard deviation of the mean, and how probable that is."""
    half = max(0.5, math.sqrt(n * p * (1 - p)) / 2)
    inside = range(math.ceil(n * p - half), math.floor(n * p + half) + 1)
    return np.isin(counts, inside), sum(binomial(k, n, p) for k in inside)


@functools.cache
def binomial(k, n, p):
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(p) + (n - k) * math.log(1 - p))


def alike(one):
    return SEED if one == "call" else f"does one {one} draw on its own, or do several share what was drawn?"


def draws(what, found, p, axes):
    """Whether all of `found` are independent draws; `axes` are what its axes are called.

    Neighbours differ with probability 2 p (1 - p), where each stands in one pair only. Sums along an axis,
    and of all that has one place on it, are near their mean as often as those of a binomial distribution.
    """
    yield counted(f"share of {what}", found, p)
    for axis, one in enumerate(axes):
        pairs = np.moveaxis(found, axis, 0)
        pairs = pairs[: len(pairs) // 2 * 2]
        changes = pairs[::2] != pairs[1::2]
        yield counted(f"changes from {one} to {one} in the {what}", changes, 2 * p * (1 - p), alike(one))
        along = np.moveaxis(found, axis, 0).reshape(found.shape[axis], -1)
        for sums, n in ((along.sum(axis=0), len(along)), (along.sum(axis=1), along.shape[1])):
            yield counted(f"scatter of the number of {what}, {one} by {one}", *near(sums, n, p), SCATTER)


def certain(name, apart):
    return Off(name, float(np.abs(apart).max()))


def of_dropout(arguments, found):
    x, p = arguments["x"], arguments["p"]
    require(found, x.shape)
    dropped = found == 0
    yield certain("kept numbers of y", np.where(dropped, 0, found - x / (1 - p)))
    yield from draws("zeros in y", dropped, p, ("call", "row", "column"))


def of_zoneout(arguments, found):
    previous, new, p = arguments["previous"], arguments["new"], arguments["p"]
    require(found, new.shape)
    kept = found == previous
    yield certain("what in h is neither previous nor new", np.where(kept, 0, found - new))
    yield from draws("previous in h", kept, p, ("call", "row", "column"))


def of_masks(arguments, found):
    steps, batch, hidden, p = (arguments[name] for name in ("steps", "batch", "hidden", "p"))
    require(found, (steps, batch, hidden))
    dropped = found == 0
    yield certain("kept numbers of masks", np.where(dropped, 0, found - 1 / (1 - p)))
    if arguments["variational"]:
        yield Off("masks of different steps", float((dropped[:, 1:] != dropped[:, :-1]).mean()))
        yield from draws("zeros in masks", dropped[:, 0], p, ("call", "sequence", "unit"))
    else:
        yield from draws("zeros in masks", dropped, p, ("call", "step", "sequence", "unit"))


def require(found, shape):
    if found.shape[1:] != shape:
        raise ValueError(f"expected {shape}")


def cases(rng, reference):
    p = 0.3
    x = rng.normal(size=(20, 24))
    given = {"x": x, "p": p, "training": True}
    chance = {"times": CALLS, "label": f"training, {CALLS} calls"}
    yield Case(function="dropout", arguments=given, results=["y"], judged=of_dropout, **chance)
    for label, few, probability, training in (
        ("evaluation", x[:4], p, False),
        ("evaluation, three axes", x.reshape(4, 5, 24), p, False),
        ("p = 0 in training, one axis", x[0], 0.0, True),
        ("p = 0 in training, three axes", x.reshape(4, 5, 24), 0.0, True),
    ):
        given = {"x": few, "p": probability, "training": training}
        yield Case(function="dropout", label=label, arguments=given, results=["y"])
    for variational, label in ((True, "one mask for all steps"), (False, "a mask for each step")):
        given = {"steps": 6, "batch": 8, "hidden": 12, "p": p, "variational": variational}
        chance["label"] = f"{label}, {CALLS} calls"
        yield Case(function="recurrent_masks", arguments=given, results=["masks"], judged=of_masks, **chance)
    given = {"steps": 3, "batch": 2, "hidden": 4, "p": 0.0, "variational": True}
    yield Case(function="recurrent_masks", label="p = 0", arguments=given, results=["masks"])
    states = {"previous": rng.normal(size=(20, 24)), "new": rng.normal(size=(20, 24))}
    given = {**states, "p": p, "training": True}
    chance["label"] = f"training, {CALLS} calls"
    yield Case(function="zoneout", arguments=given, results=["h"], judged=of_zoneout, **chance)
    for label, probability, training in (
        ("evaluation", p, False),
        ("p = 0 in training", 0.0, True),
        ("p = 1 in training", 1.0, True),
    ):
        few = {name: values[:3] for name, values in states.items()}
        given = {**few, "p": probability, "training": training}
        yield Case(function="zoneout", label=label, arguments=given, results=["h"])
