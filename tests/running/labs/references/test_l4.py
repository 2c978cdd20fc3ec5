"""Lab 4 beside `nn.LSTM`: bidirectional, packed, in several layers, with a state that is carried."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.running.labs.references.conftest import Arrays, close, load, lstm_weights, set_weights, tensor

l4 = load("l4")


def stacked(layers: list[Arrays]) -> nn.LSTM:
    """PyTorch's bidirectional LSTM with these weights."""
    rows, inputs = layers[0]["forward"]["W"].shape
    lstm = nn.LSTM(inputs, rows // 4, num_layers=len(layers), bidirectional=True).double()
    for number, layer in enumerate(layers):
        set_weights(lstm, layer["forward"], f"_l{number}")
        set_weights(lstm, layer["backward"], f"_l{number}_reverse")
    return lstm


def both(rng: np.random.Generator, inputs: int, hidden: int) -> Arrays:
    return {name: lstm_weights(rng, inputs, hidden) for name in ("forward", "backward")}


@pytest.mark.parametrize(
    ("lengths", "inputs", "hidden"), [([1], 3, 2), ([5], 2, 4), ([2, 6, 1, 4], 3, 2), ([3, 3], 1, 5)]
)
def test_bidirectional(rng: np.random.Generator, lengths: list[int], inputs: int, hidden: int) -> None:
    layer = both(rng, inputs, hidden)
    x = rng.normal(size=(max(lengths), len(lengths), inputs))  # numbers in the padding too
    packed, (last, _) = stacked([layer])(
        pack_padded_sequence(tensor(x), torch.tensor(lengths), enforce_sorted=False)
    )
    expected, _ = pad_packed_sequence(packed)
    out = l4.blstm(x=x, **layer, lengths=lengths)
    close(out, expected)
    close(l4.last_states(out=out, lengths=lengths), torch.cat([last[0], last[1]], dim=1))


def test_what_each_direction_has_seen(rng: np.random.Generator) -> None:
    """Step 3 hears of step 8 from the backward direction alone."""
    layer, x = both(rng, 3, 4), rng.normal(size=(9, 2, 3))
    changed = x.copy()
    changed[8] += 1
    one, other = (l4.blstm(x=each, **layer, lengths=[9, 9]) for each in (x, changed))
    assert (one[3] == other[3]).all(axis=0).tolist() == [True] * 4 + [False] * 4


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("steps", "batch"), [(1, 1), (6, 3)])
def test_deep(rng: np.random.Generator, count: int, steps: int, batch: int) -> None:
    layers = [both(rng, 3 if number == 0 else 4, 2) for number in range(count)]
    x = rng.normal(size=(steps, batch, 3))
    expected, (last, _) = stacked(layers)(tensor(x))
    out, h_n = l4.deep_blstm(x=x, layers=layers)
    close(out, expected)
    close(h_n, last)


@pytest.mark.parametrize(("steps", "batch"), [(1, 1), (5, 2)])
def test_time_distributed(rng: np.random.Generator, steps: int, batch: int) -> None:
    linear = nn.Linear(3, 4).double()
    x = rng.normal(size=(steps, batch, 3))
    W, b = linear.weight.detach().numpy(), linear.bias.detach().numpy()
    close(l4.time_distributed(x=x, W=W, b=b), torch.stack([linear(x_t) for x_t in tensor(x)]))


@pytest.mark.parametrize("lengths", [[1], [3, 1, 4], [1, 1]])
@pytest.mark.parametrize("batch", [1, 3])
def test_chunks_are_one_long_sequence(rng: np.random.Generator, lengths: list[int], batch: int) -> None:
    weights = lstm_weights(rng, 3, 2)
    x = rng.normal(size=(sum(lengths), batch, 3))
    h0, c0 = rng.normal(size=(2, batch, 2))
    lstm = nn.LSTM(3, 2).double()
    set_weights(lstm, weights, "_l0")
    expected, (last_h, last_c) = lstm(tensor(x), (tensor(h0[None]), tensor(c0[None])))
    chunks = np.split(x, np.cumsum(lengths)[:-1])
    out, h, c = l4.stateful_run(chunks=chunks, h0=h0, c0=c0, **weights)
    close(out, expected)
    close(h, last_h[0])
    close(c, last_c[0])
