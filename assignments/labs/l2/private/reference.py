"""The reference of lab 2, in NumPy. Names and shapes are those of README.md."""

import numpy as np


def states(Whh, xs, h0):
    h, found = h0, []
    for x_t in xs:
        h = np.tanh(Whh @ h + x_t)
        found.append(h)
    return found


def state_jacobian_norms(*, Whh, xs, h0):
    jacobian, norms = np.eye(len(h0)), []
    for h in states(Whh, xs, h0):
        jacobian = np.diag(1 - h**2) @ Whh @ jacobian
        norms.append(np.linalg.norm(jacobian, 2))
    return np.array(norms)


def pascanu_bound(*, Whh, xs, h0):
    largest = np.linalg.norm(Whh, 2)
    slopes = np.array([np.max(1 - h**2) for h in states(Whh, xs, h0)])
    tight = np.cumprod(slopes * largest)
    loose = largest ** np.arange(1, len(xs) + 1)
    return tight, loose


def clip_by_global_norm(*, gradients, limit):
    norm = np.sqrt(sum(np.sum(each**2) for each in gradients))
    scale = limit / norm if norm > limit else 1.0
    return [each * scale for each in gradients], norm
