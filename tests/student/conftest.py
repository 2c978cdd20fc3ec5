"""What the tests of the student's side share: a starter repository and a tiny pretrained network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests import starter
from tests.starter import NETWORK, WEIGHTS

PYTHON = sys.executable
# As many threads in every process, however busy the machine is: other sums would round otherwise.
os.environ.setdefault("OMP_NUM_THREADS", "1")

Run = Callable[..., subprocess.CompletedProcess[str]]


def small_project(folder: Path) -> Path:
    """The starter repository with few digits and the tiny network."""
    return starter.with_digits(folder, train=12, val=4, test=6)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights of the tiny network: random ones, always the same."""
    import safetensors.torch
    import timm
    import torch

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    tensors = timm.create_model(NETWORK).state_dict()
    safetensors.torch.save_file(tensors, folder / f"timm-{NETWORK}-{WEIGHTS}.safetensors")
    return folder


@pytest.fixture(scope="session")
def environment(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return os.environ | {
        "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")),
        "COURSEWORK_WEIGHTS": str(weights),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def run(environment: dict[str, str]) -> Run:
    """Run one of the student's programs in a project, as its Makefile does."""

    def program(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [PYTHON, "-m", f"finetune.{module}", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return program


@pytest.fixture
def edit() -> Callable[..., None]:
    """edit(path, key="value in TOML", ...) changes a submission.toml."""
    return starter.set_keys


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """call(module, "--option", ...) runs a program of the current folder in this process, which has torch
    already.
    """

    def program(module: ModuleType, *arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", [module.__name__, *arguments])
        module.main()

    return program


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Path) -> Path:
    """A fresh small project as the current folder."""
    folder = small_project(tmp_path / "homework")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COURSEWORK_WEIGHTS", str(weights))
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, weights: Path) -> Path:
    """A small project after all steps: 1 epoch of phase one, 2 of phase two. Tests must not change it.

    The steps run in this process; tests/contract has those of `make`.
    """
    from finetune import data, evaluate, report, train

    folder = small_project(tmp_path_factory.mktemp("finished") / "homework")
    flags = ["--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COURSEWORK_WEIGHTS", str(weights))
        for step in (data, train, evaluate, report):
            patch.setattr(sys, "argv", ["finetune", *(flags if step is train else [])])
            step.main()
    return folder


@pytest.fixture
def handed_out(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: Path) -> Path:
    """A copy of the finished project, to change at will, as the current folder."""
    folder = tmp_path / "homework"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COURSEWORK_WEIGHTS", str(weights))
    return folder
