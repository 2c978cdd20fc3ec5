"""k/n and agreement of printed shares, against values from hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reading.logs import exact


@pytest.mark.parametrize(
    ("printed", "images"),
    [("0.9941", 3750), ("0.0074", 1478), ("0.975", 200), ("0.94118", 17), ("0.9411", 17), ("0.9412", 17)],
)
def test_shares_that_are_possible(printed: str, images: int) -> None:
    # 3728/3750 = 0.99413, 11/1478 = 0.00744, 195/200, 16/17 = 0.941176 rounded and truncated
    assert exact.is_share_of(printed, False, images)


@pytest.mark.parametrize(("printed", "images"), [("0.973", 200), ("0.942", 17), ("0.9933", 200), ("0.51", 3)])
def test_shares_that_are_not(printed: str, images: int) -> None:
    assert not exact.is_share_of(printed, False, images)


def test_percent_and_32_bit_noise() -> None:
    assert exact.is_share_of("97.5", True, 200)
    assert not exact.is_share_of("97.3", True, 200)
    assert exact.is_share_of("0.9409999847412109", False, 1000)  # 941/1000 as a 32-bit float


def test_truncated_and_rounded_claims_agree() -> None:
    assert exact.agree(("0.9411", False), ("0.94118", False))
    assert exact.agree(("0.9409", False), ("0.9410", False))
    assert exact.agree(("94", True), ("0.9409999847412109", False))
    assert not exact.agree(("0.9933", False), ("0.50", False))
    assert not exact.agree(("0.96", False), ("0.98", False))


@given(st.integers(1, 5000), st.data(), st.integers(1, 6), st.booleans())
def test_every_printed_share_is_possible(
    images: int, data: st.DataObject, digits: int, percent: bool
) -> None:
    k = data.draw(st.integers(0, images))
    printed = f"{(100 if percent else 1) * k / images:.{digits}f}"
    assert exact.is_share_of(printed, percent, images)
