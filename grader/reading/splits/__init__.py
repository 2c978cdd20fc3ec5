"""Which image is in which split, as far as files, folders and code of any repository say."""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.reading.splits.known import Known, named
from grader.reading.splits.records import Committed, Sets
from grader.reading.splits.size import Size, pigeonhole, split_of, together

if TYPE_CHECKING:
    from grader.reading.splits.data_sets import sets
    from grader.reading.splits.folders import committed
    from grader.reading.splits.lists import manifests
    from grader.reading.splits.quantities import SLICED
else:
    __getattr__ = lazy.attached(
        __name__,
        {"SLICED": "quantities", "committed": "folders", "manifests": "lists", "sets": "data_sets"},
    )

__all__ = [
    "SLICED", "Committed", "Known", "Sets", "Size", "committed", "manifests", "named", "pigeonhole", "sets",
    "split_of", "together",
]  # fmt: skip
