"""Lab 5: dropout, recurrent dropout and zoneout. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def dropout(*, x, p, training):
    """Dropout: in training each number of x, of any shape, is zero with probability p.

    Returns y, of the shape of x.
    """
    raise NotImplementedError


def recurrent_masks(*, steps, batch, hidden, p, variational):
    """Dropout masks for the states of a recurrent network.

    Returns masks: (steps, batch, hidden). `variational`: whether a sequence has one mask for all its steps.
    """
    raise NotImplementedError


def zoneout(*, previous, new, p, training):
    """Zoneout of a state. previous, new: (B, H), the state before a step and after it.

    Returns h: (B, H).
    """
    raise NotImplementedError
