"""What training changes at least: by the spacing of numbers, and by the rate of Adam."""

import pytest

from grader.checks import enough_change
from grader.checks.enough_change import Steps
from grader.reading.logs.starter import Epoch
from grader.workers.messages import Change


def change(largest: float, spacings: float, size: int = 2000) -> Change:
    return Change("layer4.0.conv1.weight", False, False, largest, size, spacings)


@pytest.mark.parametrize(
    ("changes", "logged", "said"),
    [
        ((), Steps("AdamW", 1e-3), None),
        ((change(1e-9, 1),), Steps(), "units in the last place"),
        ((change(1e-9, 1), change(1e-8, 5)), Steps(), None),  # one tensor moved farther
        ((change(1e-9, 0),), Steps(), None),  # evidence in which spacings were not counted
        ((change(9e-5, 900),), Steps("AdamW", 1e-3), "a rate of at least 0.001"),  # a tenth is 1e-4
        ((change(1.1e-4, 900),), Steps("AdamW", 1e-3), None),
        ((change(9e-5, 900),), Steps("SGD", 1e-3), None),
        ((change(9e-5, 900, size=999),), Steps("AdamW", 1e-3), None),  # too few to tell
    ],
)
def test_the_bounds(changes: tuple[Change, ...], logged: Steps, said: str | None) -> None:
    found = list(enough_change.judge(changes, logged, "model.safetensors"))
    assert [each.level for each in found] == (["error"] if said else [])
    assert all(said and said in each.message for each in found)


def epoch(phase: str, optimizer: object, rate: object, loss: object) -> Epoch:
    return Epoch(phase, (), 0.9, loss, rate, optimizer)


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        ([epoch("upper", "AdamW(lr=0.1)", 1e-3, 0.5), epoch("upper", "AdamW(lr=0.1)", 1e-4, 0.4)],
         Steps("AdamW", 1e-4)),
        ([epoch("head", "SGD", 0.1, 0.5), epoch("upper", "AdamW", 1e-3, 0.5)], Steps("AdamW", 1e-3)),
        ([epoch("upper", "AdamW", 1e-3, 0.5), epoch("upper", "SGD", 1e-3, 0.5)], Steps()),
        ([epoch("upper", "AdamW", 1e-3, 1e-6)], Steps()),  # gradients may be as small as epsilon
        ([epoch("upper", "AdamW", None, 0.5)], Steps()),
        ([epoch("upper", "AdamW", {"lr": 1}, 0.5)], Steps()),
        ([epoch("upper", "AdamW", 1e-3, None)], Steps()),
        ([epoch("head", "AdamW", 1e-3, 0.5)], Steps()),
        ([], Steps()),
    ],
)  # fmt: skip
def test_what_the_log_says_of_all_epochs_of_phase_two(epochs: list[Epoch], expected: Steps) -> None:
    assert enough_change.steps(epochs) == expected
