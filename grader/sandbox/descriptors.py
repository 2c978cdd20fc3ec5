"""Files in memory that are handed to bubblewrap by their descriptors."""

import contextlib
import os
import select
from collections.abc import Iterator

import msgspec

PATIENCE = 5.0  # seconds for killed processes to be gone


@contextlib.contextmanager
def holding(content: bytes) -> Iterator[int]:
    """A descriptor of a file in memory with this content, at its start."""
    descriptor = os.memfd_create("sandbox")
    try:
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def first_process_awaited() -> Iterator[int]:
    """Where bubblewrap writes its --info-fd. Leaving waits until the first process inside is gone.

    It is gone only after all others are, so nobody writes to the output any more: the end of bubblewrap
    itself does not tell that yet.
    """
    with holding(b"") as info:
        try:
            yield info
        finally:
            os.lseek(info, 0, os.SEEK_SET)
            if told := os.read(info, 4096):
                with contextlib.suppress(ProcessLookupError):
                    _await(msgspec.json.decode(told)["child-pid"])


def _await(process: int) -> None:
    descriptor = os.pidfd_open(process)
    try:
        select.select([descriptor], [], [], PATIENCE)
    finally:
        os.close(descriptor)
