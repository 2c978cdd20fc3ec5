"""Lab 6: truncated backpropagation, windows and mini-batches. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def tbptt_gradients(*, x, h0, Wxh, Whh, b, dh, k):
    """Loss and gradients of the network of lab 1 by backpropagation truncated after every k steps.

    x: (T, B, I)    h0: (B, H)    Wxh: (H, I)    Whh: (H, H)    b: (H,)    dh: (T, B, H)

    The loss is the sum of dh * h over all steps. Returns loss, dWxh, dWhh, db.
    """
    raise NotImplementedError


def windows(*, N, m, s, h):
    """Windows of m numbers of a series of N, each s after the one before, and targets h after their ends.

    Returns starts and targets, two lists of indices from 0, of one length.
    """
    raise NotImplementedError


def minibatches(*, x, targets, m, s, h, b, keep_last):
    """Mini-batches of b windows of several streams.

    x: (N, d)    targets: which streams are predicted    m, s, h: as in windows
    keep_last: whether the rest that fills no whole batch is a batch too

    Returns a list of pairs: X (b, m, d) and its targets (b, number of targets).
    """
    raise NotImplementedError


def stateful_batches(*, x, m, b):
    """Batches for a network that keeps its state: row j goes on where row j of the batch before ended.

    x: (N, d)

    Returns a list of arrays (b, m, d).
    """
    raise NotImplementedError
