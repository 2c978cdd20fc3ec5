"""The reference of lab 6, in NumPy. Names and shapes are those of README.md."""

import numpy as np


def tbptt_gradients(*, x, h0, Wxh, Whh, b, dh, k):
    h, states = h0, []
    for x_t in x:
        h = np.tanh(x_t @ Wxh.T + h @ Whh.T + b)
        states.append(h)
    loss = sum(np.sum(d * h) for d, h in zip(dh, states, strict=True))
    dWxh, dWhh, db = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(b)
    carried = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        if (t + 1) % k == 0:
            carried = np.zeros_like(h0)
        da = (dh[t] + carried) * (1 - states[t] ** 2)
        dWxh += da.T @ x[t]
        dWhh += da.T @ (states[t - 1] if t > 0 else h0)
        db += da.sum(axis=0)
        carried = da @ Whh
    return loss, dWxh, dWhh, db


def windows(*, N, m, s, h):
    starts = np.arange(0, max(0, N - m - h + 1), s)
    return starts, starts + m - 1 + h


def minibatches(*, x, targets, m, s, h, b, keep_last):
    starts, ends = windows(N=len(x), m=m, s=s, h=h)
    batches = []
    for q in range(0, len(starts), b):
        chosen = starts[q : q + b]
        if len(chosen) < b and not keep_last:
            continue
        inputs = np.stack([x[start : start + m] for start in chosen])
        batches.append([inputs, x[ends[q : q + b]][:, targets]])
    return batches


def stateful_batches(*, x, m, b):
    length = len(x) // b
    streams = np.stack([x[row * length : (row + 1) * length] for row in range(b)])
    return [streams[:, q : q + m] for q in range(0, length - m + 1, m)]
