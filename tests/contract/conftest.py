"""A student's repository as it is handed in: the starter copied out alone, its Makefile run, all committed.

The sample is small and the network tiny, but every part is real: real digits, training, git, workers. As no
weights of a network this small are published, it is first trained to tell the ten digits apart; these are its
"pretrained" weights, in a folder that both sides are pointed to.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from grader.cli import main
from tests import starter
from tests.repository.building import commit
from tests.starter import NETWORK, WEIGHTS

LATE = "2020-11-11T08:00:00+0100"

ONE_THREAD = {
    "OMP_NUM_THREADS": "1"
}  # threads that wait for each other cost a tiny network more than they bring

RUBRIC = """\
schema = 1
id = "small"
title = "Homework 4, small"
points = 100

[checks.deadline]
at = "2020-11-10 23:59"
zone = "Europe/Budapest"

[checks.required_files]
points = 10
paths = ["submission.toml", "README.md"]
declared = [
    "data.splits", "documents.download", "log.paths", "model.checkpoint", "model.phase_one_checkpoint",
    "results.predictions", "results.summary", "documents.report",
]

[checks.splits]
points = 15
train = 60
val = 20
test = 50

[checks.preprocessing]
points = 15

[checks.two_phases]
points = 20

[checks.training_log]
points = 10

[checks.accuracy]
points = 20

[checks.report]
points = 10

[checks.english]
"""

PRETRAIN = f"""\
import sys
import numpy, safetensors.torch, timm, torch
from sklearn.datasets import load_digits
torch.manual_seed(1)
digits = load_digits()
images = torch.tensor(numpy.kron(digits.images, numpy.ones((8, 8)))[:, None] / 8 - 1, dtype=torch.float32)
images, labels = images.expand(-1, 3, -1, -1), torch.tensor(digits.target)
network = timm.create_model("{NETWORK}", num_classes=10)
optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
for epoch in range(2):
    for batch in torch.randperm(len(labels)).split(32):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
        optimizer.step()
tensors = {{name: tensor.contiguous() for name, tensor in network.state_dict().items()}}
tensors |= timm.create_model("{NETWORK}").get_classifier().state_dict(prefix="classifier.")
safetensors.torch.save_file(tensors, sys.argv[1])
"""


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    path = folder / f"timm-{NETWORK}-{WEIGHTS}.safetensors"
    run([sys.executable, "-c", PRETRAIN, str(path)], folder, os.environ | ONE_THREAD)
    return folder


@pytest.fixture(scope="session")
def environment(weights: Path) -> dict[str, str]:
    return os.environ | ONE_THREAD | {"COURSEWORK_WEIGHTS": str(weights), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The repository of a student who did everything right and committed in time."""
    folder = tmp_path_factory.mktemp("student") / "homework"
    starter.with_digits(folder, train=60, val=20, test=50)
    flags = "TRAIN_FLAGS=--epochs-head 20 --epochs-upper 4 --batch-size 10"
    run(["make", "report", f"PYTHON={sys.executable}", flags], folder, environment)
    return commit(folder)


class Homework:
    """A copy of the finished repository, to be changed in one way, committed and graded."""

    def __init__(self, folder: Path, environment: dict[str, str], cache: Path) -> None:
        self.folder = folder
        self._environment = environment | {"XDG_CACHE_HOME": str(cache)}
        self._rubric = folder.with_name("small.toml")
        self._rubric.write_text(RUBRIC)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def evaluate_again(self) -> None:
        """What a student would do after a change: new predictions, and a report that goes with them."""
        both = "from finetune import evaluate, report; evaluate.main(); report.main()"
        run([sys.executable, "-c", both], self.folder, self._environment)

    def report_again(self) -> None:
        run([sys.executable, "-m", "finetune.report"], self.folder, self._environment)

    @property
    def weights(self) -> Path:
        return Path(self._environment["COURSEWORK_WEIGHTS"])

    def grade(self, *arguments: str, cache: Path | None = None) -> dict[str, Any]:
        """The verdict that `grader check` writes, run in this process; `cache` instead of the shared one."""
        environment = self._environment | ({"XDG_CACHE_HOME": str(cache)} if cache else {})
        before = signal.getsignal(signal.SIGTERM)
        with mock.patch.dict(os.environ, environment):
            main(self._check(*arguments))
        signal.signal(signal.SIGTERM, before)
        return self._verdict()

    def grade_by_command(self) -> dict[str, Any]:
        """The same by the command, as a process of its own."""
        command = [sys.executable, "-m", "grader", *self._check()]
        subprocess.run(command, env=self._environment, check=False)
        return self._verdict()

    def _check(self, *arguments: str) -> list[str]:
        files = ["--weights", str(self.weights), "--json", str(self.folder.with_name("verdict.json"))]
        return ["check", str(self.folder), "--assignment", str(self._rubric), *files, *arguments]

    def _verdict(self) -> dict[str, Any]:
        verdict: dict[str, Any] = json.loads(self.folder.with_name("verdict.json").read_text())
        return verdict


@pytest.fixture
def homework(
    finished: Path, environment: dict[str, str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Homework:
    folder = tmp_path / "homework"
    shutil.copytree(finished, folder, symlinks=True)
    cache = tmp_path_factory.getbasetemp() / "cache"  # shared: what did not change is not evaluated again
    return Homework(folder, environment, cache)
