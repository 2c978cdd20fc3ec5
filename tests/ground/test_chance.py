"""Exact tests against values from hand, from textbooks and from brute force."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.ground import chance


def test_fisher_on_the_lady_tasting_tea() -> None:
    # 3 of 4 against 1 of 4: (16 + 1) * 2 / 70
    assert chance.fisher((3, 4), (1, 4)) == pytest.approx(34 / 70)


def test_fisher_on_accuracies() -> None:
    # 0.97 against 1.00 of 200 images each is no proof; 0.80 against 0.975 is one.
    assert chance.fisher((194, 200), (200, 200)) == pytest.approx(0.0299, abs=1e-3)
    assert chance.fisher((160, 200), (195, 200)) < 1e-7


@given(st.integers(1, 25), st.integers(1, 25), st.data())
def test_fisher_is_the_sum_of_the_tables_that_are_no_likelier(n1: int, n2: int, data: st.DataObject) -> None:
    k1, k2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    ways = {k: comb(n1, k) * comb(n2, k1 + k2 - k) for k in range(min(n1, k1 + k2) + 1) if k1 + k2 - k <= n2}
    expected = sum(way for way in ways.values() if way <= ways[k1]) / comb(n1 + n2, k1 + k2)
    assert chance.fisher((k1, n1), (k2, n2)) == pytest.approx(expected, abs=1e-6)
    better = sum(way for k, way in ways.items() if k >= k1) / comb(n1 + n2, k1 + k2)
    assert chance.fisher((k1, n1), (k2, n2), sided=1) == pytest.approx(better, abs=1e-9)


def test_what_are_no_counts() -> None:
    with pytest.raises(ValueError, match="5 of 4 and 1 of 4 are no two counts"):
        chance.fisher((5, 4), (1, 4))
