"""Which image is in which split, as far as files, folders and code of any repository say."""

from grader.splits.committed import Committed, committed
from grader.splits.known import Known, named
from grader.splits.manifests import manifests
from grader.splits.sets import Sets, sets
from grader.splits.size import Size, pigeonhole, split_of, together

__all__ = [
    "Committed", "Known", "Sets", "Size", "committed", "manifests", "named", "pigeonhole", "sets", "split_of",
    "together",
]  # fmt: skip
