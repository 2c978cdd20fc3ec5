"""The references of the labs, imported, and the weights of PyTorch's layers in the labs' order."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.running.labs.conftest import LABS

Arrays = dict[str, Any]


def load(name: str) -> ModuleType:
    """`load("l1")`: private/reference.py of lab 1 as a module."""
    path = Path(LABS, name, "private", "reference.py")
    spec = importlib.util.spec_from_file_location(f"reference_of_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=range(3), ids="seed {}".format)
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


def tensor(array: Any, *, learned: bool = False) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float64, requires_grad=learned)


def close(found: Any, expected: torch.Tensor) -> None:
    """Shapes are compared too: nothing is broadcast."""
    array = expected.detach().numpy()
    assert np.shape(found) == array.shape
    np.testing.assert_allclose(found, array, rtol=1e-10, atol=1e-12)


def set_weights(layer: nn.Module, direction: Arrays, suffix: str) -> None:
    """Puts W, U and b into a recurrent layer; PyTorch's second bias gets a part of b, not nothing."""
    values = {"weight_ih": direction["W"], "weight_hh": direction["U"]}
    values |= {"bias_ih": 0.25 * direction["b"], "bias_hh": 0.75 * direction["b"]}
    with torch.no_grad():
        for name, value in values.items():
            getattr(layer, name + suffix).copy_(tensor(value))


def lstm_weights(rng: np.random.Generator, inputs: int, hidden: int) -> Arrays:
    return {
        "W": rng.normal(size=(4 * hidden, inputs)),
        "U": rng.normal(size=(4 * hidden, hidden)),
        "b": rng.normal(size=4 * hidden),
    }
