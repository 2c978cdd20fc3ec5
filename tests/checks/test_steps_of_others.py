"""A step belongs to images only where they pass it: each sentence, and where it is nearly true."""

import pytest

from grader.checks.preprocessing import Preprocessing
from tests.checks.test_said_less import said
from tests.conftest import Make

TORCH = """\
import torch
from torchvision import datasets, models, transforms as t
plain = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor()])
net = models.resnet18(weights="IMAGENET1K_V1")
{}
optimizer = torch.optim.Adam(net.parameters())
for x, y in torch.utils.data.DataLoader(data, 32):
    {}
    torch.nn.CrossEntropyLoss()(net(x), y).backward()
    optimizer.step()
"""
MEASURED = """\
def measured(loader):
    total = 0
    for x, _ in loader:
        total += x.mean()
    return total / len(loader)
mean = measured(torch.utils.data.DataLoader(datasets.ImageFolder("train", transform=plain)))
steps = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(), t.Normalize(mean, mean)])
"""
ON_THE_DEVICE = (
    "later = torch.nn.Sequential(t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])).to('cuda')"
)
TRAIN = "data = datasets.ImageFolder('train', transform={})"


@pytest.mark.parametrize(
    ("before", "loop", "wrong"),
    [
        (TRAIN.format("plain"), "pass", True),
        (MEASURED + TRAIN.format("plain"), "pass", True),
        # the plain transform only gave the numbers of the one that images pass
        (MEASURED + TRAIN.format("steps"), "pass", False),
        # a normalisation that is made but never applied, and one that the loop applies
        (f"{ON_THE_DEVICE}\n{TRAIN.format('plain')}", "later(y)", True),
        (f"{ON_THE_DEVICE}\n{TRAIN.format('plain')}", "x = later(x)", False),
    ],
)
def test_a_transform_is_judged_with_all_that_comes_after_it(
    submit: Make, before: str, loop: str, wrong: bool
) -> None:
    told = said(submit, Preprocessing(), {"a.py": TORCH.format(before, loop)})
    assert ("values from 0 to 1" in told) is wrong


KERAS = """\
import tensorflow as tf
from tensorflow.keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input
def load(folder):
    data = tf.keras.utils.image_dataset_from_directory(folder, image_size=(224, 224))
    return data.map(lambda x, y: (preprocess_input(x), y))
base = MobileNetV2(weights="imagenet", include_top=False, pooling="avg")
net = tf.keras.Sequential([base, tf.keras.layers.Dense(2)])
net.compile("adam", "mse")
net.fit({}, epochs=2)
"""


def test_the_same_reader_in_two_scripts_prepares_once(submit: Make) -> None:
    files = {
        "one.py": KERAS.format("load('train')"),
        "two.py": "import one\n" + KERAS.format("load('train')"),
    }
    assert "expected" not in said(submit, Preprocessing(), files)
    twice = KERAS.format("load('train').map(lambda x, y: (preprocess_input(x), y))")
    assert "expected values from -1 to 1" in said(submit, Preprocessing(), {"one.py": twice})
