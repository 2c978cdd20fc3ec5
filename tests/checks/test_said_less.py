"""For each sentence that a check can say: where it is true, and where it is nearly true and is not said."""

from collections.abc import Iterator, Mapping

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.protocol import Check
from grader.checks.required_files import RequiredFiles
from grader.checks.training_log import TrainingLog
from grader.ground.errors import NotMeasured
from grader.reading import phases
from tests.conftest import Make

Files = Mapping[str, str | bytes]
REPORT = RequiredFiles(paths=("README.md",), declared=("documents.report",))
DOWNLOAD = RequiredFiles(paths=("README.md",), declared=("documents.download",))


def said(submit: Make, check: Check, files: Files) -> str:
    return " | ".join(_messages(submit, check, files))


def _messages(submit: Make, check: Check, files: Files) -> Iterator[str]:
    try:
        yield from (each.message for each in check.judge(check.collect(submit(files))))
    except NotMeasured as trouble:
        yield f"open: {trouble}"


def headline(submit: Make, check: Check, files: Files) -> str:
    return check.verified(check.collect(submit(files)))


ONE_PHASE = "".join(f"Epoch {at}/3 - loss: 0.5 - val_accuracy: 0.{at}\n" for at in (1, 2, 3))


@pytest.mark.parametrize(
    ("readme", "told"),
    [
        ("", "no claimed test accuracy was found"),
        ("Test accuracy: 97.5 %\n", "the claimed test accuracy is not logged"),
        ("Test accuracy: 97.00 %\n", "the claimed test accuracy was measured here"),
    ],
)
def test_the_headline_of_a_pass_says_what_was_verified(submit: Make, readme: str, told: str) -> None:
    files = {"README.md": readme, "run.log": ONE_PHASE + "test accuracy: 0.9700\n"}
    said = headline(submit, TrainingLog(), files)
    assert said == f"One training is logged: 3 of 3 epochs, validation accuracy 0.3; {told}."


def test_the_headline_of_preprocessing_has_the_values(submit: Make) -> None:
    source = """\
from torchvision import datasets, models, transforms as t
steps = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(),
                   t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
net = models.resnet18(weights="IMAGENET1K_V1")
for x, y in DataLoader(datasets.ImageFolder("train", transform=steps)):
    loss(net(x), y).backward()
"""
    values = "RGB, mean (0.485, 0.456, 0.406), std (0.229, 0.224, 0.225)"
    told = f"As the pretrained weights want it: resnet18 IMAGENET1K_V1 gets {values}."
    assert headline(submit, Preprocessing(), {"a.py": source}) == told


FLAG = """\
import timm, torch
def build(name, pretrained={default}):
    return timm.create_model(name, pretrained=pretrained)
def probe():
    return build("resnet18", pretrained=False)
net = build("resnet18"{given})
torch.nn.CrossEntropyLoss()(net(x), y).backward()
"""


@pytest.mark.parametrize(
    ("default", "given", "denied"),
    [("False", "", True), ("True", "", False), ("False", ", pretrained=True", False)],
)
def test_no_pretrained_weights_if_every_call_denies_them(
    submit: Make, default: str, given: str, denied: bool
) -> None:
    text = said(submit, Preprocessing(), {"a.py": FLAG.format(default=default, given=given)})
    assert ("no pretrained weights" in text) == denied


@pytest.mark.parametrize(
    ("source", "denied"),
    [
        ("print('the pictures are mine')\n", True),
        ("import nltk\nnltk.download('punkt')\n", True),
        ("def download(x):\n    return x\ndownload(3)\n", True),
        ("from picture_search import Search\nSearch().download({'words': 'red mug'})\n", False),
        ("from shelves import Mugs\nmugs = Mugs('d', download=True)\n", False),
    ],
)
def test_no_program_downloads_the_data_if_none_may(submit: Make, source: str, denied: bool) -> None:
    assert ("no program downloads the data" in said(submit, DOWNLOAD, {"a.py": source})) == denied


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"report.pdf": b"%PDF-"}, "a report"),
        ({"curves.pdf": b"%PDF-"}, "a document, perhaps the report"),
        ({"1801.01234v2.pdf": b"%PDF-"}, "there is no report"),
        ({"doc/presentation.pdf": b"%PDF-", "doc/thesis.tex": "\\begin{document}"}, "a report"),
    ],
)
def test_a_report(submit: Make, files: Files, told: str) -> None:
    messages = said(submit, REPORT, files).split(" | ")
    assert any(each.startswith(told) for each in messages)
    assert ("a report" in messages) == (told == "a report")


STAGES = """\
from tensorflow import keras
def stages(net, data):
    net.trainable = False
    net.compile("adam", "bce")
    net.fit(data, epochs=2)
    net.trainable = True
    net.compile("sgd", "bce")
    net.fit(data, epochs=2)
body = keras.applications.VGG16(include_top=False)
body.compile("adam", "bce")
body.fit(train, epochs=3)
{use}
"""


@pytest.mark.parametrize(("use", "denied"), [("", True), ("plan = {'two': stages}", False)])
def test_a_training_that_was_not_come_to_may_be_the_second_phase(
    submit: Make, use: str, denied: bool
) -> None:
    found = phases.find(submit({"a.py": STAGES.format(use=use)}))
    assert (found.verdict, bool(found.lost)) == ("no", not denied)


SOME = """\
from tensorflow import keras
body = keras.applications.VGG16(include_top=False)
for layer in body.layers:
    layer.trainable = layer in chosen
body.compile("adam", "bce")
body.fit(train, epochs=3)
{more}
"""


@pytest.mark.parametrize(("more", "verdict"), [("", "no"), ("body.fit(train, epochs=4)", "doubtful")])
def test_a_flag_that_reading_cannot_tell(submit: Make, more: str, verdict: str) -> None:
    assert phases.find(submit({"a.py": SOME.format(more=more)})).verdict == verdict


def test_the_best_beside_the_last(submit: Make) -> None:
    log = "".join(
        f"Epoch {at}/3 - loss: 0.5 - val_accuracy: {value}\n" for at, value in enumerate((0.7, 0.9, 0.8), 1)
    )
    told = said(submit, TrainingLog(), {"run.log": log})
    assert "3 of 3 epochs, validation accuracy 0.8, at best 0.9" in told
    assert "at best" not in said(submit, TrainingLog(), {"run.log": log.replace("0.9", "0.75")})


def test_what_vgg_subtracts_is_said_in_grey_levels(submit: Make) -> None:
    source = """\
from tensorflow import keras
from keras.preprocessing.image import ImageDataGenerator
from keras.applications.vgg16 import VGG16, preprocess_input
body = VGG16(include_top=False)
train = ImageDataGenerator(preprocessing_function=preprocess_input).flow_from_directory("train")
body.fit(train, epochs=3)
"""
    assert "subtracts 103.939, 116.779, 123.68, BGR" in said(submit, Preprocessing(), {"a.py": source})


ARRAYS = """\
import numpy as np
from tensorflow.keras.applications import ResNet50
from tensorflow.keras.preprocessing.image import ImageDataGenerator, load_img, img_to_array
def ready(images):
    return images{step}
{read}
net = ResNet50(include_top=False)
net.fit(ImageDataGenerator().flow(ready(images), labels), epochs=3)
"""
FILES = "images = np.array([img_to_array(load_img(path)) for path in paths])"


@pytest.mark.parametrize(
    ("read", "step", "told"),
    [
        (FILES, "", "values from 0 to 255"),
        (FILES, " / 255.0", "values from 0 to 1"),
        ("images = np.load('all.npz')['images']", " / 255.0", "open"),
    ],
)
def test_a_generator_begins_with_what_its_array_holds(submit: Make, read: str, step: str, told: str) -> None:
    text = said(submit, Preprocessing(), {"a.py": ARRAYS.format(read=read, step=step)})
    assert told in text
    assert ("values from" in text) == (told != "open")
