"""The check `preprocessing`: evidence made by hand, and the findings it has to give."""

import json

import msgspec
import pytest

from grader import preprocessing
from grader.checks.preprocessing import Preprocessing, PreprocessingMeasured
from grader.errors import NotMeasured, SubmissionError
from grader.preprocessing import Applied, Recorded, Step
from grader.verdict import Finding
from tests.conftest import CONTRACT, Make

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
RECORD = Recorded(
    where="logs/train.jsonl:1", mean=MEAN, std=STD, resize=256, crop=224, interpolation="bilinear"
)
LIBRARY = Step(where="prepare.py:3", library=True)


def step(**values: object) -> Step:
    return Step(where="prepare.py:7", **values)  # type: ignore[arg-type]


def resnet(recorded: Recorded | None, *steps: Step) -> PreprocessingMeasured:
    references = preprocessing.accepted("torchvision", "resnet18", "IMAGENET1K_V1")
    return PreprocessingMeasured("resnet18 IMAGENET1K_V1", references, Applied(recorded, steps))


def lite0(recorded: Recorded | None, *steps: Step) -> PreprocessingMeasured:
    references = preprocessing.accepted("timm", "tf_efficientnet_lite0", "default")
    return PreprocessingMeasured("tf_efficientnet_lite0 default", references, Applied(recorded, steps))


def findings(measured: PreprocessingMeasured) -> list[Finding]:
    return [each for each in Preprocessing().judge(measured) if each.level != "note"]


@pytest.mark.parametrize(
    "measured",
    [
        resnet(RECORD),
        resnet(RECORD, LIBRARY),
        resnet(None, LIBRARY),
        resnet(None, step(mean=MEAN, std=STD)),
        resnet(None, step(mean=(0.4855, 0.456, 0.406)), step(std=STD)),
        resnet(None, step(mean=MEAN, std=STD), step(resize=256), step(crop=224)),
        lite0(None, step(mean=HALF, std=HALF)),
        lite0(None, step(mean=MEAN, std=STD)),
        lite0(msgspec.structs.replace(RECORD, interpolation="bicubic")),
    ],
)
def test_what_passes(measured: PreprocessingMeasured) -> None:
    assert findings(measured) == []


IMAGENET_TEXT = "(0.485, 0.456, 0.406)"


@pytest.mark.parametrize(
    ("measured", "message", "where"),
    [
        (resnet(RECORD, step(mean=HALF, std=STD)),
         f"mean is (0.5, 0.5, 0.5), expected {IMAGENET_TEXT} (resnet18 IMAGENET1K_V1 by torchvision)",
         "prepare.py:7"),
        (resnet(RECORD, step(mean=MEAN, std=(0.229, 0.224, 0.255))),
         "std is (0.229, 0.224, 0.255), expected (0.229, 0.224, 0.225): 0.255 for 0.225, a typing mistake?"
         " (resnet18 IMAGENET1K_V1 by torchvision)", "prepare.py:7"),
        (resnet(RECORD, step(mean=HALF, std=HALF)),
         f"mean is (0.5, 0.5, 0.5), expected {IMAGENET_TEXT}; std is (0.5, 0.5, 0.5), expected"
         " (0.229, 0.224, 0.225) (resnet18 IMAGENET1K_V1 by torchvision)", "prepare.py:7"),
        (resnet(msgspec.structs.replace(RECORD, mean=(0.406, 0.456, 0.485)), LIBRARY),
         f"mean is (0.406, 0.456, 0.485), expected {IMAGENET_TEXT} (resnet18 IMAGENET1K_V1 by torchvision)",
         "logs/train.jsonl:1"),
        # the mean of one source with the std of the other
        (lite0(None, step(mean=MEAN, std=HALF)),
         f"mean is {IMAGENET_TEXT}, expected (0.5, 0.5, 0.5)"
         " (tf_efficientnet_lite0 default by timm, one of 2 accepted)", "prepare.py:7"),
    ],
)  # fmt: skip
def test_what_fails_names_the_place_and_both_values(
    measured: PreprocessingMeasured, message: str, where: str
) -> None:
    (found,) = findings(measured)
    assert (found.level, found.message, found.where) == ("error", message, where)


@pytest.mark.parametrize(
    ("measured", "message", "where"),
    [
        (resnet(msgspec.structs.replace(RECORD, resize=232)),
         "the images are prepared with resize 232, crop 224, interpolation bilinear, resnet18 IMAGENET1K_V1"
         " expects resize 256, crop 224, interpolation bilinear", "logs/train.jsonl:1"),
        (resnet(None, step(mean=MEAN, std=STD), step(crop=299)),
         "crop 299, resnet18 IMAGENET1K_V1 expects crop 224", "prepare.py:7"),
    ],
)  # fmt: skip
def test_another_geometry_is_a_warning(measured: PreprocessingMeasured, message: str, where: str) -> None:
    (found,) = findings(measured)
    assert (found.level, found.message, found.where) == ("warning", message, where)


def test_the_geometry_of_the_record_counts_more_than_that_of_the_code() -> None:
    assert findings(resnet(RECORD, step(resize=300))) == []


def test_nothing_found_decides_nothing() -> None:
    for steps in ((), (step(resize=256),)):
        with pytest.raises(NotMeasured, match="neither a log that records the preprocessing nor code"):
            findings(resnet(None, *steps))


def test_names_that_the_table_does_not_have(submit: Make) -> None:
    edited = CONTRACT.replace("resnet18", "resnet81")
    with pytest.raises(SubmissionError) as trouble:
        Preprocessing().collect(submit({"submission.toml": edited}))
    assert trouble.value.message.startswith(
        "submission.toml: [model] torchvision has no pretrained backbone 'resnet81'; did you mean resnet"
    )
    with pytest.raises(NotMeasured):
        Preprocessing().collect(submit({"submission.toml": CONTRACT.replace("torchvision", "other")}))


def test_collect_survives_as_json(submit: Make) -> None:
    files = {
        "submission.toml": CONTRACT,
        "prepare.py": "Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))\nCenterCrop(224)\n",
        "logs/train.jsonl": json.dumps({"event": "run", "preprocessing": {"mean": MEAN, "std": STD}}),
    }
    measured = Preprocessing().collect(submit(files))
    assert Preprocessing.restore(json.loads(msgspec.json.encode(measured))) == measured
    assert len(measured.applied.steps) == 2 and measured.applied.recorded
    assert findings(measured) == []
