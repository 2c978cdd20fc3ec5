"""What lab 5 is tested on: what is certain exactly, what is left to chance within standard deviations."""

import math

import numpy as np

from grader.workers.examining import Case, Off


def share(name, found, p):
    """How far the share of `found` is from p, in standard deviations of a binomial distribution."""
    return Off(name, abs(found.mean() - p) / math.sqrt(p * (1 - p) / found.size), "sigmas")


def rows(name, found, p):
    """Whether rows are drawn number by number: the variance of their sums is that of independent draws."""
    sums = found.sum(axis=-1).reshape(-1)
    expected = found.shape[-1] * p * (1 - p)
    ratio = sums.var() / expected
    return Off(name, abs(ratio - 1) / math.sqrt(2 / len(sums)), "sigmas")


def certain(name, apart):
    return Off(name, float(np.abs(apart).max()))


def of_dropout(arguments, found):
    x, p = arguments["x"], arguments["p"]
    require(found, x.shape)
    dropped = found == 0
    yield certain("kept numbers of y", np.where(dropped, 0, found - x / (1 - p)))
    yield share("share of zeros in y", dropped, p)
    yield rows("number of zeros in a row of y", dropped, p)


def of_zoneout(arguments, found):
    previous, new, p = arguments["previous"], arguments["new"], arguments["p"]
    require(found, new.shape)
    kept = found == previous
    yield certain("what in h is neither previous nor new", np.where(kept, 0, found - new))
    yield share("share of previous in h", kept, p)
    yield rows("number of previous in a row of h", kept, p)


def of_masks(arguments, found):
    steps, batch, hidden, p = (arguments[name] for name in ("steps", "batch", "hidden", "p"))
    require(found, (steps, batch, hidden))
    dropped = found == 0
    yield certain("kept numbers of masks", np.where(dropped, 0, found - 1 / (1 - p)))
    changes = (dropped[1:] != dropped[:-1]).mean()
    if arguments["variational"]:
        yield Off("masks of different steps", float(changes))
        yield share("share of zeros in masks", dropped[0], p)
        yield rows("number of zeros in a row of masks", dropped[0], p)
    else:
        changed = dropped[1:] != dropped[:-1]
        yield share("numbers that change from step to step in masks", changed, 2 * p * (1 - p))
        yield share("share of zeros in masks", dropped, p)
        yield rows("number of zeros in a row of masks", dropped, p)


def require(found, shape):
    if found.shape != shape:
        raise ValueError(f"expected {shape}")


def cases(rng, reference):
    p = 0.3
    x = rng.normal(size=(400, 50))
    given = {"x": x, "p": p, "training": True}
    yield Case(function="dropout", label="training", arguments=given, results=["y"], judged=of_dropout)
    given = {"x": x.reshape(40, 10, 50), "p": p, "training": True}
    label = "training, three axes"
    yield Case(function="dropout", label=label, arguments=given, results=["y"], judged=of_dropout)
    for label, few, probability, training in (
        ("evaluation", x[:4], p, False),
        ("p = 0 in training, one axis", x[0], 0.0, True),
    ):
        given = {"x": few, "p": probability, "training": training}
        yield Case(function="dropout", label=label, arguments=given, results=["y"])
    for variational, steps, batch in ((True, 4, 400), (False, 9, 100)):
        given = {"steps": steps, "batch": batch, "hidden": 50, "p": p, "variational": variational}
        label = "one mask for all steps" if variational else "a mask for each step"
        yield Case(
            function="recurrent_masks", label=label, arguments=given, results=["masks"], judged=of_masks
        )
    given = {"steps": 3, "batch": 2, "hidden": 4, "p": 0.0, "variational": True}
    yield Case(function="recurrent_masks", label="p = 0", arguments=given, results=["masks"])
    states = {"previous": rng.normal(size=(400, 50)), "new": rng.normal(size=(400, 50))}
    given = {**states, "p": p, "training": True}
    yield Case(function="zoneout", label="training", arguments=given, results=["h"], judged=of_zoneout)
    for label, probability, training in (
        ("evaluation", p, False),
        ("p = 0 in training", 0.0, True),
        ("p = 1 in training", 1.0, True),
    ):
        few = {name: values[:3] for name, values in states.items()}
        given = {**few, "p": probability, "training": training}
        yield Case(function="zoneout", label=label, arguments=given, results=["h"])
