"""How far a step is: a bar on a terminal; elsewhere, such as in a log file, a line every few seconds."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

EVERY = 10.0  # seconds between two lines

Part = TypeVar("Part")


def shown(parts: Iterable[Part], name: str, unit: str, total: int | None = None) -> Iterator[Part]:
    """The parts, one after the other; meanwhile it shows how many are done."""
    if total is None:
        total = len(parts) if hasattr(parts, "__len__") else None
    if total == 0:
        return iter(parts)
    if sys.stderr.isatty():
        return iter(tqdm(parts, desc=name, unit=unit, total=total, leave=False))
    return _in_lines(parts, name, unit, total)


def _in_lines(parts: Iterable[Part], name: str, unit: str, total: int | None) -> Iterator[Part]:
    told = time.monotonic()
    for done, part in enumerate(parts):
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            of = f" of {total}" if total else ""
            print(f"{name}: {unit} {done}{of}", file=sys.stderr, flush=True)
        yield part
