"""The command on a repository that nobody prepared: one notebook, a useful page, nobody's code in it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.repository.building import commit, git

TRAINING = """\
from keras.applications import VGG16
base = VGG16(weights='imagenet', include_top=False)
base.trainable = False
train = ImageDataGenerator(rescale=1./255).flow_from_directory('AB12CD/train', target_size=(224, 224))
model.compile(optimizer='adam', loss='bce')
model.fit(train, epochs=1)
"""
BAR = "25/25 [====] - 9s - loss: 0.5 - accuracy: 0.8 - val_loss: 0.4 - val_accuracy: 0.91"
OUTPUT = f"Epoch 1/1\n{BAR}\n"


def test_one_notebook_gives_a_useful_page(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": OUTPUT}
    cell = {"cell_type": "code", "source": TRAINING, "outputs": [output], "execution_count": 1}
    folder = commit(tmp_path / "homework", {"AB12CD.ipynb": json.dumps({"nbformat": 4, "cells": [cell]})})
    command = [sys.executable, "-m", "grader", "check", str(folder), "--assignment", "hw4"]
    run = subprocess.run([*command, "--evidence", "e.json"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    assert "values from 0 to 1, expected subtracts 103.939, 116.779, 123.68, BGR" in " ".join(
        run.stdout.split()
    )
    assert "nothing unfreezes any of them later" in " ".join(run.stdout.split())
    assert "validation accuracy 0.91" in run.stdout
    assert "the grader broke" not in run.stdout
    assert "******.ipynb#c0" in run.stdout
    assert "AB12CD" not in run.stdout


def test_a_log_that_an_earlier_commit_had_is_told(tmp_path: Path) -> None:
    folder = commit(tmp_path / "homework", {"log/run.log": OUTPUT, "a.txt": "x", "kept.log": "nothing"})
    git(folder, "rm", "-q", "log/run.log", "a.txt")
    commit(folder)
    command = [sys.executable, "-m", "grader", "check", str(folder), "--assignment", "hw4", "--static"]
    run = subprocess.run(
        [*command, "--evidence", "e.json"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    page = " ".join(run.stdout.split())
    assert "earlier commits had log/run.log (deleted in " in page
    assert "a.txt" not in page
