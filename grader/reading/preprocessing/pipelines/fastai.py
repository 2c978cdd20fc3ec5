"""fastai: a learner normalises as its pretrained network wants, unless it is told otherwise."""

import ast
from collections.abc import Iterator

from grader.reading.preprocessing.affine import Affine, standard
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import numbers
from grader.reading.programs import Reader, argument, called

LEARNERS = ("vision_learner", "cnn_learner", "create_cnn")


def find(reader: Reader) -> Iterator[Chain]:
    """`normalize=True` is the default of both learners since fastai 2; a normalisation of the data wins."""
    given = [_values(reader, call) for call in reader.calls() if _is_normalisation(call)]
    for call in reader.calls():
        if called(call) not in LEARNERS:
            continue
        raw = reader.value(argument(call, -1, "normalize")) is False or called(call) == "create_cnn"
        unit = standard((0, 0, 0), (1, 1, 1))
        yield Chain(
            where=reader.place(call),
            origin=(id(call),),
            framework="torch",
            values=given[0] if given else unit if raw else Affine(),
            scaled=True,
            library=not given and not raw,
        )


def _is_normalisation(call: ast.Call) -> bool:
    """`Normalize.from_stats(*imagenet_stats)`, `data.normalize(imagenet_stats)`, `Normalize()`."""
    name = called(call)
    of_data = isinstance(call.func, ast.Attribute) and name in ("from_stats", "normalize")
    return of_data or (name == "Normalize" and not call.args and not call.keywords)


def _values(reader: Reader, call: ast.Call) -> Affine | None:
    """None where the numbers come from the first batch, or cannot be told."""
    nodes = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
    stats = numbers.pair(reader, nodes[0] if len(nodes) == 1 else ast.Tuple(nodes, ast.Load()))
    return standard(*stats) if stats and 0 not in stats[1] else None
