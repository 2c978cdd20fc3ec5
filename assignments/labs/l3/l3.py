"""Lab 3: LSTM and peepholes. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def lstm_step(*, x, h, c, W, U, b):
    """One step of an LSTM.

    x: (B, I)    h: (B, H)    c: (B, H)    W: (4H, I)    U: (4H, H)    b: (4H,), in the order i, f, g, o

    Returns the new h: (B, H) and c: (B, H).
    """
    raise NotImplementedError


def lstm_peephole(*, x, h0, c0, W, U, b, p_i, p_f, p_o):
    """An LSTM with peepholes over a whole sequence.

    x: (T, B, I)    h0, c0: (B, H)    W, U, b: as above    p_i, p_f, p_o: (H,)

    Returns h: (T, B, H) and c: (T, B, H), the states and cells after each step.
    """
    raise NotImplementedError


def parameter_count(*, inputs, hidden, peepholes):
    """How many numbers such a layer learns; `peepholes`: whether it has them."""
    raise NotImplementedError
