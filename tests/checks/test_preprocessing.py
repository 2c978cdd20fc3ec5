"""The check `preprocessing` with a contract: what log and code say, and the findings it has to give."""

import json
from pathlib import Path

import msgspec
import pytest

from grader.checks.preprocessing import Preprocessing, PreprocessingMeasured
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding
from grader.running.behaviour import Behaviour
from grader.workers.messages import Probed
from tests.conftest import CONTRACT, Make

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
LITE = CONTRACT.replace("torchvision", "timm").replace("resnet18", "tf_efficientnet_lite0").replace(
    "IMAGENET1K_V1", "default")  # fmt: skip
RIGHT = "t = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(MEAN, STD)])"
LIBRARY = "t = models.get_weight(name).transforms()"
UNKNOWN = "t = T.Compose([T.ToTensor(), my_own_step()])"


def record(**values: object) -> str:
    full = {"mean": MEAN, "std": STD, "resize": 256, "crop": 224, "interpolation": "bilinear", **values}
    return json.dumps({"event": "run", "preprocessing": full})


def code(transform: str, mean: object = MEAN, std: object = STD) -> str:
    return (
        f"from torchvision import models, transforms as T\nMEAN, STD = {mean}, {std}\n{transform}\n"
        "data = Data(t)\n"
    )


def measure(submit: Make, source: str = "", log: str = "", contract: str = CONTRACT) -> PreprocessingMeasured:
    files = {"submission.toml": contract, "prepare.py": source, "logs/train.jsonl": log}
    measured = Preprocessing().collect(submit({path: text for path, text in files.items() if text}))
    assert isinstance(measured, PreprocessingMeasured)
    return measured


def findings(measured: PreprocessingMeasured) -> list[Finding]:
    return [each for each in Preprocessing().judge(measured) if each.level != "note"]


@pytest.mark.parametrize(
    ("contract", "log", "source"),
    [
        (CONTRACT, record(), ""),
        (CONTRACT, record(), code(LIBRARY)),
        (CONTRACT, "", code(LIBRARY)),
        (CONTRACT, "", code(RIGHT)),
        (CONTRACT, "", code(RIGHT, mean=(0.4855, 0.456, 0.406))),
        (CONTRACT, record(), code(UNKNOWN)),  # the record decides
        (CONTRACT, record(), code(RIGHT.replace("256", "300"))),  # and says which size was used
        (LITE, record(mean=HALF, std=HALF, interpolation="bicubic"), ""),
        (LITE, record(interpolation="bicubic"), ""),  # this one has two sources
    ],
)
def test_what_passes(submit: Make, contract: str, log: str, source: str) -> None:
    assert findings(measure(submit, source, log, contract)) == []


IMAGENET_TEXT = "expected RGB, mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225), by torchvision"


@pytest.mark.parametrize(
    ("log", "source", "message", "where"),
    [
        (record(), code(RIGHT, mean=HALF),
         "wrong for resnet18 IMAGENET1K_V1 (submission.toml): RGB, mean (0.5, 0.5, 0.5), std (0.229, 0.224, "
         f"0.225), {IMAGENET_TEXT}: up to 24 grey levels of 255 apart", "prepare.py:3"),
        (record(), code(RIGHT, std=(0.229, 0.224, 0.255)),
         "nearly right for resnet18 IMAGENET1K_V1 (submission.toml): RGB, mean (0.485, 0.456, 0.406), std "
         f"(0.229, 0.224, 0.255), {IMAGENET_TEXT}: 0.255 for 0.225, a typing mistake?", "prepare.py:3"),
        (record(mean=(0.406, 0.456, 0.485)), code(LIBRARY),
         "wrong for resnet18 IMAGENET1K_V1 (submission.toml): RGB, mean (0.406, 0.456, 0.485), std (0.229, "
         f"0.224, 0.225), {IMAGENET_TEXT}: up to 20 grey levels of 255 apart", "logs/train.jsonl:1"),
    ],
)  # fmt: skip
def test_what_fails_names_the_place_and_both_values(
    submit: Make, log: str, source: str, message: str, where: str
) -> None:
    (found,) = findings(measure(submit, source, log))
    assert (found.level, found.message, found.where) == ("error", message, where)


def test_the_mean_of_one_source_with_the_std_of_the_other_is_wrong(submit: Make) -> None:
    (found,) = findings(measure(submit, code(RIGHT, mean=MEAN, std=HALF), "", LITE))
    assert found.level == "error" and "(0.5, 0.5, 0.5)" in found.message


@pytest.mark.parametrize(
    ("log", "source", "message", "where"),
    [
        (record(resize=232), "",
         "resize 232, crop 224, bilinear; expected resize 256, crop 224, bilinear", "logs/train.jsonl:1"),
        (record(interpolation="bicubic"), "",
         "resize 256, crop 224, bicubic; expected resize 256, crop 224, bilinear", "logs/train.jsonl:1"),
        ("", code(RIGHT.replace("224", "299")), "resize 256, crop 299; expected resize 256, crop 224",
         "prepare.py:3"),
        ("", code(RIGHT.replace("256", "(256, 256)")), "both sides 224; expected resize 256, crop 224",
         "prepare.py:3"),
    ],
)  # fmt: skip
def test_another_geometry_is_a_warning(submit: Make, log: str, source: str, message: str, where: str) -> None:
    (found,) = findings(measure(submit, source, log))
    said = f"the values are right for resnet18 IMAGENET1K_V1, the size is not: {message}"
    assert (found.level, found.message, found.where) == ("warning", said, where)


def test_nothing_found_decides_nothing(submit: Make) -> None:
    for source in ("", "print(1)", code("t = T.Compose([T.Resize(256)])")):
        with pytest.raises(NotMeasured, match="neither a log that records the preprocessing nor code"):
            findings(measure(submit, source))
    with pytest.raises(NotMeasured, match="not readable as Python: prepare.py"):
        findings(measure(submit, "import torch\ndef ("))


def test_code_that_nobody_can_tell_decides_nothing(submit: Make) -> None:
    with pytest.raises(NotMeasured, match="prepare.py:3: reading cannot tell"):
        findings(measure(submit, code(UNKNOWN)))


PROBED = Probed(
    order="rgb", mean=MEAN, std=STD, height=224, width=224, resize=256, fit="center", interpolation="bilinear"
)


def test_where_reading_cannot_decide_the_measured_behaviour_does(submit: Make) -> None:
    measured = msgspec.structs.replace(measure(submit, code(UNKNOWN)), probed=Behaviour(PROBED, PROBED))
    assert findings(measured) == []
    half = msgspec.structs.replace(PROBED, mean=HALF)
    (found,) = findings(msgspec.structs.replace(measured, probed=Behaviour(half, half)))
    assert (found.level, found.where) == ("error", "submission.toml")


def test_code_that_reads_wrong_is_a_warning_where_the_behaviour_is_right(submit: Make) -> None:
    measured = msgspec.structs.replace(
        measure(submit, code(RIGHT, mean=HALF)), probed=Behaviour(PROBED, PROBED)
    )
    assert [(each.level, each.where) for each in findings(measured)] == [("warning", "prepare.py:3")]


def test_names_that_the_table_does_not_have(submit: Make) -> None:
    edited = CONTRACT.replace("resnet18", "resnet81")
    with pytest.raises(SubmissionError) as trouble:
        Preprocessing().collect(submit({"submission.toml": edited}))
    assert trouble.value.message == (
        "submission.toml: [model] torchvision has no pretrained backbone 'resnet81'"
    )
    with pytest.raises(NotMeasured):
        Preprocessing().collect(submit({"submission.toml": CONTRACT.replace("torchvision", "other")}))


def test_collect_survives_as_json(submit: Make) -> None:
    measured = measure(submit, code(RIGHT), record())
    assert Preprocessing.restore(json.loads(msgspec.json.encode(measured))) == measured
    assert len(measured.found.ways) == 1 and measured.found.record
    free_form = Preprocessing().collect(submit({"prepare.py": code(RIGHT)}))
    assert Preprocessing.restore(json.loads(msgspec.json.encode(free_form))) == free_form


BUILT = "keras.applications.MobileNet(weights='imagenet', include_top=False)"
MOBILENET = f"""\
import keras
base = {BUILT}
pictures = [keras.utils.img_to_array(keras.utils.load_img(path)) for path in paths]
images = keras.applications.mobilenet.preprocess_input(numpy.stack(pictures))
network = keras.Model(base.input, head(base))
network.fit(images, labels)
"""
RESNET = CONTRACT.replace("torchvision", "keras").replace("resnet18", "ResNet50")


def test_the_starter_with_the_commonest_weights_passes_by_its_files_alone(submit: Make) -> None:
    """Its example for Keras is about another network, and right for that one."""
    starter = Path(__file__).parents[2] / "student"
    files = {path.relative_to(starter).as_posix(): path.read_text() for path in starter.rglob("*.py")}
    assert "preprocess_input" in files["other-frameworks/train_keras.py"]
    measured = Preprocessing().collect(
        submit({**files, "submission.toml": CONTRACT, "logs/train.jsonl": record()})
    )
    assert findings(measured) == []


@pytest.mark.parametrize(
    ("contract", "source"),
    [
        (CONTRACT, MOBILENET + code(RIGHT, mean=HALF)),  # the other framework beside it, as a decoy would be
        (CONTRACT, MOBILENET.replace(BUILT, "own()")),
        (RESNET.replace("IMAGENET1K_V1", "imagenet"), MOBILENET),
    ],
    ids=["both frameworks", "no network of the other one", "the declared one"],
)
def test_what_is_not_another_networks_still_counts(submit: Make, contract: str, source: str) -> None:
    assert any(each.level == "error" for each in findings(measure(submit, source, "", contract)))
