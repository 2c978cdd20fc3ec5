"""Training and measuring on a device that is not the processor; see apart.py."""

import csv
import json
from pathlib import Path

import pytest
import safetensors.torch
import torch

from tests.student import programs


def events(folder):
    return [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]


def answers(folder):
    with (folder / "predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_everything_is_moved_to_the_device_and_back(project, finished, environment):
    """Also after an interruption; and the network is cut although the device knows no float64."""
    program = str(Path(__file__).with_name("apart.py"))
    process = programs.started(project, environment, program, "data", "train", "evaluate")
    process.join()
    assert process.exitcode == 0, (project / "complaint.txt").read_text()
    assert "cannot be cut" not in (project / "said.txt").read_text()
    run, *epochs, _ = events(project)
    assert run["device"] == "apart"
    for here, there in zip(epochs, events(finished)[1:-1], strict=True):
        assert here["train_loss"] == pytest.approx(there["train_loss"], rel=1e-3)
        assert here["val_loss"] == pytest.approx(there["val_loss"], rel=1e-3)
    own, other = (safetensors.torch.load_file(each / "head.safetensors") for each in (project, finished))
    for name, tensor in other.items():
        assert torch.allclose(own[name], tensor, rtol=1e-3, atol=1e-5), name
    assert [row["predicted"] for row in answers(project)] == [row["predicted"] for row in answers(finished)]
