"""A step belongs to images only where they pass it: each sentence, and where it is nearly true."""

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.two_phases import TwoPhases
from tests.checks.test_said_less import DOWNLOAD, said
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


OTHER_FIRST = """\
import torch
from torchvision import datasets, models, transforms as t
{}
def learn(net, data):
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in torch.utils.data.DataLoader(data, 32):
        torch.nn.CrossEntropyLoss()(net(x), y).backward()
        optimizer.step()
def measured(net, steps):
    test_set = datasets.ImageFolder("test", transform=steps)
    return sum(net(x).argmax(1).eq(y).sum() for x, y in test_set)
test_steps = t.Compose([t.Resize(64), t.RandomCrop(64), t.ToTensor(),
                        t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
steps = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(),
                   t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
print(datasets.ImageFolder("test", transform=test_steps))
learn(models.resnet18(weights="IMAGENET1K_V1"), datasets.ImageFolder("train", transform=steps))
"""
OWN = (
    "own = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Linear(8, 2))\nlearn(own, torch.ones(9))\n"
)


@pytest.mark.parametrize(("own", "told"), [("", True), (OWN, False)])
def test_an_evaluation_that_may_be_of_another_network_is_not_judged(
    submit: Make, own: str, told: bool
) -> None:
    source = OTHER_FIRST.format("") + own
    assert ("RandomCrop gives other images" in said(submit, Preprocessing(), {"a.py": source})) is told


LOOK = """\
import torch
from torchvision import models
net = models.resnet18(weights="IMAGENET1K_V1")
for p in net.parameters():
    p.requires_grad = False
net.fc = torch.nn.Linear(512, 2)
def look(x):
    net(x)[0, 1].backward()
    return x.grad
{}
look(torch.ones(1, 3, 224, 224))
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("", "no training of a network was found"),
        ("torch.optim.Adam(net.parameters()).step()", "not trained in two"),
    ],
)
def test_gradients_that_no_optimiser_takes_train_nothing(submit: Make, step: str, told: str) -> None:
    assert told in said(submit, TwoPhases(), {"a.py": LOOK.format(step)})


STAGE = """\
import torch
from torchvision import models
net = models.mobilenet_v2(weights="IMAGENET1K_V1")
for p in net.features.parameters():
    p.requires_grad = False
def learn():
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in data:
        torch.nn.CrossEntropyLoss()(net(x), y).backward()
        optimizer.step()
learn()
for at, block in enumerate(net.features.children()):
    for p in block.parameters():
        p.requires_grad = {}
learn()
"""


@pytest.mark.parametrize(("flag", "whole"), [("at >= 16", False), ("True", True)])
def test_a_flag_that_is_calculated_frees_some_layers(submit: Make, flag: str, whole: bool) -> None:
    told = said(submit, TwoPhases(), {"a.py": STAGE.format(flag)})
    assert "not trained" not in told
    assert ("trains the whole network" in told) is whole


TORCH_SET = "import os\nfrom torchvision.datasets import Food101\nFood101('data', download={})"
HUB_SET = "from datasets import load_dataset\nload_dataset({})"


@pytest.mark.parametrize(
    ("source", "fetched"),
    [
        (TORCH_SET.format("not os.path.isdir('data')"), True),
        (TORCH_SET.format("False"), False),
        (HUB_SET.format("'food101'"), True),
        (HUB_SET.format("'imagefolder', data_dir='data'"), False),
    ],
)
def test_what_fetches_only_what_is_missing_downloads(submit: Make, source: str, fetched: bool) -> None:
    assert ("downloads data:" in said(submit, DOWNLOAD, {"a.py": source})) is fetched


@pytest.mark.parametrize(("count", "instead"), [(9, False), (60, True)])
def test_a_few_pictures_to_try_are_not_the_data(submit: Make, count: int, instead: bool) -> None:
    pictures = {f"demo/samples/{at}.jpg": bytes([at, 1]) for at in range(count)}
    told = said(submit, DOWNLOAD, {"a.py": "show('demo/samples')", **pictures})
    assert ("images are committed" in told) is instead
