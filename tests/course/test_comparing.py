"""How much two lists of images have in common, from samples of them."""

import hashlib

import pytest

from grader.course import comparing


def least(numbers: range) -> tuple[str, ...]:
    """The 64 least digests, as a submission's evidence keeps them."""
    return tuple(sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in numbers)[:64])


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (range(1200), range(1200), 1.0),
        (range(1200), range(1200, 2400), 0.0),
        (range(1200), range(600, 1800), 1 / 3),  # 600 of 1,800
        (range(1200), range(300), 1 / 4),
    ],
)
def test_the_share_of_images_in_common(one: range, other: range, share: float) -> None:
    """Three standard deviations of a sample of 64: at most 0.18."""
    assert comparing.overlap(least(one), least(other)) == pytest.approx(share, abs=0.18)


def test_two_empty_lists_have_nothing_in_common() -> None:
    assert comparing.overlap((), ()) == 0
