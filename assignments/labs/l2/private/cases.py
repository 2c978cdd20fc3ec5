"""What lab 2 is tested on: matrices that shrink, that stretch, and one whose eigenvalues are all zero."""

import numpy as np

from grader.workers.examining import Case


def matrix(rng, size, largest):
    """A random matrix with this largest singular value."""
    found = rng.normal(size=(size, size))
    return found * (largest / np.linalg.norm(found, 2))


def cases(rng, reference):
    nilpotent = np.triu(rng.normal(size=(4, 4)), 1) * 2
    matrices = {
        "largest singular value 0.7, 6 steps": (matrix(rng, 3, 0.7), 6),
        "largest singular value 1.5, 5 steps": (matrix(rng, 5, 1.5), 5),
        "all eigenvalues 0, 3 steps": (nilpotent, 3),
    }
    for label, (Whh, steps) in matrices.items():
        size = len(Whh)
        given = {"Whh": Whh, "xs": rng.normal(size=(steps, size)) / 2, "h0": rng.normal(size=size) / 2}
        yield Case(function="state_jacobian_norms", label=label, arguments=given, results=["norms"])
        yield Case(function="pascanu_bound", label=label, arguments=given, results=["tight", "loose"])
    gradients = [rng.normal(size=(4, 3)), rng.normal(size=5), 3 * rng.normal(size=(2, 2))]
    for label, limit in {"clipped": 1.5, "small enough": 1e3}.items():
        given = {"gradients": gradients, "limit": limit}
        yield Case(function="clip_by_global_norm", label=label, arguments=given, results=["clipped", "norm"])
