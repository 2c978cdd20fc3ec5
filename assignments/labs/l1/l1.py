"""Lab 1: a recurrent network and its gradients by hand. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def rnn_forward(*, x, h0, Wxh, Whh, b):
    """All states of a recurrent network with tanh.

    x: (T, B, I), a batch of B sequences of T steps with I inputs
    h0: (B, H), the state before the first step
    Wxh: (H, I)    Whh: (H, H)    b: (H,)

    Returns h: (T, B, H), where h[t] is the state after x[t] was read.
    """
    raise NotImplementedError


def rnn_backward(*, x, h0, Wxh, Whh, b, h, dh):
    """The gradients of a loss L by backpropagation through time, written by hand: without autograd.

    x, h0, Wxh, Whh, b: as in rnn_forward
    h: (T, B, H), what rnn_forward returned
    dh: (T, B, H), where dh[t] is the gradient of L with respect to h[t] as far as L uses h[t] directly

    Returns dh0, dWxh, dWhh, db: the gradients of L, each of the shape of what it belongs to.
    """
    raise NotImplementedError
