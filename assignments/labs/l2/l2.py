"""Lab 2: gradients that vanish or explode, and clipping. README.md says what each function has to do.

Write the functions below; keep their names and arguments. NumPy arrays (float64) come in; give back NumPy
arrays, or tensors of PyTorch, TensorFlow or Keras. Further functions of your own are welcome.
"""

import numpy as np


def state_jacobian_norms(*, Whh, xs, h0):
    """How strongly the state after each step depends on the first one.

    Whh: (H, H)    xs: (T, H), what is added at each step    h0: (H,)

    Returns norms: (T,), the largest singular values of the Jacobians dh_1/dh_0, ..., dh_T/dh_0.
    """
    raise NotImplementedError


def pascanu_bound(*, Whh, xs, h0):
    """Two upper bounds for these norms; arguments as above.

    Returns tight: (T,) and loose: (T,), see README.md.
    """
    raise NotImplementedError


def clip_by_global_norm(*, gradients, limit):
    """Gradients scaled so that the norm of all of them together is at most `limit`.

    Returns the list of clipped gradients, and their norm before clipping.
    """
    raise NotImplementedError
