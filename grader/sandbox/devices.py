"""NVIDIA devices: what a process needs to see of them.

A GPU's memory has no limit, so a submission's program has a card to itself; our own workers share cards.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType

NODES = (
    "nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset", "nvidia-caps", "dxg",
)  # fmt: skip
# Where containers and WSL put the driver's libraries, outside the loader's cache.
LIBRARIES = ("/usr/local/nvidia/lib64", "/usr/local/nvidia/lib", "/usr/lib/wsl/lib")

NO_CARD: Mapping[str, str] = MappingProxyType({"CUDA_VISIBLE_DEVICES": ""})
CARD = re.compile(r"nvidia(\d+)")
DEV = Path("/dev")
PAUSE = 1.0  # seconds between two looks for a card that is free


def here(folder: Path = DEV) -> bool:
    """Whether there is a GPU that we may use."""
    if cards(folder):
        return bool(_ours(folder))
    return bool(nodes(folder=folder)) and _given() != []  # under WSL there is one device for all cards


def nodes(card: int | None = None, folder: Path = DEV) -> list[str]:
    """The devices of one card, or of all: its own and those that all share."""
    found = [node for pattern in NODES for node in sorted(folder.glob(pattern))]
    others = {f"nvidia{number}" for number in cards(folder) if card not in (None, number)}
    return [str(node) for node in found if node.name not in others]


def cards(folder: Path = DEV) -> list[int]:
    return sorted(int(match[1]) for node in folder.glob("nvidia*") if (match := CARD.fullmatch(node.name)))


def _ours(folder: Path) -> list[int]:
    """The cards that we were given, where somebody shares them out: a cluster, or CUDA_VISIBLE_DEVICES."""
    given = _given()
    if given is None or not all(map(str.isdigit, given)):  # names that only the driver understands
        return cards(folder)
    return [card for card in cards(folder) if str(card) in given]


def _given() -> list[str] | None:
    """What CUDA_VISIBLE_DEVICES lists, as CUDA reads it: what is no card ends it. None: it is not set."""
    said = os.environ.get("CUDA_VISIBLE_DEVICES")
    return None if said is None else list(takewhile(lambda each: each not in ("", "-1"), said.split(",")))


@contextlib.contextmanager
def one_card(folder: Path = DEV) -> Iterator[int | None]:
    """The number of a card that no other program of a submission uses meanwhile; waits until there is one.

    None where there is no card with a number, as under WSL. The lock is on the device's file, so it holds
    between all graders of this machine, and ends with the process whatever happens.
    """
    numbers = _ours(folder)
    held = None
    while numbers and held is None:
        held = next((each for number in numbers if (each := _lock(folder, number))), None)
        if held is None:
            time.sleep(PAUSE)
    try:
        yield held[0] if held else None
    finally:
        if held:
            os.close(held[1])


def _lock(folder: Path, number: int) -> tuple[int, int] | None:
    """The card and the descriptor that holds it, None where somebody else does."""
    descriptor = os.open(folder / f"nvidia{number}", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return number, descriptor


def environment(card: int | None, others: Sequence[int] = ()) -> dict[str, str]:
    """One GPU: `card`, which CUDA counts among the `others` in sight, or else the first that is ours."""
    libraries = [path for path in LIBRARIES if Path(path).is_dir()]
    return {
        "CUDA_CACHE_PATH": "/tmp",
        **(_first() if card is None else _counted(card, others)),
        **({"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}),
    }


def _first() -> dict[str, str]:
    given = _given()
    return {"CUDA_VISIBLE_DEVICES": "0" if given is None else next(iter(given), "")}


def _counted(card: int, others: Sequence[int]) -> dict[str, str]:
    """CUDA counts from 0, by default the fastest first; the numbers of devices follow the bus."""
    place = sum(other < card for other in others)
    return {"CUDA_VISIBLE_DEVICES": str(place), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
