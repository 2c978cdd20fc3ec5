"""Lab 3 beside `nn.LSTMCell`, `nn.LSTM`, and the lecture's formulas unit by unit."""

import math
from typing import Any

import numpy as np
import pytest
from torch import nn

from tests.running.labs.references.conftest import Arrays, close, load, lstm_weights, set_weights, tensor

l3 = load("l3")
PEEPHOLES = ("p_i", "p_f", "p_o")

# batch, inputs, hidden
sizes = pytest.mark.parametrize("sizes", [(1, 3, 2), (4, 2, 5), (1, 1, 3)])


def sequence(rng: np.random.Generator, steps: int, sizes: tuple[int, int, int]) -> Arrays:
    batch, inputs, hidden = sizes
    given = {name: rng.normal(size=(batch, hidden)) for name in ("h0", "c0")}
    return {"x": rng.normal(size=(steps, batch, inputs)), **given, **lstm_weights(rng, inputs, hidden)}


@sizes
def test_step(rng: np.random.Generator, sizes: tuple[int, int, int]) -> None:
    batch, inputs, hidden = sizes
    weights = lstm_weights(rng, inputs, hidden)
    x, h, c = (rng.normal(size=(batch, size)) for size in (inputs, hidden, hidden))
    cell = nn.LSTMCell(inputs, hidden).double()
    set_weights(cell, weights, "")
    expected = cell(tensor(x), (tensor(h), tensor(c)))
    for found, wanted in zip(l3.lstm_step(x=x, h=h, c=c, **weights), expected, strict=True):
        close(found, wanted)


@sizes
@pytest.mark.parametrize("steps", [1, 6])
def test_peepholes_of_zero(rng: np.random.Generator, sizes: tuple[int, int, int], steps: int) -> None:
    given = sequence(rng, steps, sizes)
    layer = nn.LSTM(sizes[1], sizes[2]).double()
    set_weights(layer, given, "_l0")
    out, (_, last) = layer(tensor(given["x"]), (tensor(given["h0"][None]), tensor(given["c0"][None])))
    h, c = l3.lstm_peephole(**given, **dict.fromkeys(PEEPHOLES, np.zeros(sizes[2])))
    close(h, out)
    close(c[-1], last[0])


@sizes
@pytest.mark.parametrize("steps", [1, 4])
def test_peepholes(rng: np.random.Generator, sizes: tuple[int, int, int], steps: int) -> None:
    given = sequence(rng, steps, sizes) | {name: rng.normal(size=sizes[2]) for name in PEEPHOLES}
    hs, cs = l3.lstm_peephole(**given)
    assert hs.shape == cs.shape == (steps, sizes[0], sizes[2])
    for row in range(sizes[0]):
        h, c = given["h0"][row].tolist(), given["c0"][row].tolist()
        for t in range(steps):
            h, c = unit_by_unit(given, given["x"][t, row].tolist(), h, c)
            assert hs[t, row] == pytest.approx(h, rel=1e-10, abs=1e-12)
            assert cs[t, row] == pytest.approx(c, rel=1e-10, abs=1e-12)


def test_an_open_forget_gate_keeps_the_cell(rng: np.random.Generator) -> None:
    """With f = 1 and i = 0 the last cell is the first one, and its derivative with respect to it is 1."""
    given = sequence(rng, 7, (2, 3, 4)) | {name: 0.1 * rng.normal(size=4) for name in PEEPHOLES}
    given["b"] += np.repeat([-60.0, 60.0, 0.0, 0.0], 4)

    def last(c0: Any) -> Any:
        return l3.lstm_peephole(**given | {"c0": c0})[1][-1]

    c0 = given["c0"]
    assert last(c0) == pytest.approx(c0, abs=1e-15)
    assert (last(c0 + 0.5) - last(c0 - 0.5)) == pytest.approx(np.ones_like(c0), abs=1e-15)


def unit_by_unit(
    given: Arrays, x: list[float], h: list[float], c: list[float]
) -> tuple[list[float], list[float]]:
    """One step of one sequence in numbers of Python."""
    size, states, cells = len(h), [], []
    for unit in range(size):
        i, f, g, o = (
            dot(given["W"][row].tolist(), x) + dot(given["U"][row].tolist(), h) + given["b"][row]
            for row in range(unit, 4 * size, size)
        )
        p_i, p_f, p_o = (given[name][unit] for name in PEEPHOLES)
        cell = logistic(f + p_f * c[unit]) * c[unit] + logistic(i + p_i * c[unit]) * math.tanh(g)
        cells.append(cell)
        states.append(logistic(o + p_o * cell) * math.tanh(cell))
    return states, cells


def dot(a: list[float], b: list[float]) -> float:
    return math.fsum(one * other for one, other in zip(a, b, strict=True))


def logistic(a: float) -> float:
    return (1 + math.tanh(a / 2)) / 2


@pytest.mark.parametrize(("inputs", "hidden"), [(3, 4), (1, 1), (7, 2)])
def test_parameter_count(inputs: int, hidden: int) -> None:
    cell = nn.LSTMCell(inputs, hidden)
    one_bias = sum(each.numel() for each in cell.parameters()) - cell.bias_hh.numel()
    assert l3.parameter_count(inputs=inputs, hidden=hidden, peepholes=False) == one_bias
    assert l3.parameter_count(inputs=inputs, hidden=hidden, peepholes=True) == one_bias + 3 * hidden


def test_parameter_count_by_hand() -> None:
    """W has 16 x 3 numbers, U 16 x 4, b 16, and the peepholes 3 x 4."""
    assert l3.parameter_count(inputs=3, hidden=4, peepholes=True) == 48 + 64 + 16 + 12 == 140
