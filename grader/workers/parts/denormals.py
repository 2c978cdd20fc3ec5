"""Numbers nearer to zero than float32 holds in full: each may cost as much as a hundred others."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed(threads: int = 1) -> Iterator[None]:
    """They count as zero meanwhile, in this thread and in those that it starts: `threads` in all.

    A pool of threads keeps what held when it was made, so none may have been made before.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
