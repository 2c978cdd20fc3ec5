"""Lab 5: the same draws applied by hand, and moments within five standard errors. Seeds are fixed."""

import math
from typing import Any

import numpy as np
import pytest

from grader.workers import exams
from tests.running.labs.conftest import LABS, check
from tests.running.labs.references.conftest import load

l5 = load("l5")

probabilities = pytest.mark.parametrize("p", [0.1, 0.5, 0.8])


@pytest.fixture(autouse=True, params=range(3), ids="seed {}".format)
def seed(request: pytest.FixtureRequest) -> int:
    """Of `np.random`, which the reference draws with."""
    number = int(request.param)
    np.random.seed(number)
    return number


def about(draws: Any, expected: float, variance: float) -> None:
    """The mean of independent draws."""
    assert abs(np.mean(draws) - expected) <= 5 * math.sqrt(variance / np.size(draws))


@probabilities
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 4), (2, 3, 5)])
def test_dropout_is_a_mask(seed: int, p: float, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(seed).normal(size=shape)
    np.random.seed(seed)
    mask = l5.dropout(x=np.ones(shape), p=p, training=True)
    np.random.seed(seed)
    np.testing.assert_allclose(l5.dropout(x=x, p=p, training=True), x * mask, rtol=1e-14)
    assert set(np.unique(mask)) <= {0, 1 / (1 - p)}
    assert l5.dropout(x=x, p=p, training=False).tolist() == x.tolist()
    assert l5.dropout(x=x, p=0.0, training=True).tolist() == x.tolist()


@probabilities
def test_moments_of_dropout(p: float) -> None:
    """A kept number is 1 / (1 - p), so the mean is 1 and the variance 1 / (1 - p) - 1."""
    mask = l5.dropout(x=np.ones((200, 100)), p=p, training=True)
    about(mask, 1, p / (1 - p))
    about(mask == 0, p, p * (1 - p))
    independent(mask[1:], mask[:-1], p)
    independent(mask[:, 1:], mask[:, :-1], p)


def independent(some: Any, others: Any, p: float) -> None:
    """Both are zero as often as independent draws are."""
    about((some == 0) & (others == 0), p**2, p**2 * (1 - p**2) * 3)  # neighbouring pairs share a number


@probabilities
def test_recurrent_masks(p: float) -> None:
    sizes = {"steps": 20, "batch": 40, "hidden": 30, "p": p}
    once = l5.recurrent_masks(**sizes, variational=True)
    every = l5.recurrent_masks(**sizes, variational=False)
    assert once.shape == every.shape == (20, 40, 30)
    assert (once == once[0]).all()
    for mask in (once[0], every):
        assert set(np.unique(mask)) == {0, 1 / (1 - p)}
        about(mask, 1, p / (1 - p))
        independent(mask[..., 1:], mask[..., :-1], p)
        independent(mask[..., 1:, :], mask[..., :-1, :], p)
    independent(every[1:], every[:-1], p)


def test_the_smallest_masks() -> None:
    for variational in (True, False):
        sizes = {"steps": 1, "batch": 1, "hidden": 1}
        assert l5.recurrent_masks(**sizes, p=0.0, variational=variational).tolist() == [[[1]]]


@probabilities
@pytest.mark.parametrize("shape", [(1, 1), (4, 3)])
def test_zoneout_is_a_choice(seed: int, p: float, shape: tuple[int, int]) -> None:
    previous, new = np.random.default_rng(seed).normal(size=(2, *shape))
    np.random.seed(seed)
    kept = l5.zoneout(previous=np.ones(shape), new=np.zeros(shape), p=p, training=True)
    np.random.seed(seed)
    h = l5.zoneout(previous=previous, new=new, p=p, training=True)
    assert h.tolist() == (kept * previous + (1 - kept) * new).tolist()
    assert l5.zoneout(previous=previous, new=new, p=0.0, training=True).tolist() == new.tolist()
    assert l5.zoneout(previous=previous, new=new, p=1.0, training=True).tolist() == previous.tolist()


@probabilities
def test_evaluation_is_the_mean_of_zoneout(p: float) -> None:
    """previous = 2 and new = -1: the mean is 2p - (1 - p) = 3p - 1, the variance 9 p (1 - p)."""
    states = {"previous": np.full((200, 100), 2.0), "new": np.full((200, 100), -1.0), "p": p}
    np.testing.assert_allclose(l5.zoneout(**states, training=False), 3 * p - 1, atol=1e-15)
    h = l5.zoneout(**states, training=True)
    about(h, 3 * p - 1, 9 * p * (1 - p))
    about(h == 2, p, p * (1 - p))


def test_a_right_solution_fails_less_than_once_in_a_million() -> None:
    """The bound that cases.py states, beside exact tails; and how many such counts there are."""
    space: dict[str, Any] = {}
    exec((LABS / "l5/private/cases.py").read_text(), space)
    for n, q in ((7, 0.3), (60, 0.42), (200, 0.25)):
        exact = [math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(n + 1)]
        far = [space["counted"]("", np.arange(n) < k, q).far for k in range(n + 1)]
        for limit in (0.5, 1.0, 2.0, 4.0, 6.5):
            tails = sum(each for each, z in zip(exact, far, strict=True) if z > limit)
            assert tails <= 2 * math.exp(-(limit**2) / 2)
        inside, probable = space["near"](np.arange(n + 1), n, q)
        assert probable == pytest.approx(sum(np.array(exact)[inside]), rel=1e-9)

    loaded = exams.loaded(check("l5").exam, 1)
    chances = [
        each
        for case in loaded.cases
        if case.judged
        for each in case.judged(case.arguments, np.stack(exams.call(loaded.reference, case, 0)))
        if each.unit == "sigmas"
    ]
    assert len(chances) * 2 * math.exp(-(check("l5").sigmas ** 2) / 2) < 1e-6
