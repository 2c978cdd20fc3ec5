"""Lab 4: bidirectional and deep LSTM. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def blstm(*, x, forward, backward, lengths):
    """A bidirectional LSTM, from states and cells of zero.

    x: (T, B, I), a batch of sequences padded to T steps    lengths: B numbers of steps
    forward, backward: dictionaries with W: (4H, I), U: (4H, H), b: (4H,), as in lab 3

    Returns out: (T, B, 2H), the forward direction first; zero behind the end of a sequence.
    """
    raise NotImplementedError


def last_states(*, out, lengths):
    """What each direction says when it has read everything.

    out: (T, B, 2H), what blstm returned    lengths: B numbers of steps

    Returns last: (B, 2H), the forward direction first.
    """
    raise NotImplementedError


def deep_blstm(*, x, layers):
    """Bidirectional LSTMs one above the other; all sequences have T steps.

    x: (T, B, I)    layers: a list of dictionaries with the keys "forward" and "backward", each as in blstm

    Returns out: (T, B, 2H) of the highest layer, and h_n: (2L, B, H), see README.md.
    """
    raise NotImplementedError


def time_distributed(*, x, W, b):
    """A dense layer on each step. x: (T, B, I)    W: (O, I)    b: (O,)    Returns y: (T, B, O)."""
    raise NotImplementedError


def stateful_run(*, chunks, h0, c0, W, U, b):
    """An LSTM over a long sequence that comes in chunks, each (T_k, B, I); h0, c0: (B, H).

    Returns out: (T_1 + T_2 + ..., B, H), and the last h and c, both (B, H).
    """
    raise NotImplementedError
