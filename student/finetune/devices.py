"""What the network is computed on."""

import os

import torch


def best() -> torch.device:
    """A graphics card if there is one (CUDA: NVIDIA, MPS: Apple), else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def make_reproducible() -> None:
    """The same seed gives the same network, on the same device and number of threads.

    Sums of rounded numbers depend on their order, and graphics cards add in whatever order is fastest unless
    told.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
