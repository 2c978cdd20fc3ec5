"""The check `two_phases`: evidence made by hand, and the findings it has to give."""

import pytest
from msgspec.structs import replace

from grader.checks.two_phases import Logged, Tensors, TwoPhases, TwoPhasesMeasured
from grader.ground.errors import NotMeasured
from grader.workers.messages import Change

HEAD = (Change("fc.weight", True, False, 0.3), Change("fc.bias", True, False, 0.01))
UPPER = tuple(Change(f"layer4.0.conv{number}.weight", False, False, 0.01) for number in (1, 2))
LOWER = Change("layer1.0.conv1.weight", False, False, 0.02)
DRIFT = Change("bn1.running_mean", False, True, 0.1)
RIGHT = TwoPhasesMeasured(
    phase_one=Tensors("head.safetensors", HEAD, (), (), kept=60),
    final=Tensors("model.safetensors", HEAD, UPPER, (Change("layer4.bn1.running_var", False, True, 1),), 58),
    declared_upper=None,
    logged=Logged(("layer4",), 0.9, 200),
    right=176,
    tested=200,
    blind=0.5,
)


def errors(measured: TwoPhasesMeasured) -> list[tuple[str, str]]:
    return [(each.message, each.where) for each in TwoPhases().judge(measured) if each.level == "error"]


def warnings(measured: TwoPhasesMeasured) -> list[str]:
    return [each.message for each in TwoPhases().judge(measured) if each.level == "warning"]


def one(**changes: object) -> TwoPhasesMeasured:
    return replace(RIGHT, phase_one=replace(RIGHT.phase_one, **changes))


def final(**changes: object) -> TwoPhasesMeasured:
    return replace(RIGHT, final=replace(RIGHT.final, **changes))


def test_two_honest_phases_pass() -> None:
    (found,) = TwoPhases().judge(RIGHT)
    assert (found.level, found.message) == (
        "note",
        "phase one changed 2 tensors of the head, phase two 2 weights below it; 58 stayed as published",
    )


@pytest.mark.parametrize(
    ("measured", "message", "where"),
    [
        (one(weights=(UPPER[0], LOWER)),
         "phase one changed layer1.0.conv1.weight and 1 more (largest change 0.02) below the head",
         "head.safetensors"),
        (one(head=(Change("fc.weight", True, False, 0.0), Change("fc.bias", True, False, 0.0))),
         "the head was never trained in phase one: all its values are 0", "head.safetensors"),
        (final(weights=()), "phase two trained nothing but the head: no weight below it changed",
         "model.safetensors"),
        (final(kept=0), "no layer stayed frozen: every weight differs from the published one",
         "model.safetensors"),
        (final(weights=(*UPPER, LOWER)),
         "layer1.0.conv1.weight (largest change 0.02) below the upper layers changed", "model.safetensors"),
        (replace(final(weights=(*UPPER, LOWER)), declared_upper=()),  # an empty list does not undo the log
         "layer1.0.conv1.weight (largest change 0.02) below the upper layers changed", "model.safetensors"),
        (replace(RIGHT, declared_upper=("layer4.0.conv1",)),
         "layer4.0.conv2.weight (largest change 0.01) below the upper layers changed", "model.safetensors"),
        (replace(RIGHT, logged=Logged(("layer",), 0.9, 200)),  # a name, not the beginning of one
         "layer4.0.conv1.weight and 1 more (largest change 0.01) below the upper layers changed",
         "model.safetensors"),
        # 104 and 180 of 200: scipy.stats.fisher_exact([[104, 96], [180, 20]]) gives 1.598e-17
        (replace(RIGHT, right=104),
         "the log says 0.9000 after phase one on 200 validation images, the submitted head gets"
         " 104 of 200 test images right: p = 1.6e-17, below 0.001", "head.safetensors"),
        # scipy.stats.binomtest(110, 200, 0.5, "greater") gives 0.0895
        (replace(RIGHT, right=110, logged=Logged(("layer4",))),
         "the head of phase one gets 110 of 200 test images right, as chance would with p = 0.089",
         "head.safetensors"),
    ],
)  # fmt: skip
def test_what_fails(measured: TwoPhasesMeasured, message: str, where: str) -> None:
    assert errors(measured) == [(message, where)]


def test_batchnorm_that_drifted_is_told_apart() -> None:
    drifted = "weights frozen but BatchNorm drifted: bn1.running_mean (largest change 0.1) changed"
    assert (errors(one(statistics=(DRIFT,))), warnings(one(statistics=(DRIFT,)))) == (
        [], [f"{drifted} in phase one"],
    )  # fmt: skip
    assert (errors(final(statistics=(DRIFT,))), warnings(final(statistics=(DRIFT,)))) == ([], [drifted])
    assert warnings(final(weights=(*UPPER, LOWER), statistics=(DRIFT,))) == []


def test_a_hard_task_on_which_log_and_head_agree_is_undecided() -> None:
    with pytest.raises(NotMeasured, match="as chance would with p = 0.089; the log agrees"):
        errors(replace(RIGHT, right=110, logged=Logged(("layer4",), 0.56, 200)))
    # 117 of 200 has p = 0.0097, 116 has 0.0140
    assert errors(replace(RIGHT, right=117, logged=Logged(("layer4",), 0.56, 200))) == []


def test_upper_layers_that_nobody_names_leave_only_what_is_certain() -> None:
    unnamed = replace(final(weights=(*UPPER, LOWER)), logged=Logged((), 0.9, 200))
    assert errors(unnamed) == []
    assert any("says which layers are the upper ones" in each.message for each in TwoPhases().judge(unnamed))


def test_a_head_that_predicted_no_test_image_is_undecided() -> None:
    with pytest.raises(NotMeasured, match="predicted none of the test images"):
        list(TwoPhases().judge(replace(RIGHT, right=0, tested=0, blind=0.0)))
