"""Keeps freed memory in the process: a network asks for the same large blocks again and again.

Each new block from the system has to be filled with zeros, page by page, which costs up to half of a
forward pass.
"""

import ctypes
import sys

TRIM, MMAP, ARENAS = -1, -3, -8  # glibc's M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX, see mallopt(3)
LARGE = 1 << 30  # bytes


def keep() -> None:
    """Blocks below LARGE are taken from the heap, and the heap is not given back. Without glibc: nothing.

    All threads share the one heap: glibc gives each thread another one, which it does give back.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(MMAP, LARGE)
            library.mallopt(TRIM, LARGE)
            library.mallopt(ARENAS, 1)
