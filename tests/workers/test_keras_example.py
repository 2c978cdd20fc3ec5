"""The starter's example for Keras, run as a student runs it, and graded."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

os.environ |= {"KERAS_BACKEND": "torch", "KERAS_TORCH_DEVICE": "cpu"}  # it looks when it is imported
pytest.importorskip("keras", reason="Keras is not installed: pip install '.[keras]'")

from safetensors.torch import save_file  # noqa: E402

from grader.checks.accuracy import Accuracy  # noqa: E402
from grader.checks.training_log import TrainingLog  # noqa: E402
from grader.checks.two_phases import TwoPhases  # noqa: E402
from tests import starter  # noqa: E402
from tests.conftest import submission  # noqa: E402
from tests.workers import keras_homework  # noqa: E402

KEYS = {
    "classes": '["dark", "bright"]',
    "source": '"folder"',
    "folder": '"my_photos"',
    "train": "16",
    "val": "4",
    "test": "10",
    "library": '"keras"',
    "backbone": '"MobileNet"',
    "weights": '"imagenet"',
    "checkpoint": '"model.keras"',
    "phase_one_checkpoint": '"head.keras"',
    "upper_layers": '["conv_dw_13", "conv_dw_13_bn", "conv_pw_13", "conv_pw_13_bn"]',
}


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_for_keras_is_graded(tmp_path: Path) -> None:
    """With small images, and random tensors in place of the published ones."""
    folder = starter.copy(tmp_path / "homework")
    # `folder` is a key of the table too, so the keys are set one after the other.
    text = (folder / "submission.toml").read_text()
    for key, value in KEYS.items():
        text, found = re.subn(rf"^(# )?{key} = [^#\n]*", f"{key} = {value} ", text, count=1, flags=re.M)
        assert found, key
    (folder / "submission.toml").write_text(text.partition("[run]")[0])
    for number in range(80):
        place = folder / "my_photos" / ("dark", "bright")[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(keras_homework.picture(number + keras_homework.TESTS))
    base = keras_homework.published()
    base.save_weights(tmp_path / "published.weights.h5")
    tensors = {
        f"{layer.name}.{each.name}": each.value.detach().clone()
        for layer in base.layers
        for each in layer.weights
    }
    save_file(tensors, tmp_path / "keras-MobileNet-imagenet.safetensors")
    (tmp_path / "keras-MobileNet-imagenet.safetensors").chmod(0o644)
    program = folder / "other-frameworks/train_keras.py"
    text = program.read_text()
    for old, new in (
        ("SIDE = 224", f"SIDE = {keras_homework.SIDE}"),
        ('WEIGHTS = "imagenet"', f'WEIGHTS = "{tmp_path / "published.weights.h5"}"'),
        ('RATES = {"head": 1e-3', 'RATES = {"head": 3e-2'),
        ('EPOCHS = {"head": 3, "upper": 4}', 'EPOCHS = {"head": 10, "upper": 1}'),
    ):
        assert old in text
        text = text.replace(old, new)
    program.write_text(text)
    run(folder, "-m", "finetune.data")
    assert "phase upper epoch 1/1: val accuracy" in run(folder, str(program))

    names = [path for path in folder.rglob("*") if path.is_file() and "my_photos" not in path.parts]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in names}
    handed_in = submission(tmp_path, files, weights=tmp_path, device="cpu")
    for check in (TrainingLog(), Accuracy(), TwoPhases()):
        findings = list(check.judge(check.collect(handed_in)))
        assert [each for each in findings if each.level == "error"] == []
