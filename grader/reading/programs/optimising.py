"""Which `backward` trains: not one whose gradients the program looks at, and no optimiser takes."""

import re
from collections.abc import Iterable

from grader.reading.programs.sources import Source

TAKES = re.compile(r"\.step\(|\boptim|apply_gradients\(|\.minimize\(", re.IGNORECASE)
LOOKS = re.compile(r"\.grad\b|_hook\(|retain_grad\(")
BACKWARD = "backward("


def learns(source: Source, others: Iterable[Source]) -> bool:
    """A `backward` in this source; an optimiser may be in another one that has no `backward` of its own."""
    if TAKES.search(source.text) or not LOOKS.search(source.text):
        return True
    return any(TAKES.search(each.text) and BACKWARD not in each.text for each in others)
