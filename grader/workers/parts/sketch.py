"""A small picture of what training did to the tensors, for comparing students without keeping their networks.

The change from the common start is a vector with millions of numbers. Each is added, with a random sign,
to one of SIZE sums; the cosine of two such sketches is that of the vectors, to about (1 - cosine^2) /
sqrt(SIZE).
"""

import zlib
from collections.abc import Mapping, Set

import torch
from torch import Tensor

SIZE = 512


def of(found: Mapping[str, Tensor], pretrained: Mapping[str, Tensor], weights: Set[str]) -> tuple[float, ...]:
    """The sketch of the change, of unit length; (0, ...) where nothing changed. `weights`: what counts."""
    sums = torch.zeros(SIZE, dtype=torch.float64)
    for name in sorted(weights & found.keys()):
        change = found[name].double().flatten()
        if name in pretrained:
            change -= pretrained[name].double().flatten()
        if change.any():
            source = torch.Generator().manual_seed(zlib.crc32(name.encode()))
            places = torch.randint(SIZE, change.shape, generator=source)
            signs = torch.randint(2, change.shape, generator=source) * 2 - 1
            sums.index_add_(0, places, change * signs)
    return tuple((sums / (sums.norm() or 1.0)).tolist())
