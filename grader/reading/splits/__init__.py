"""Which image is in which split, as far as files, folders and code of any repository say."""

from grader.reading.splits.committed import Committed, committed
from grader.reading.splits.known import Known, named
from grader.reading.splits.manifests import manifests
from grader.reading.splits.quantities import SLICED
from grader.reading.splits.sets import Sets, sets
from grader.reading.splits.size import Size, pigeonhole, split_of, together

__all__ = [
    "SLICED", "Committed", "Known", "Sets", "Size", "committed", "manifests", "named", "pigeonhole", "sets",
    "split_of", "together",
]  # fmt: skip
