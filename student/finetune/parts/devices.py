"""What the network is computed on."""

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

STATISTICS = Path("/proc/stat")


def best() -> torch.device:
    """A graphics card if there is one (CUDA: NVIDIA, MPS: Apple), else the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def place_network(network: nn.Module) -> None:
    """Put a network on the best device, its convolutions in the memory format that is fast there."""
    network.to(best(), memory_format=_memory_format(best()))


def place(batch: Tensor) -> Tensor:
    """A batch where the network is; images, and what convolutions make of them, in the same memory format."""
    device = best()
    return batch.to(device, memory_format=_memory_format(device)) if batch.dim() == 4 else batch.to(device)


def _memory_format(device: torch.device) -> torch.memory_format:
    """With the channels of a pixel side by side, frozen EfficientNet-Lite0 takes 14 ms an image instead of
    17, ResNet-50 65 instead of 77 (one core, memory kept; else 34 instead of 57, and 97 instead of 147). On
    Apple's graphics cards PyTorch was wrong in this format more than once (its issues 140902 and 174269).
    """
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def free_threads() -> int:
    """How many threads pay off: on a busy machine, more than there are free cores wait for one another.

    Linux counts the idle time of its cores, so a look at two moments tells how many are free right now.
    """
    usual = torch.get_num_threads()
    if "OMP_NUM_THREADS" in os.environ or not STATISTICS.exists():
        return usual
    before = _idle_and_all()
    time.sleep(0.2)
    idle, together = (later - earlier for later, earlier in zip(_idle_and_all(), before, strict=True))
    free = round((os.cpu_count() or 1) * idle / max(together, 1))
    return max(1, min(usual, free))


def _idle_and_all() -> tuple[int, int]:
    """Ticks that all cores together were idle or waited for a disk, and all of their ticks."""
    ticks = [int(number) for number in STATISTICS.read_text().partition("\n")[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def use_threads(number: int) -> int:
    """Let PyTorch use so many threads; returns how many those are."""
    torch.set_num_threads(number)
    return number


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """For work of a few images, where threads would mostly wait for one another."""
    number = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(number)


def can_mix() -> bool:
    """Whether there is a graphics card that multiplies numbers of 16 bits (bfloat16) by itself."""
    return best().type == "cuda" and torch.cuda.is_bf16_supported()


def precision(mixed: bool) -> contextlib.AbstractContextManager[object]:
    """With mixed precision, the network computes with 16 bits where that does no harm."""
    if mixed and can_mix():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def give_memory_back() -> None:
    """Give the system what is free, after work that needs more memory than what follows: the Makefile lets
    processes keep it, and 0.5 GB of it would be left of trying a cut of VGG16.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):  # only glibc has it
        libc.malloc_trim(0)


def make_reproducible() -> None:
    """The same seed gives the same network, on the same device and number of threads.

    Sums of rounded numbers depend on their order, and graphics cards add in whatever order is fastest unless
    told. Where they know no other way, PyTorch warns and goes on.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Else all new memory is filled with NaN first, for programs that read it before they write it: frozen
    # EfficientNet-Lite0 would take 12.1 ms an image instead of 10.6, a step of its upper layers 15.1 instead
    # of 14.2 (one core, memory kept).
    torch.utils.deterministic.fill_uninitialized_memory = False
    torch.backends.cudnn.benchmark = False  # the fastest algorithm of this moment may be another tomorrow
    # TF32 keeps three digits of what NVIDIA cards multiply. Others could not get the same scores again.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
