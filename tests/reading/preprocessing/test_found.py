"""Preprocessing without a contract: programs in the shapes that students write, and the verdict on each."""

import json

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding
from grader.reading import preprocessing
from grader.reading.preprocessing.affine import Affine, distance, standard
from tests.conftest import Make

TORCH = """\
import torch
from torchvision import datasets, models, transforms
model = models.resnet18(weights="IMAGENET1K_V1")
{before}
train_transform = transforms.Compose([transforms.RandomResizedCrop(224), transforms.ToTensor(), {normalize}])
val_transform = transforms.Compose([{geometry}, transforms.ToTensor(), {normalize}])
train_set = datasets.ImageFolder("data/train", transform=train_transform)
val_set = datasets.ImageFolder("data/val", transform=val_transform)
for images, labels in torch.utils.data.DataLoader(train_set):
    model(images).sum().backward()
"""
RIGHT = "transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])"
CENTER = "transforms.Resize(256), transforms.CenterCrop(224)"


def torch(normalize: str = RIGHT, geometry: str = CENTER, before: str = "") -> str:
    return TORCH.format(normalize=normalize, geometry=geometry, before=before)


def keras(family: str, network: str, reads: str, inside: str = "") -> str:
    return f"""\
from tensorflow import keras
from tensorflow.keras.applications.{family} import {network}, preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator
base = {network}(weights="imagenet", include_top=False)
{reads}
model = keras.Sequential([{inside} base, keras.layers.Dense(2)])
model.fit(train, epochs=2)
"""


GENERATED = "train = ImageDataGenerator({}).flow_from_directory('data/train', target_size=(224, 224))"
FROM_FOLDER = "train = keras.utils.image_dataset_from_directory('data/train', image_size=(224, 224))"


def verdicts(submit: Make, files: dict[str, str]) -> set[str]:
    return {way.verdict for way in preprocessing.find(submit(files)).decisive}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (torch(), {"match"}),
        (torch("transforms.Normalize(mean, std)", before="import numpy as np\n"
               "mean = np.array([0.485, 0.456, 0.406])\nstd = np.array([0.229, 0.224, 0.225])"), {"match"}),
        (torch("transforms.Normalize(*[CFG['mean'], CFG['std']])", before="CFG = {}"), {"undetermined"}),
        (torch("transforms.Normalize(CFG['mean'], CFG['std'])", before=
               "CFG = {'mean': (0.485, 0.456, 0.406), 'std': (0.229, 0.224, 0.225)}"), {"match"}),
        (torch(geometry="transforms.Resize((224, 224))"), {"match", "geometry differs"}),
        (torch(geometry="transforms.Resize(256), transforms.CenterCrop(244)"), {"match", "near miss"}),
        (torch(geometry="transforms.RandomResizedCrop(224)"), {"match", "mismatch in evaluation"}),
        (torch("transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.255])"), {"near miss"}),
        (torch("transforms.Normalize([0.5] * 3, [0.5] * 3)"), {"mismatch", "mismatch in evaluation"}),
        (torch("transforms.RandomGrayscale()"), {"mismatch", "mismatch in evaluation"}),  # no Normalize
        (torch("transforms.Lambda(lambda x: (x - 0.5) / 0.5)"), {"mismatch", "mismatch in evaluation"}),
    ],
)  # fmt: skip
def test_torchvision(submit: Make, source: str, expected: set[str]) -> None:
    assert verdicts(submit, {"train.py": source}) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # VGG16 wants BGR with means subtracted; 0..1 is wrong, its own function is right.
        (keras("vgg16", "VGG16", GENERATED.format("rescale=1./255")), "mismatch"),
        (keras("vgg16", "VGG16", GENERATED.format("preprocessing_function=preprocess_input")), "match"),
        (keras("vgg16", "VGG16", GENERATED.format("preprocessing_function=preprocess_input, "
                                                  "rescale=1/255")), "mismatch"),
        # MobileNetV2 wants -1..1.
        (keras("mobilenet_v2", "MobileNetV2", GENERATED.format("rescale=1./255")), "mismatch"),
        (keras("mobilenet_v2", "MobileNetV2", FROM_FOLDER), "mismatch"),
        (keras("mobilenet_v2", "MobileNetV2", FROM_FOLDER, "keras.layers.Rescaling(1./127.5, "
                                                           "offset=-1),"), "match"),
        (keras("mobilenet_v2", "MobileNetV2", FROM_FOLDER, "keras.layers.Rescaling(1./255),"), "mismatch"),
        (keras("mobilenet_v2", "MobileNetV2", FROM_FOLDER + "\ntrain = train.map(lambda x, y: "
                                                            "(preprocess_input(x), y))"),
         "match"),
        (keras("mobilenet_v2", "MobileNetV2", FROM_FOLDER + "\ntrain = train.map(lambda x, y: (x / "
                                                            "127.5 - 1, y))"), "match"),
        # EfficientNet scales inside: 0..255 is right, 0..1 is not.
        (keras("efficientnet", "EfficientNetB0", FROM_FOLDER), "match"),
        (keras("efficientnet", "EfficientNetB0", GENERATED.format("rescale=1./255")), "mismatch"),
    ],
)  # fmt: skip
def test_keras(submit: Make, source: str, expected: str) -> None:
    assert verdicts(submit, {"train.py": source}) == {expected}


LOADED = """\
import cv2
import numpy as np
from PIL import Image
from tensorflow import keras
base = keras.applications.{network}(weights="imagenet")
def load(path):
    {load}
    return image
images = []
for path in paths:
    images.append(load(path))
images = np.array(images)
base.fit(images, labels, epochs=3)
"""


@pytest.mark.parametrize(
    ("network", "load", "expected"),
    [
        ("InceptionV3", "image = np.array(Image.open(path).convert('RGB').resize((299, 299))) / "
                        "127.5 - 1", "match"),
        ("InceptionV3", "image = np.array(Image.open(path)) / 255.0", "mismatch"),
        ("InceptionV3", "image = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB).astype('float32')\n"
                        "    image /= 127.5\n    image -= 1.", "match"),
        # OpenCV reads BGR: that is what ResNet50 wants, and what every colour statistic below says.
        ("ResNet50", "image = cv2.imread(path).astype('float32') - np.array([103.939, 116.779, "
                     "123.68])", "match"),
        ("ResNet50", "image = cv2.imread(path)[..., ::-1] - np.array([103.939, 116.779, "
                     "123.68])", "mismatch"),
        ("InceptionV3", "image = whatever(np.array(Image.open(path)))", "undetermined"),
    ],
)  # fmt: skip
def test_arithmetic(submit: Make, network: str, load: str, expected: str) -> None:
    assert verdicts(submit, {"a.py": LOADED.format(network=network, load=load)}) == {expected}


def test_loader_and_network_are_composed_over_modules(submit: Make) -> None:
    """/255 in one file and 2x-1 in the network of another give -1..1."""
    files = {
        "data.py": "import numpy as np\nfrom PIL import Image\ndef load(p):\n    return "
        "np.array(Image.open(p)) / 255\n",
        "train.py": "from data import load\nimport keras\nbase = keras.applications.MobileNetV2()\n"
        "model = keras.Sequential([keras.layers.Rescaling(scale=2.0, offset=-1.0), base])\n"
        "x = [load(p) for p in paths]\nmodel.fit(x, y, epochs=2)\n",
    }
    assert verdicts(submit, files) == {"match"}


def test_a_hub_module_wants_values_of_0_to_1(submit: Make) -> None:
    source = (
        "import tensorflow as tf, tensorflow_hub as hub\n"
        "URL, SIZE = ('https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/4', 224)\n"
        "ds = tf.keras.utils.image_dataset_from_directory('d', image_size=(SIZE, SIZE))\n"
        "model = tf.keras.Sequential([{}hub.KerasLayer(URL)])\nmodel.fit(ds, epochs=1)\n"
    )
    assert verdicts(submit, {"a.py": source.format("")}) == {"mismatch"}
    assert verdicts(submit, {"a.py": source.format("tf.keras.layers.Rescaling(1/255), ")}) == {"match"}


def test_albumentations_timm_and_fastai(submit: Make) -> None:
    start = (
        "import timm, torch\nimport albumentations as A\nmodel = "
        "timm.create_model('resnet18.tv_in1k', pretrained=True)\n"
    )
    end = "\ndata = Own(transform=t)\nloss.backward()\n"
    assert verdicts(submit, {"a.py": f"{start}t = A.Compose([A.Resize(256, 256), A.Normalize()]){end}"}) == {
        "geometry differs"
    }
    wrong = "t = A.Compose([A.HorizontalFlip(), A.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])"
    assert verdicts(submit, {"a.py": start + wrong + end}) == {"mismatch"}
    config = "t = timm.data.create_transform(**timm.data.resolve_data_config({}, model=model))"
    assert verdicts(submit, {"a.py": start + config + end}) == {"match"}
    fastai = "from fastai.vision.all import *\nlearn = vision_learner(dls, resnet34)\nlearn.fine_tune(3)\n"
    assert verdicts(submit, {"a.py": fastai}) == {"match"}


def notebook(*cells: str) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "cells": [
                {"cell_type": "code", "source": cell, "outputs": [], "execution_count": None}
                for cell in cells
            ],
        }
    )


def test_what_is_only_drawn_does_not_count(submit: Make) -> None:
    """`preprocess_input` in a cell that draws a picture is no preprocessing of the training."""
    book = notebook(
        "!pip install keras",
        "from keras.applications.vgg16 import VGG16, preprocess_input\n"
        "from keras.preprocessing import image\nbase = VGG16()",
        "train = ImageDataGenerator(rescale=1./255).flow_from_directory('train')\nbase.fit(train, epochs=3)",
        "x = preprocess_input(image.img_to_array(image.load_img('elephant.jpg')))\nplt.imshow(x)",
    )
    (way,) = preprocessing.find(submit({"a.ipynb": book})).decisive
    assert (way.verdict, way.where, way.found) == ("mismatch", "a.ipynb#c2", "values from 0 to 1")


def test_an_import_and_a_comment_prepare_nothing(submit: Make) -> None:
    source = torch("# transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])\n")
    assert verdicts(submit, {"a.py": source}) == {"mismatch", "mismatch in evaluation"}


def judged(submit: Make, files: dict[str, str]) -> list[Finding]:
    check = Preprocessing()
    return [each for each in check.judge(check.collect(submit(files))) if each.level != "note"]


def test_the_check_shows_both_numbers_of_a_slip(submit: Make) -> None:
    slip = torch("transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.255])")
    first, _ = judged(submit, {"train.py": slip})
    assert first.level == "error" and "0.255 for 0.225, a typing mistake?" in first.message


def test_no_pretrained_weights_fail_and_nothing_to_read_is_undecided(submit: Make) -> None:
    scratch = "from torchvision import models\nmodel = models.resnet18(weights=None)\nloss.backward()\n"
    (found,) = judged(submit, {"train.py": scratch})
    assert found.level == "error" and found.message.startswith("no pretrained weights")
    with pytest.raises(NotMeasured, match="none of the 0 programs"):
        judged(submit, {"README.md": "cats"})
    with pytest.raises(NotMeasured, match="cannot be read: a.ipynb"):
        judged(submit, {"a.ipynb": "{", "train.py": scratch})


def test_what_only_predicts_decides_nothing_beside_a_notebook_that_cannot_be_read(submit: Make) -> None:
    """The notebook may have trained, with whatever preprocessing."""
    source = torch().replace(".backward()", "")
    with pytest.raises(NotMeasured, match="no program that trains this network was found"):
        judged(submit, {"predict.py": source})
    with pytest.raises(NotMeasured, match=r"it may be in a.ipynb \(.*\), which cannot be read"):
        judged(submit, {"predict.py": source, "a.ipynb": "{"})


def test_affine_values_are_what_a_person_calculates() -> None:
    """White through ImageNet's mean and std, by hand: (1 - 0.485) / 0.229 = 2.2489."""
    imagenet = standard((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert imagenet.apply((255, 255, 255)) == pytest.approx((2.24891, 2.42857, 2.64), abs=1e-5)
    assert imagenet.mean == pytest.approx((0.485, 0.456, 0.406))
    caffe = Affine().swapped().plus((-103.939, -116.779, -123.68))
    assert caffe.apply((10, 20, 30)) == pytest.approx((30 - 103.939, 20 - 116.779, 10 - 123.68))
    halves = Affine().times(1 / 255).then(Affine().times(2).plus(-1))
    assert distance(halves, standard((0.5,) * 3, (0.5,) * 3)) < 1e-9
    assert distance(Affine().times(1 / 128).plus(-1), halves) == pytest.approx(0.99609, abs=1e-4)
