"""Ways in which images reach a network: one small file each, and this table.

An idiom is a function `find(reader)` that yields a `Chain` for each way that it finds in a program.
"""

from collections.abc import Callable, Iterator

from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import fastai, in_model, keras_data, plain, transform_lists
from grader.reading.programs import Reader

__all__ = ["TABLE", "Chain"]

TABLE: tuple[Callable[[Reader], Iterator[Chain]], ...] = (
    transform_lists.find,
    keras_data.find,
    plain.find,
    in_model.find,
    fastai.find,
)
