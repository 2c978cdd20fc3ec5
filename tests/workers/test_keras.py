"""Honest files of Keras: what Keras itself predicts is reproduced, and what training changed is seen."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy
import pytest
import torch
from PIL import Image
from torch.nn import functional

os.environ |= {"KERAS_BACKEND": "torch", "KERAS_TORCH_DEVICE": "cpu"}  # it looks when it is imported
keras = pytest.importorskip("keras", reason="Keras is not installed: pip install '.[keras]'")

from grader.checks.accuracy import Accuracy  # noqa: E402
from grader.checks.two_phases import TwoPhases  # noqa: E402
from grader.ground.errors import NotMeasured  # noqa: E402
from grader.ground.verdict import Finding  # noqa: E402
from grader.reading.preprocessing import ALIASED, accepted  # noqa: E402
from grader.running import evaluation  # noqa: E402
from grader.workers import asking  # noqa: E402
from grader.workers.messages import Evaluate  # noqa: E402
from grader.workers.parts import checkpoints, pictures  # noqa: E402
from tests.workers import keras_homework  # noqa: E402
from tests.workers.keras_homework import BACKBONE, SIDE, KerasHomework  # noqa: E402

# Keras' own way of asking torch for an array, thousands of times
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SCALE = b'"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]'
RECORD = b'{"event": "run", "preprocessing": {"interpolation": "nearest", %s}}' % SCALE


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory) -> KerasHomework:
    torch.set_num_threads(1)
    return keras_homework.make(tmp_path_factory.mktemp("keras"))


def judged(check: Any, submission: Any) -> list[Finding]:
    return list(check.judge(check.collect(submission)))


def errors(findings: list[Finding]) -> list[str]:
    return [finding.message for finding in findings if finding.level == "error"]


def test_an_honest_homework_is_reproduced_in_the_sandbox(homework: KerasHomework, tmp_path: Path) -> None:
    submission = homework.submission(tmp_path, {})
    assert errors(judged(Accuracy(), submission)) == []
    assert errors(judged(TwoPhases(), submission)) == []

    found = evaluation.run(submission)
    theirs = keras_homework.probabilities(homework.final, list(homework.pictures.values()))
    predicted = found.predicted(found.final)
    assert list(predicted) == list(homework.pictures)
    probabilities = [each.probability for each in predicted.values()]
    assert probabilities == pytest.approx(theirs.max(axis=1), abs=1e-5)
    assert [each.predicted for each in predicted.values()] == theirs.argmax(axis=1).tolist()
    assert {change.name for change in found.phase_one.examined.changed} == {"answer.kernel", "answer.bias"}
    (upper,) = [change for change in found.final.examined.changed if not change.head]
    assert (upper.name, upper.statistic) == ("conv_pw_13.kernel", False)
    assert found.final.examined.format == "keras" and not found.final.examined.mixed


@pytest.mark.usefixtures("workers_here")
def test_the_way_of_resizing_is_what_the_log_says_or_what_gives_the_predictions(
    homework: KerasHomework, tmp_path: Path
) -> None:
    """The last picture is bright where pixels are picked, and dark where they are averaged."""

    def judge(files: dict[str, bytes]) -> list[str]:
        return errors(judged(Accuracy(), homework.submission(tmp_path, files)))

    edited = homework.files["predictions.csv"].replace(b"dark,dark", b"dark,bright", 4)
    claim = b'{"test_accuracy": 0.8, "test_images": 20}'
    with pytest.raises(NotMeasured, match="4 of 20 predictions differ, but the log does not say how"):
        judge({"predictions.csv": edited, "results.json": claim})

    averaged = {"predictions.csv": homework.predictions("bilinear"),
                "results.json": b'{"test_accuracy": 0.95, "test_images": 20}'}  # fmt: skip
    assert averaged["predictions.csv"] != homework.files["predictions.csv"]
    assert judge(averaged) == []
    assert evaluation.run(homework.submission(tmp_path, averaged)).reference.interpolation == "bilinear"

    (differs,) = judge({**averaged, "logs/train.jsonl": RECORD})
    assert differs.startswith("1 of 20 predictions are not what the submitted network predicts")


@pytest.mark.usefixtures("workers_here")
def test_without_the_published_weights_predictions_are_judged_and_layers_are_not(
    homework: KerasHomework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: object) -> None:
        raise NotMeasured("no network")

    monkeypatch.setattr(asking, "ask_with_network", offline)
    submission = homework.submission(tmp_path, {}, weights=tmp_path)
    assert errors(judged(Accuracy(), submission)) == []
    with pytest.raises(NotMeasured, match="the published weights of MobileNet are not here") as trouble:
        judged(TwoPhases(), submission)
    assert "keras-MobileNet-imagenet.safetensors with --weights" in trouble.value.hint


@pytest.mark.usefixtures("workers_here")
def test_what_is_not_built_here_is_no_fault_of_the_students(homework: KerasHomework, tmp_path: Path) -> None:
    def with_file(name: str, before: bytes, after: bytes) -> bytes:
        content = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(homework.files["model.keras"])) as old,
            zipfile.ZipFile(content, "w") as new,
        ):
            for each in old.namelist():
                text = old.read(each)
                assert each != name or before in text
                new.writestr(each, text.replace(before, after) if each == name else text)
        return content.getvalue()

    for name, before, after, words in (
        (
            "config.json",
            b'"class_name": "ReLU"',
            b'"class_name": "Attention"',
            "has a layer Attention, which is none",
        ),
        ("metadata.json", b'"keras_version": "3', b'"keras_version": "2', "was written by Keras 2"),
    ):
        submission = homework.submission(tmp_path, {"model.keras": with_file(name, before, after)})
        for check in (Accuracy(), TwoPhases()):
            with pytest.raises(NotMeasured, match=f"model.keras {words}"):
                judged(check, submission)


def request(**files: Path) -> Evaluate:
    (reference,) = accepted("keras", BACKBONE, "imagenet")
    paths = {name: str(path) for name, path in files.items()}
    return Evaluate(
        library="keras",
        backbone=BACKBONE,
        classes=2,
        pretrained="",
        images=(),
        reference=reference,
        checkpoints=paths,
    )


@pytest.fixture(scope="module")
def backbone() -> checkpoints.Backbone:
    return checkpoints.build(request())


@pytest.fixture(scope="module")
def forms() -> dict[str, Any]:
    """Networks as tutorials build them: what each is fed, of pixels from 0 to 255, is what Keras gives it."""
    layers, applications = keras.layers, keras.applications
    raw = keras.Input((SIDE, SIDE, 3))
    base = keras_homework.published()
    scaled = applications.mobilenet.preprocess_input(layers.RandomFlip()(raw))
    pooled = layers.GlobalAveragePooling2D()(base(scaled, training=False))
    caffe = applications.vgg16.preprocess_input(raw)
    return {
        "sequence": keras.Sequential(
            [
                raw,
                layers.Rescaling(1 / 127.5, offset=-1),
                base,
                layers.Flatten(),
                layers.Dense(8, "relu"),
                layers.BatchNormalization(),
                layers.Dense(1, "sigmoid"),
            ]
        ),
        "operators": keras.Model(raw, layers.Dense(2)(pooled)),
        "other_colours": keras.Model(raw, layers.Dense(2, "softmax")(layers.Flatten()(base(caffe)))),
        "cut": keras.Model(
            base.input, layers.Dense(2, "softmax")(layers.Flatten()(base.get_layer("conv_pw_11_relu").output))
        ),
    }


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("sequence", "h5"),
        ("sequence", "keras"),
        ("operators", "keras"),
        ("other_colours", "h5"),
        ("cut", "keras"),
    ],
)
def test_networks_of_tutorials_give_what_keras_gives(
    form: str, ending: str, backbone: checkpoints.Backbone, forms: dict[str, Any], tmp_path: Path
) -> None:
    network = forms[form]
    path = tmp_path / f"network.{ending}"
    network.save(path)
    trained, examined = checkpoints.load(request(final=path), backbone, torch.device("cpu"))
    assert (examined["final"].format, examined["final"].refused) == (ending, "")
    assert "are not here" in examined["final"].undetermined, "the backbone was recognised"
    pixels = torch.rand(3, SIDE, SIDE, 3) * 255
    mine = trained["final"]((pixels / 127.5 - 1).permute(0, 3, 1, 2)).softmax(dim=1)
    # What the network does itself to a pixel of 0..255 is undone: its backbone is fed what it wants.
    fed = {"cut": pixels / 127.5 - 1, "other_colours": (pixels / 127.5 - 1).flip(3) + CAFFE}.get(form, pixels)
    theirs = network(fed, training=False).detach()
    if form == "sequence":
        theirs = torch.cat([1 - theirs, theirs], dim=1)
    elif form == "operators":
        theirs = theirs.softmax(dim=1)
    assert torch.allclose(mine, theirs, atol=1e-4)


CAFFE = torch.tensor([123.68, 116.779, 103.939])  # the means of Keras' mode `caffe`, red first


def test_keras_on_pytorch_pads_as_tensorflow_does() -> None:
    """The formula of tf.nn: of the padding that (ceil(n / stride) - 1) * stride + k - n asks for, the odd
    pixel comes last."""
    layer = keras.layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)
    images = torch.rand(1, 10, 11, 3)
    found = layer(images).detach()
    kernel = layer.kernel.value.detach().permute(3, 2, 0, 1)
    padded = functional.pad(images.permute(0, 3, 1, 2), (1, 1, 0, 1))  # 11: 2 pixels; 10: 1 pixel
    expected = functional.conv2d(padded, kernel, stride=2).permute(0, 2, 3, 1)
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", ALIASED])
def test_images_are_resized_as_keras_does(interpolation: str, tmp_path: Path) -> None:
    pixels = numpy.random.default_rng(5).integers(0, 256, (61, 90, 3), dtype=numpy.uint8)
    path, size = tmp_path / "image.png", (24, 32)
    Image.fromarray(pixels).save(path)
    if interpolation == ALIASED:
        theirs = keras.ops.image.resize(torch.from_numpy(pixels).float(), size, "bilinear").numpy()
    else:
        file = io.BytesIO(path.read_bytes())
        theirs = numpy.array(keras.utils.load_img(file, target_size=size, interpolation=interpolation))
    (published,) = accepted("keras", "VGG16", "imagenet")
    wanted = msgspec.structs.replace(published, fit="squash", interpolation=interpolation)
    mine = pictures.tensor(str(path), wanted, size).permute(1, 2, 0)
    caffe = keras.applications.vgg16.preprocess_input(theirs.astype("float32"))
    assert numpy.abs(mine.numpy() - caffe).max() < 1e-2


def test_a_file_that_computes_in_half_precision_says_so(
    backbone: checkpoints.Backbone, homework: KerasHomework, tmp_path: Path
) -> None:
    path = tmp_path / "mixed.keras"
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(homework.files["model.keras"])) as old,
        zipfile.ZipFile(content, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'{"name": "float32"}', b'{"name": "mixed_float16"}'))
    path.write_bytes(content.getvalue())
    _, examined = checkpoints.load(request(final=path), backbone, torch.device("cpu"))
    assert (examined["final"].refused, examined["final"].mixed) == ("", True)
