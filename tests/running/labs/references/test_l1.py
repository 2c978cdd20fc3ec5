"""Lab 1 beside `nn.RNN`, PyTorch's autograd, and numerical derivatives."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.running.labs.references.conftest import Arrays, close, load, set_weights, tensor

l1 = load("l1")
NAMES = ("x", "h0", "Wxh", "Whh", "b")

# steps, batch, inputs, hidden
sizes = pytest.mark.parametrize("sizes", [(1, 1, 3, 2), (7, 1, 2, 5), (4, 3, 5, 2), (1, 4, 1, 3)])


def drawn(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Arrays:
    steps, batch, inputs, hidden = sizes
    shapes = ((steps, batch, inputs), (batch, hidden), (hidden, inputs), (hidden, hidden), (hidden,))
    return {name: rng.normal(size=shape) for name, shape in zip(NAMES, shapes, strict=True)}


def rnn(given: Arrays) -> nn.RNN:
    hidden, inputs = given["Wxh"].shape
    layer = nn.RNN(inputs, hidden).double()
    set_weights(layer, {"W": given["Wxh"], "U": given["Whh"], "b": given["b"]}, "_l0")
    return layer


@sizes
def test_forward_and_backward_are_those_of_torch(
    rng: np.random.Generator, sizes: tuple[int, int, int, int]
) -> None:
    given = drawn(rng, sizes)
    layer, first = rnn(given), tensor(given["h0"][None], learned=True)
    h, _ = layer(tensor(given["x"]), first)
    found = l1.rnn_forward(**given)
    close(found, h)

    dh = rng.normal(size=h.shape)
    h.backward(tensor(dh))
    dh0, dWxh, dWhh, db = l1.rnn_backward(**given, h=found, dh=dh)
    assert first.grad is not None
    close(dh0, first.grad[0])
    close(dWxh, layer.weight_ih_l0.grad)
    close(dWhh, layer.weight_hh_l0.grad)
    close(db, layer.bias_ih_l0.grad)


class Written(torch.autograd.Function):
    """The reference as an operator, so that `gradcheck` can compare it with difference quotients."""

    @staticmethod
    def forward(ctx: Any, *values: torch.Tensor) -> torch.Tensor:
        h = tensor(l1.rnn_forward(**arrays(values)))
        ctx.save_for_backward(*values, h)
        return h

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> Any:
        *values, h = ctx.saved_tensors
        found = l1.rnn_backward(**arrays(values), h=h.numpy(), dh=upstream[0].numpy())
        return None, *map(tensor, found)


def arrays(values: Any) -> Arrays:
    return {name: value.detach().numpy() for name, value in zip(NAMES, values, strict=True)}


def test_backward_is_the_derivative_of_forward(rng: np.random.Generator) -> None:
    given = drawn(rng, (3, 2, 3, 4))
    values = [tensor(given[name], learned=name != "x") for name in NAMES]
    assert torch.autograd.gradcheck(Written.apply, values)


def test_the_formulas_of_the_text_by_hand() -> None:
    """One unit, Wxh = 0, Whh = 1, h = 0 throughout: tanh has the slope 1, a step hands on what it got."""
    given = {"x": np.ones((3, 1, 1)), "h0": np.zeros((1, 1)), "b": np.zeros(1)}
    given |= {"Wxh": np.zeros((1, 1)), "Whh": np.ones((1, 1))}
    dh = np.array([1.0, 10.0, 100.0]).reshape(3, 1, 1)
    dh0, dWxh, dWhh, db = l1.rnn_backward(**given, h=l1.rnn_forward(**given), dh=dh)
    assert dh0.item() == 111  # the deltas are 111, 110 and 100
    assert dWxh.item() == db.item() == 111 + 110 + 100
    assert dWhh.item() == 0
