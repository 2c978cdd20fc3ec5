"""Ways of writing a program that students have, and what is true of each."""

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.splits import Splits
from grader.checks.two_phases import TwoPhases
from tests.checks.test_nobody_prepared import FREEZE, HEAD, KERAS_ONE, TORCH, UPPER, findings, levels
from tests.conftest import Make

TRANSFORMERS = """\
from datasets import load_dataset
from transformers import AutoImageProcessor, AutoModelForImageClassification, Trainer, TrainingArguments
pictures = load_dataset("imagefolder", data_dir="pictures")
reader = AutoImageProcessor.from_pretrained("google/vit-base-patch16-224")
def prepared(batch):
    return reader(batch["image"], return_tensors="pt")
pictures = pictures.with_transform(prepared)
net = AutoModelForImageClassification.from_pretrained("{}")
for p in net.vit.parameters():
    p.requires_grad = False
Trainer(model=net, args=TrainingArguments("out"), train_dataset=pictures["train"]).train()
"""


def test_hugging_face_prepares_with_the_processor_of_the_weights(submit: Make) -> None:
    own, other = "google/vit-base-patch16-224", "microsoft/resnet-50"
    assert levels(submit, Preprocessing(), {"a.py": TRANSFORMERS.format(own)}) == set()
    assert levels(submit, Preprocessing(), {"a.py": TRANSFORMERS.format(other)}) == {"not measured"}


def test_a_new_trainer_has_a_new_optimiser(submit: Make) -> None:
    one = TRANSFORMERS.format("google/vit-base-patch16-224")
    two = (
        "for p in net.vit.encoder.layer[-2:].parameters():\n    p.requires_grad = True\n"
        + one.splitlines()[-1]
    )
    assert levels(submit, TwoPhases(), {"a.py": one}) == {"error"}
    assert levels(submit, TwoPhases(), {"a.py": one + two}) == set()


def test_weights_that_a_branch_chooses(submit: Make) -> None:
    """`weights = None` in the other branch does not mean that there are none."""
    build = 'net = models.resnet18(weights="DEFAULT")'
    branch = (
        "if pretrained:\n        weights = models.ResNet18_Weights.DEFAULT\n"
        "    else:\n        weights = None\n"
        "    net = models.resnet18(weights=weights)"
    )
    source = TORCH.replace("def tuned():", "def tuned(pretrained=True):").replace(build, branch)
    source += "net = tuned()\n" + FREEZE + HEAD
    assert levels(submit, Preprocessing(), {"a.py": source}) == set()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("T.Normalize([0.5] * 3, [0.5] * 3)", {"not measured"}),
        ("T.Normalize([0.5], [0.5])", {"not measured"}),
    ],
)
def test_only_what_holds_for_all_branches_is_said(submit: Make, other: str, expected: set[str]) -> None:
    """One of the two ways is right, the other is not; which of them runs the command line decides."""
    chosen = f"import sys\nif len(sys.argv) > 2:\n    steps = T.Compose([T.ToTensor(), {other}])\nbatches ="
    source = TORCH.replace("batches =", chosen) + "net = tuned()\n" + FREEZE + HEAD
    assert levels(submit, Preprocessing(), {"a.py": source}) == expected


def test_who_looks_at_features_trains_nothing_with_them(submit: Make) -> None:
    """The tutorial shows the shape of the body's output on raw images; what is trained scales them first."""
    source = """\
from tensorflow import keras
data = keras.utils.image_dataset_from_directory("pictures")
body = keras.applications.MobileNetV2(include_top=False)
body.trainable = False
images, labels = next(iter(data))
print(body(images).shape)
start = keras.Input((160, 160, 3))
x = body(keras.applications.mobilenet_v2.preprocess_input(start))
net = keras.Model(start, keras.layers.Dense(1)(x))
net.compile(optimizer="adam", loss="mse")
net.fit(data, epochs=2)
"""
    assert levels(submit, Preprocessing(), {"a.py": source}) == set()


def test_a_callback_writes_what_the_next_script_loads(submit: Make) -> None:
    first = KERAS_ONE.replace('net.save("models/first.keras")\n', "").replace(
        "epochs=2)", 'epochs=2, callbacks=[keras.callbacks.ModelCheckpoint("best/one.keras")])'
    )
    second = """\
from tensorflow import keras
data = keras.utils.image_dataset_from_directory("pictures")
net = keras.models.load_model("best/one.keras")
net.trainable = True
net.compile(optimizer="adam", loss="mse")
net.fit(data, epochs=2)
"""
    assert "error" not in levels(submit, TwoPhases(), {"one.py": first, "two.py": second})
    assert "error" in levels(submit, TwoPhases(), {"one.py": first})


def test_modules_that_were_moved_are_found(submit: Make) -> None:
    files = {
        "code/learning.py": TORCH,
        "work.ipynb": '{"nbformat": 4, "cells": [{"cell_type": "code", "source": '
        '"import sys\\nsys.path.append(\\"code\\")\\nfrom learning import *\\nnet = tuned()\\n'
        + (FREEZE + HEAD + UPPER).replace("\n", "\\n")
        + '", "outputs": []}]}',
    }
    assert levels(submit, TwoPhases(), files) == set()


def test_what_is_lost_is_named_instead_of_a_verdict(submit: Make) -> None:
    """Nobody knows what a function of a package that is not here does to the network that it is given."""
    source = TORCH + "import mystery\nnet = tuned()\n{}" + HEAD
    assert levels(submit, TwoPhases(), {"a.py": source.format("")}) == {"error"}
    told = dict(findings(submit, TwoPhases(), {"a.py": source.format("mystery.prepare(net)\n")}))
    assert "mystery.prepare (a.py:" in told["not measured"]


@pytest.mark.parametrize(
    ("line", "sizes"),
    [
        ("{'train': 244, 'val': 153}", {"244 train images (log)", "153 val images (log)"}),
        ("x_train shape: (1600, 224, 224, 3)", {"1600 train images (log)"}),
        ("Train dataset: 224 images", {"224 train images (log)"}),
        ("Number of training images: 800", {"800 train images (log)"}),
        ("Train : 6,000 images  (188 batches of 32)", {"6000 train images (log)"}),
        ("Train: 3999 images, 125 batches", {"3999 train images (log)"}),
        ("Train: 3999 steps, 125 batches", set()),
        ("Total train: 1500", set()),  # of what is not said
        ("train/cat: 700\n  train/dog: 800\n  Total train: 1500", {"1500 train images (log)"}),
        ("train/cat: 700\n  train/dog: 801\n  Total train: 1500", set()),
        ("time: 700\n\n  train/dog: 800\n  Total train: 1500", set()),
        (
            "Dataset split \u2014  train: 45,000  |  val: 5,000",
            {"45000 train images (log)", "5000 val images (log)"},
        ),
        ("Dataset split - train: 70, val: 30", set()),  # shares
        ("Batches \u2014  train: 450  |  val: 50", set()),
        ("Split sizes:\n  Train: 800\n  Val:   200", {"800 train images (log)", "200 val images (log)"}),
        ("Split sizes in batches:\n  Train: 800\n  Val:   200", set()),
        ("Split sizes:\n  Train: 800\n  Val:   0.2", set()),
        ("Train batches: 25", set()),
        ("Training cat images: 400", set()),  # of one class
        ("train batch shape: (50, 224, 224, 3)", set()),
    ],
)
def test_sizes_that_are_printed(submit: Make, line: str, sizes: set[str]) -> None:
    log = f"{line}\nEpoch 1/1, train loss: 0.5, val acc: 0.9\n"
    told = {message for _, message in findings(submit, Splits(), {"train.log": log})}
    assert {each for each in told if "images (" in each} == sizes


STAGE_ONE = """\
import os
import tensorflow as tf
base = tf.keras.applications.ResNet50(weights="imagenet", include_top=False)
base.trainable = False
net = tf.keras.Sequential([base, tf.keras.layers.Dense(2)])
net.compile("adam", "mse")
kept = tf.keras.callbacks.ModelCheckpoint(filepath={path})
net.fit(train, epochs=3, callbacks=[kept])
"""
STAGE_TWO = """\
import os
from pathlib import Path
import tensorflow as tf
net = tf.keras.models.load_model({path})
base = net.get_layer("resnet50")
base.trainable = True
for layer in base.layers[:-30]:
    layer.trainable = False
net.compile("adam", "mse")
kept = tf.keras.callbacks.ModelCheckpoint(filepath={path})
net.fit(train, epochs=3, callbacks=[kept])
"""


@pytest.mark.parametrize(
    ("written", "loaded", "others", "level"),
    [
        ("os.path.join('models', 'best.keras')", "os.path.join('models', 'best.keras')", {}, set()),
        ("'best.keras'", "Path('models') / 'best.keras'", {}, set()),
        ("'best.keras'", "'other.keras'", {}, {"error"}),
        # whose network is loaded, nobody knows
        ("'best.keras'", "'best.keras'", {"c.py": STAGE_ONE.format(path="'best.keras'")}, {"not measured"}),
    ],
)
def test_the_second_stage_writes_the_file_that_it_loads(
    submit: Make, written: str, loaded: str, others: dict[str, str], level: set[str]
) -> None:
    files = {"a.py": STAGE_ONE.format(path=written), "b.py": STAGE_TWO.format(path=loaded), **others}
    assert levels(submit, TwoPhases(), files) & {"error", "not measured"} == level
