"""Samples, stubs, other languages: what is nearly a data set, a training or a program, and what is one."""

import json

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.splits import Splits
from grader.checks.training_log import TrainingLog
from grader.checks.two_phases import TwoPhases
from grader.reading import splits
from grader.reading.english.sources.pages import sentences
from grader.reading.logs import discovery
from tests.checks.test_said_less import DOWNLOAD, REPORT, headline, said
from tests.conftest import Make

TRAIN = 'data = ImageFolder("dataset/train")\nnet.fit(data, epochs=3)\n'
FETCH = "import kagglehub\nkagglehub.dataset_download('someone/animals')\n"


@pytest.mark.parametrize(("source", "told"), [(TRAIN, True), (FETCH + TRAIN, False)])
def test_a_sample_of_what_is_fetched_has_not_the_wrong_size(submit: Make, source: str, told: bool) -> None:
    folders = ("dataset/train/cat", "dataset/test/cat")
    pictures = {f"{folder}/{at}.jpg": f"{folder}{at}" for folder in folders for at in range(50)}
    text = said(submit, Splits(), {"a.py": source, **pictures})
    assert ("50 train images, expected" in text) is told


@pytest.mark.parametrize(
    ("name", "told"), [("net.R", "open: what could download"), ("net.txt", "no program downloads the data")]
)
def test_programs_of_other_languages_may_do_what_no_python_does(submit: Make, name: str, told: str) -> None:
    assert told in said(submit, DOWNLOAD, {"a.py": "print(1)", name: "download.file(address, 'data.zip')"})


SHOWS = """\
import requests
from io import BytesIO
from PIL import Image
{}
"""


@pytest.mark.parametrize(
    ("line", "fetched"),
    [
        ("Image.open(BytesIO(requests.get(address).content))", False),
        ("open('data.zip', 'wb').write(requests.get(address).content)", True),
    ],
)
def test_a_picture_from_an_address_is_not_the_data(submit: Make, line: str, fetched: bool) -> None:
    assert ("downloads data:" in said(submit, DOWNLOAD, {"a.py": SHOWS.format(line)})) is fetched


def _log(times: int) -> str:
    lines = (
        f"Epoch {epoch}/3.. Train loss: 0.{epoch}{at}.. Test accuracy: 0.9{epoch}{at}"
        for epoch in (1, 2, 3)
        for at in range(times)
    )
    return "\n".join(lines) + "\n"


def test_an_epoch_that_is_printed_several_times_is_one() -> None:
    short = "Epoch 1/3.. Train loss: 0.9.. Test accuracy: 0.5\n"
    one, several, broken_off = _log(1), _log(3), short + _log(1)
    runs = [sum(len(log.runs) for log in discovery.read("a.log", text.encode())) for text in (one, several)]
    assert runs == [1, 1]
    assert sum(len(log.runs) for log in discovery.read("a.log", broken_off.encode())) == 2


ROW = "| | Phase 1 | Phase 2 |\n|---|---|---|\n| Test accuracy | 96.9% | 96.1% |\n"


@pytest.mark.parametrize(
    ("text", "told"), [(ROW, False), ("Test accuracy: 96.9%\n\nTest accuracy: 96.1%\n", True)]
)
def test_columns_of_one_row_do_not_contradict_each_other(submit: Make, text: str, told: bool) -> None:
    assert ("the accuracy is 96.9" in said(submit, TrainingLog(), {"README.md": text})) is told


LOADED = """\
from transformers import AutoImageProcessor, AutoModelForImageClassification
reader = AutoImageProcessor.from_pretrained("google/vit-base-patch16-224")
net = AutoModelForImageClassification.from_pretrained("google/vit-base-patch16-224")
print(net(**reader(images=picture, return_tensors="pt")))
"""


def test_who_only_applies_a_network_has_not_prepared_its_training(submit: Make) -> None:
    assert "open: no program that trains this network was found" in said(
        submit, Preprocessing(), {"app.py": LOADED}
    )


BY_HAND = """\
from tensorflow import keras
net = keras.Sequential([keras.layers.Dense(2)])
{}
net.compile("adam", "mse")
net.fit(x, y, epochs=2)
"""


@pytest.mark.parametrize(
    ("line", "denied"), [("", True), ("net.layers[0].set_weights(list(h5py.File('vgg16.h5')))", False)]
)
def test_weights_that_are_set_by_hand_may_be_pretrained(submit: Make, line: str, denied: bool) -> None:
    told = said(submit, Preprocessing(), {"a.py": BY_HAND.format(line)})
    assert ("no pretrained weights" in told) is denied


TWO = """\
from tensorflow import keras
def images(folder):
    return keras.utils.image_dataset_from_directory(folder, image_size=(224, 224))
start = keras.Input((224, 224, 3))
x = keras.applications.vgg16.preprocess_input(start)
tuned = keras.Model(start, keras.layers.Dense(2)(keras.applications.VGG16(include_top=False)(x)))
tuned.compile("adam", "mse")
tuned.fit(images("train"), epochs=2)
tuned.save("best.keras")
{}
net = keras.models.load_model("best.keras")
net.evaluate(images("test"))
"""
SMALL = """\
small = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Dense(2)])
small.compile("adam", "mse")
small.fit(images("train"), epochs=2)
small.save("best.keras")
"""


@pytest.mark.parametrize("other", ["", SMALL])
def test_layers_of_two_networks_in_one_file_are_not_added_up(submit: Make, other: str) -> None:
    files = {"a.py": TWO.format(other)}
    assert "wrong" not in said(submit, Preprocessing(), files)
    assert headline(submit, Preprocessing(), files).startswith("As the pretrained weights want it: VGG16")


FREEZES = "def extractor(base):\n    base.trainable = False\n    return base\n"
TUNES = """\
from tensorflow import keras
def tuned(model, data):
    {}
    model.compile("adam", "mse")
    model.fit(data, epochs=2)
"""


@pytest.mark.parametrize(("files", "denied"), [({}, True), ({"extractor.py": FREEZES}, False)])
def test_a_part_that_nothing_here_calls_may_freeze(
    submit: Make, files: dict[str, str | bytes], denied: bool
) -> None:
    told = said(submit, TwoPhases(), {"tune.py": TUNES.format("pass"), **files})
    assert ("not trained in two phases: nothing freezes" in told) is denied


FIRST = """\
from tensorflow import keras
base = keras.applications.ResNet50(weights="imagenet", include_top=False)
base.trainable = False
net = keras.Sequential([base, keras.layers.Dense(2)])
net.compile("adam", "mse")
net.fit(data, epochs=2)
net.save("first/")
again = keras.models.load_model({})
for layer in again.layers:
    layer.trainable = {}
again.compile("adam", "mse")
again.fit(data, epochs=2)
"""


@pytest.mark.parametrize(
    ("file", "flag", "told"),
    [
        ('"first/"', "True", "trains the whole network"),
        ('"other/"', "True", "not trained in two phases"),
        ("name", "True", "open:"),
        ('"first/"', "False", "not trained in two phases"),
    ],
)
def test_a_network_that_is_loaded_may_be_the_one_that_was_saved(
    submit: Make, file: str, flag: str, told: str
) -> None:
    assert told in said(submit, TwoPhases(), {"a.py": FIRST.format(file, flag)})


GIVEN = """\
import torch
from torchvision.models import resnet50, ResNet50_Weights
class Base(torch.nn.Module):
    def __init__(self, function, weights):
        super().__init__()
        self.net = function(weights=weights)
class Large(Base):
    def __init__(self):
        super().__init__(resnet50, {})
net = Large()
torch.nn.CrossEntropyLoss()(net(x), y).backward()
"""


@pytest.mark.parametrize(("weights", "denied"), [("None", True), ("ResNet50_Weights.DEFAULT", False)])
def test_weights_that_are_named_anywhere_may_be_loaded(submit: Make, weights: str, denied: bool) -> None:
    told = said(submit, Preprocessing(), {"a.py": GIVEN.format(weights)})
    assert ("no pretrained weights" in told) is denied


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ('tfds.load("mnist")', "MNIST"),
        ('dataset_download("someone/skin-cancer-mnist-ham10000")', "HAM10000"),
        ('load_dataset("beans")', "beans"),
        ("Dataset: Skin Cancer MNIST: HAM10000", None),
        ("Dataset: HAM10000", "HAM10000"),
        ('data.classes = ["rice", "beans"]  # of the data set', None),
    ],
)
def test_a_word_of_a_name_is_not_the_data_set_of_that_name(line: str, title: str | None) -> None:
    found = splits.named([line])
    assert (found.title if found else None) == title


def test_a_paper_that_is_referred_to_is_not_the_report(submit: Make) -> None:
    assert "there is no report" in said(submit, REPORT, {"Reference Paper.pdf": b"%PDF-1.7"})
    assert "a report" in said(submit, REPORT, {"Report.pdf": b"%PDF-1.7"})


BOXES = "filename,width,xmin\n" + "".join(f"{at // 2}.jpg,640,{at}\n" for at in range(100))


def test_an_image_with_two_boxes_is_one_image(submit: Make) -> None:
    told = said(submit, Splits(), {"train_labels.csv": BOXES, "test_labels.csv": BOXES, "a.py": TRAIN})
    assert "50 train images (table)" in told


FEATURES = """\
from tensorflow import keras
base = keras.applications.VGG16(weights="imagenet", include_top=False)
top = keras.Sequential([keras.layers.Dense(2)])
top.compile("adam", "mse")
top.fit(base.predict(data), y, epochs=2)
base.trainable = True
net = keras.Sequential([base, {}])
net.compile("adam", "mse")
net.fit(data, epochs=2)
"""


@pytest.mark.parametrize("layers", ["top", "keras.layers.Dense(2)"])
def test_whether_a_head_that_was_trained_on_features_goes_on_is_open(submit: Make, layers: str) -> None:
    assert "open: whether phase two goes on" in said(submit, TwoPhases(), {"a.py": FEATURES.format(layers)})


def test_a_formula_in_another_alphabet_is_no_language() -> None:
    pages = ["The loss is \u00f0x\u00de of all images. It falls.", "Cj\u00de and \u00f0xjr"]
    assert list(sentences(pages)) == [(1, "It falls.")]


BARS = "Epoch 1/2\n16/16 [=====] - 1s - loss: 0.9\nEpoch 2/2\n16/16 [=====] - 1s - loss: 0.8\n"


def _notebook(source: str, output: str) -> str:
    shown = {"output_type": "stream", "name": "stdout", "text": output}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [shown], "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, True),
        ({"train.py": "net = make()\nnet.fit(everything, epochs=30)\n"}, False),  # its sizes nobody tells
        ({"show.py": "net.predict(some)\n"}, True),
        ({"train.ipynb": '{"cells": [{"cell_type": "code", "source"'}, False),  # cut off
    ],
)
def test_a_first_try_is_not_the_training(submit: Make, files: dict[str, str], told: bool) -> None:
    first = _notebook(
        "train, test = train_test_split(files)\nnet.fit(x_train, y_train, epochs=2, batch_size=32)", BARS
    )
    text = said(submit, Splits(), {"try.ipynb": first, **files})
    assert "16 to 512 train images" in text
    assert ("512 train images, expected" in text) is told


def test_a_few_committed_images_may_be_a_sample(submit: Make) -> None:
    pictures = {f"imgs/{part}/{at}.jpg": f"{part}{at}" for part in ("train", "val") for at in range(10)}
    text = said(submit, Splits(), {"a.py": 'net.fit(ImageFolder("imgs/train"))\n', **pictures})
    assert "10 train images" in text and "expected" not in text


@pytest.mark.parametrize(
    ("images", "shares", "may"),
    [
        (2000, (0.25,), False),  # 500, 1500, and once more 125, 375, 1125
        (3200, (0.25,), True),  # 800 are a quarter
        (1423, (0.25,), True),  # three quarters of three quarters: 800
        (700, (0.5,), False),  # no part of them is more
        (2000, (400,), True),  # 400 of each of five lists, or of one
        (2000, (), False),
    ],
)
def test_what_may_be_left_of_a_told_number(images: int, shares: tuple[float, ...], may: bool) -> None:
    assert splits.Sets(shares=shares).may_leave((images, images), range(790, 811)) is may
