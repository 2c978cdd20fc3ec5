"""What the training wrote into its log."""

import json

import pytest

from grader.reading.preprocessing.pipelines import Chain
from grader.reading.preprocessing.run_record import is_mixed, recorded
from tests.conftest import CONTRACT, Make

LOG = ("logs/train.jsonl",)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def record(**values: object) -> str:
    full = {"mean": MEAN, "std": STD, "resize": 256, "crop": 224, "interpolation": "bilinear", **values}
    return json.dumps({"event": "run", "preprocessing": full})


def test_the_record_of_the_log(submit: Make) -> None:
    """White through ImageNet's mean and std, by hand: (1 - 0.485) / 0.229 = 2.2489."""
    found = recorded(submit({LOG[0]: f'not json\n{record()}\n{{"event": "epoch"}}\n'}), LOG)
    assert isinstance(found, Chain) and found.values
    assert (found.where, found.resize, found.crop, found.interpolation) == (
        "logs/train.jsonl:2", 256, 224, "bilinear",
    )  # fmt: skip
    assert found.values.apply((255, 255, 255)) == pytest.approx((2.24891, 2.42857, 2.64), abs=1e-5)


def test_means_are_in_the_order_of_the_colours(submit: Make) -> None:
    """Keras' mode `caffe`: blue first, and 103.939 of 255 taken from it."""
    log = record(mean=(0.4076, 0.4580, 0.4850), std=(1 / 255, 1 / 255, 1 / 255), order="bgr")
    found = recorded(submit({LOG[0]: log}), LOG)
    assert found and found.values
    assert found.values.apply((10, 20, 255)) == pytest.approx((151.062, -96.79, -113.675), abs=0.01)
    assert recorded(submit({LOG[0]: record(order="brg")}), LOG) is None


def test_half_precision_is_declared_in_the_line_run(submit: Make) -> None:
    for line, mixed in (('{"event": "run", "precision": "mixed"}', True), (record(), False), ("{}", False)):
        assert is_mixed(submit({LOG[0]: line}), LOG) is mixed


@pytest.mark.parametrize(
    "log",
    ["", "[]", "{}", '{"event": "run"}', '{"event": "run", "preprocessing": 5}', "[" * 100_000,
     record(mean="x"), record(mean=[1, 2]), record(resize="big"), record(std=[0, 1, 1]),
     "\n" * 100 + record()],
)  # fmt: skip
def test_logs_without_a_record(log: str, submit: Make) -> None:
    assert recorded(submit({LOG[0]: log}), LOG) is None
    assert recorded(submit({"submission.toml": CONTRACT}), LOG) is None


def test_the_record_of_the_last_training_counts(submit: Make) -> None:
    """As everywhere: a second training that was appended to the log is the one that made the weights."""
    found = recorded(submit({LOG[0]: f"{record(crop=192)}\n{record(crop=224)}\n"}), LOG)
    assert found is not None and (found.where, found.crop) == ("logs/train.jsonl:2", 224)
