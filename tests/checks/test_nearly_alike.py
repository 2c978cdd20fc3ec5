"""As test_said_less.py: paths, optimisers, histories and pictures that are nearly what they seem."""

import json

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.splits import Splits
from grader.checks.training_log import TrainingLog
from grader.checks.two_phases import TwoPhases
from tests.checks.test_said_less import DOWNLOAD, said
from tests.conftest import Make

FOLDERS = """\
import os
from elsewhere import Part
from torchvision import datasets
ROOT = "images"
train_data = datasets.ImageFolder(os.path.join({}))
test_data = datasets.ImageFolder(os.path.join({}))
"""


@pytest.mark.parametrize(
    ("train", "test", "same"),
    [
        ("ROOT, 'all'", "ROOT, 'all'", True),
        ("args.root, 'all'", "args.root, 'all'", True),
        # parts that nobody knows, and two roots that nobody knows
        ("ROOT, Part.TRAIN.value", "ROOT, Part.TEST.value", False),
        ("args.one, 'all'", "args.two, 'all'", False),
        ("ROOT, f'{one}'", "ROOT, f'{two}'", False),
    ],
)
def test_two_folders_are_one_where_all_of_the_path_is_known(
    submit: Make, train: str, test: str, same: bool
) -> None:
    told = said(submit, Splits(), {"a.py": FOLDERS.format(train, test)})
    assert ("the test set is read from the folder of the training set" in told) is same


HEAD = """\
import torch
from torchvision import models
net = models.vgg16(weights="IMAGENET1K_V1")
net.classifier = torch.nn.Linear(25088, 10)
def train(optimizer):
    for x, y in data:
        torch.nn.CrossEntropyLoss()(net(x), y).backward()
        optimizer.step()
"""
ADAM = "train(torch.optim.Adam({}))\n"
BOTH = "[{'params': net.classifier.parameters()}, {'params': net.features.parameters()}]"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (ADAM.format("net.parameters()"), "nothing freezes the pretrained layers"),
        (ADAM.format(BOTH), "nothing freezes the pretrained layers"),
        (ADAM.format("net.classifier.parameters()"), "the optimiser holds the head alone, and nothing else"),
        (
            ADAM.format("net.classifier.parameters()") + ADAM.format("net.parameters()"),
            "open: an optimiser holds the head alone",
        ),
    ],
)
def test_what_no_optimiser_holds_is_as_good_as_frozen(submit: Make, source: str, told: str) -> None:
    assert told in said(submit, TwoPhases(), {"a.py": HEAD + source})


LOSSES, ACCURACIES = [0.9, 0.5, 0.4], [0.7, 0.8, 0.85]


@pytest.mark.parametrize(
    ("history", "epochs"),
    [
        ({"train": {"loss": LOSSES, "accuracy": ACCURACIES}, "val": {"accuracy": ACCURACIES}}, [3]),
        ({"loss_for_each_epoch": {"train": LOSSES}, "accuracy": {"val": ACCURACIES}}, [3]),
        ({"loss": {"weights": LOSSES}, "train": {"folders": ["a", "b"]}}, []),  # of classes, no epochs
    ],
)
def test_a_history_by_split(submit: Make, history: object, epochs: list[int]) -> None:
    found = TrainingLog().collect(submit({"results.json": json.dumps(history)}))
    assert [len(run.epochs) for run in found.runs] == epochs


@pytest.mark.parametrize(
    ("picture", "shown"), [("acc5.png", True), ("training_curves4.png", True), ("leaf-d0acc5_HL.JPG", False)]
)
def test_a_part_of_a_number_is_no_word(submit: Make, picture: str, shown: bool) -> None:
    told = said(submit, TrainingLog(), {f"pictures/{picture}": b"\x89PNG", "a.py": "net.fit(x, epochs=3)"})
    assert ("what may show the training: a picture" in told) is shown


SIZES = "Train dataset: 6000 images\nTest dataset: 1000 images\n"
TRAINS = "net.fit(train_data, epochs=3)\n"
CUTS = "train, val = train_test_split(files, test_size={})\n"


@pytest.mark.parametrize(
    ("log", "program", "told_wrong"),
    [
        (SIZES, TRAINS, "6000 train images, expected 800"),
        (SIZES, CUTS.format(0.2) + TRAINS, "6000 train images or a part of them, expected 800"),
        (SIZES, CUTS.format(0.1333) + TRAINS, "6000 train images decide nothing: a part"),  # or 800 of them
        (SIZES, CUTS.format(800) + TRAINS, "6000 train images decide nothing: a part"),
        (
            SIZES + "Val dataset: 1500 images\n",
            CUTS.format(0.1333) + TRAINS,
            "6000 train images, expected 800",
        ),
    ],
)
def test_of_what_is_told_a_part_may_be_split_off(
    submit: Make, log: str, program: str, told_wrong: str
) -> None:
    log += "Epoch 1/1, train loss: 0.5, val acc: 0.9\n"
    told = said(submit, Splits(), {"a.log": log, "a.py": program})
    assert told_wrong in told


@pytest.mark.parametrize(
    ("step", "trains"),
    [
        ("import tensorflow as tf\nstep = tf.train.GradientDescentOptimizer(0.1).minimize(loss)", True),
        ("from scipy import optimize\nfound = optimize.minimize(cost, start)", False),
    ],
)
def test_a_loss_that_is_minimised_is_trained(submit: Make, step: str, trains: bool) -> None:
    told = said(submit, Preprocessing(), {"a.py": step})
    assert ("trains a network" not in told) is trains


@pytest.mark.parametrize(
    ("lines", "fetched"),
    [
        ("wget 'https://example.org/cat.jpg' -O cat.jpg", False),
        ("wget https://example.org/images.zip", True),
        ("for n in $(seq 400); do wget https://example.org/cat_$n.jpg; done", True),
        ("\n".join(f"wget https://example.org/cat_{number}.jpg" for number in range(400)), True),
    ],
)
def test_a_command_that_fetches_one_picture_does_not_fetch_the_data(
    submit: Make, lines: str, fetched: bool
) -> None:
    told = said(submit, DOWNLOAD, {"get.sh": lines, "a.py": "net.fit(x)"})
    assert ("downloads data" in told) is fetched


ROW = "Final Train {0}      {1}{2}\nFinal Val {0}        {1}{2}\n"


@pytest.mark.parametrize(
    ("text", "epochs"),
    [
        # two networks side by side, one at its end, and one at each epoch
        (ROW.format("Loss", "0.0123", "    0.0302") + ROW.format("Accuracy", "99.62%", "    99.36%"), []),
        (ROW.format("Loss", "0.0123", "") + ROW.format("Accuracy", "99.62%", ""), []),
        ("train loss: 0.9\nval loss: 0.8\ntrain acc: 0.5\nval acc: 0.6\n" * 3, [3]),
        ("train loss: 0.9 acc: 0.5\nval loss: 0.8 acc: 0.6\n" * 3, [3]),
    ],
)
def test_a_table_that_compares_is_no_training(submit: Make, text: str, epochs: list[int]) -> None:
    found = TrainingLog().collect(submit({"run.log": text}))
    assert [len(run.epochs) for run in found.runs if len(run.epochs) > 1] == epochs
