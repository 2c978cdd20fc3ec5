"""Lab 6 beside autograd with `detach`, windows of PyTorch's `unfold`, and slices by hand."""

import re

import numpy as np
import pytest
import torch

from tests.running.labs.conftest import LABS
from tests.running.labs.references.conftest import close, load, tensor

l6 = load("l6")
l1 = load("l1")


@pytest.mark.parametrize("k", [1, 2, 3, 7, 9])
@pytest.mark.parametrize("sizes", [(1, 1, 3, 2), (7, 1, 2, 3), (6, 3, 4, 2)])
def test_truncated_gradients(rng: np.random.Generator, k: int, sizes: tuple[int, int, int, int]) -> None:
    steps, batch, inputs, hidden = sizes
    x, h0, dh = (
        rng.normal(size=shape) for shape in ((steps, batch, inputs), (batch, hidden), (steps, batch, hidden))
    )
    weights = {"Wxh": (hidden, inputs), "Whh": (hidden, hidden), "b": (hidden,)}
    given = {name: rng.normal(size=shape) for name, shape in weights.items()}
    Wxh, Whh, b = learned = [tensor(value, learned=True) for value in given.values()]

    h, loss = tensor(h0), torch.zeros((), dtype=torch.float64)
    for t in range(steps):
        if t % k == 0:
            h = h.detach()
        h = torch.tanh(torch.addmm(b, tensor(x[t]), Wxh.T) + h.matmul(Whh.T))
        loss = loss + (h * tensor(dh[t])).sum()
    loss.backward()

    found = l6.tbptt_gradients(x=x, h0=h0, **given, dh=dh, k=k)
    close(found[0], loss)
    for gradient, parameter in zip(found[1:], learned, strict=True):
        assert parameter.grad is not None
        close(gradient, parameter.grad)
    if k >= steps:
        whole = l1.rnn_backward(x=x, h0=h0, **given, h=l1.rnn_forward(x=x, h0=h0, **given), dh=dh)
        for gradient, plain in zip(found[1:], whole[1:], strict=True):
            close(gradient, tensor(plain))


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_no_gradient_crosses_a_border(rng: np.random.Generator, k: int) -> None:
    """Where only h[t] counts and only x[j] is not zero, dWxh is what h[t] tells x[j]."""
    weights = {"Wxh": rng.normal(size=(2, 3)), "Whh": rng.normal(size=(2, 2)), "b": rng.normal(size=2)}
    steps = range(7)
    for t in steps:
        for j in steps:
            x, dh = np.zeros((7, 1, 3)), np.zeros((7, 1, 2))
            x[j], dh[t] = rng.normal(size=(1, 3)), rng.normal(size=(1, 2))
            _, dWxh, _, _ = l6.tbptt_gradients(x=x, h0=rng.normal(size=(1, 2)), **weights, dh=dh, k=k)
            assert dWxh.any() == (j <= t and j // k == t // k), (t, j)


def test_the_windows_that_the_text_lists() -> None:
    text = (LABS / "l6" / "README.md").read_text()
    rows = re.findall(r"^\| (\d+), (\d+), (\d+), (\d+) \| (.*) \| (.*) \|$", text, re.M)
    assert len(rows) > 3
    for *sizes, starts, targets in rows:
        found = l6.windows(**dict(zip(("N", "m", "s", "h"), map(int, sizes), strict=True)))
        assert [each.tolist() for each in found] == [listed(starts), listed(targets)]


def listed(cell: str) -> list[int]:
    numbers = [int(each) for each in re.findall(r"\d+", cell)]
    return list(range(numbers[0], numbers[-1] + 1)) if "..." in cell else numbers


@pytest.mark.parametrize("h", [1, 2, 4])
@pytest.mark.parametrize("s", [1, 2, 3, 7])
@pytest.mark.parametrize("m", [1, 2, 5])
def test_windows_are_all_that_fit(m: int, s: int, h: int) -> None:
    for N in range(15):
        expected = [i for i in range(0, N, s) if i + m - 1 + h <= N - 1]
        starts, targets = l6.windows(N=N, m=m, s=s, h=h)
        assert list(starts) == expected
        assert list(targets) == [i + m - 1 + h for i in expected]
        assert len(starts) == ((N - m - h) // s + 1 if N >= m + h else 0)  # the formula of the text


@pytest.mark.parametrize(("m", "s", "b"), [(1, 1, 1), (5, 2, 3), (4, 3, 2), (5, 7, 4)])
@pytest.mark.parametrize("keep_last", [True, False])
def test_minibatches(rng: np.random.Generator, m: int, s: int, b: int, keep_last: bool) -> None:
    x, h = rng.normal(size=(20, 3)), 2
    inputs = tensor(x[:-h]).unfold(0, m, s).transpose(1, 2)  # (windows, m, streams)
    wanted = tensor(x[m - 1 + h :: s])[:, [2, 0]]
    pairs = list(zip(inputs.split(b), wanted.split(b), strict=True))
    expected = [pair for pair in pairs if keep_last or len(pair[0]) == b]
    found = l6.minibatches(x=x, targets=[2, 0], m=m, s=s, h=h, b=b, keep_last=keep_last)
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        close(ours[0], theirs[0])
        close(ours[1], theirs[1])


def test_minibatches_by_hand() -> None:
    """Windows begin at 0, 2 and 4; what they predict stands at 2, 4 and 6."""
    x = np.array([[0, 10], [1, 11], [2, 12], [3, 13], [4, 14], [5, 15], [6, 16]], dtype=np.float64)
    given = {"x": x, "targets": [1], "m": 2, "s": 2, "h": 1, "b": 2}
    whole, rest = l6.minibatches(**given, keep_last=True)
    assert whole[0].tolist() == [[[0, 10], [1, 11]], [[2, 12], [3, 13]]]
    assert whole[1].tolist() == [[12], [14]]
    assert rest[0].tolist() == [[[4, 14], [5, 15]]]
    assert rest[1].tolist() == [[16]]
    assert len(l6.minibatches(**given, keep_last=False)) == 1
    assert l6.minibatches(**given | {"m": 7}, keep_last=True) == []


def test_stateful_batches_by_hand() -> None:
    """11 numbers in 2 streams of 5, 0...4 and 5...9; 10 and the fifth number of each stream are left."""
    found = l6.stateful_batches(x=np.arange(11.0)[:, None], m=2, b=2)
    assert [batch[..., 0].tolist() for batch in found] == [[[0, 1], [5, 6]], [[2, 3], [7, 8]]]
    assert l6.stateful_batches(x=np.arange(3.0)[:, None], m=2, b=2) == []


@pytest.mark.parametrize(("length", "m", "b"), [(24, 4, 2), (29, 3, 4), (5, 1, 1), (7, 7, 1)])
def test_a_carried_state_sees_each_stream_as_a_whole(
    rng: np.random.Generator, length: int, m: int, b: int
) -> None:
    x = rng.normal(size=(length, 2))
    rnn = torch.nn.RNN(2, 3, batch_first=True).double()
    state, outputs = None, []
    for batch in l6.stateful_batches(x=x, m=m, b=b):
        assert batch.shape == (b, m, 2)
        out, state = rnn(tensor(batch), state)
        outputs.append(out)
    each = length // b
    streams = torch.stack(tensor(x).split(each)[:b])
    used = each - each % m
    close(torch.cat(outputs, dim=1).detach().numpy(), rnn(streams)[0][:, :used])
