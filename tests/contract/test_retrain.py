"""The starter's own training once more, in the sandbox, and its network beside the one that was handed in."""

import json
from pathlib import Path

import pytest

from tests.contract.conftest import Homework
from tests.repository.building import commit
from tests.sandbox.conftest import missing

RUBRIC = """
schema = 1
id = "small"
title = "Small"
points = 1

[checks.required_files]
points = 1
paths = ["submission.toml"]

[checks.retrain]
points = 0
required = false
minutes = 5
memory = 4
disk = 1
gpu = false
"""
TRAIN = '["python", "-m", "finetune.train"]'
AS_IN_THE_LOG = """["env", "OMP_NUM_THREADS=1", "python", "-m", "finetune.train",
         "--epochs-head", "20", "--epochs-upper", "4", "--batch-size", "10"]"""


def test_training_again_gives_the_same_network(homework: Homework) -> None:
    """With the same settings, seed and number of threads, on the same processor: bit by bit."""
    if reason := missing():
        pytest.skip(reason)
    homework.replace("submission.toml", TRAIN, AS_IN_THE_LOG)
    commit(homework.folder)
    rubric: Path = homework.folder.with_name("small.toml")
    rubric.write_text(RUBRIC)
    (result,) = [each for each in homework.grade()["results"] if each["check"] == "retrain"]
    assert result["outcome"] == "passed"
    again, same, compared = result["findings"]
    assert {each["level"] for each in result["findings"]} == {"note"}, result["findings"]
    seed = json.loads(homework.read("logs/train.jsonl").splitlines()[0])["seed"]
    accuracy = json.loads(homework.read("results.json"))["test_accuracy"]
    assert f"the log's seed {seed}: " in again["message"] and f"= {accuracy:.4f} (" in again["message"]
    assert same["message"] == "the tensors are the same as those that were handed in, byte by byte"
    assert (
        "0 of 100 predictions differ, 0 right ones became wrong and 0 wrong ones right" in compared["message"]
    )
