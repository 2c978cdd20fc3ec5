"""fastai: a learner normalises as its pretrained network wants, unless it is told otherwise."""

import ast
from collections.abc import Iterator

from grader.preprocessing.affine import standard
from grader.preprocessing.pipelines import numbers
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader
from grader.programs.bindings import argument, called

LEARNERS = ("vision_learner", "cnn_learner", "create_cnn")
STATS = {"imagenet_stats": numbers.IMAGENET, "mnist_stats": ((0.131,) * 3, (0.308,) * 3),
         "cifar_stats": ((0.491, 0.482, 0.447), (0.247, 0.243, 0.261))}  # fmt: skip


def find(reader: Reader) -> Iterator[Chain]:
    """`normalize=True` is the default of both learners since fastai 2."""
    for call in reader.calls():
        if called(call) not in LEARNERS:
            continue
        given = [_stats(each) for each in reader.calls() if called(each) in ("from_stats", "normalize")]
        where = reader.place(call)
        if any(given):
            mean, std = STATS[next(name for name in given if name)]
            yield Chain(where=where, framework="torch", values=standard(mean, std), scaled=True)
        elif reader.value(argument(call, -1, "normalize")) is False or called(call) == "create_cnn":
            yield Chain(where=where, framework="torch", values=standard((0, 0, 0), (1, 1, 1)), scaled=True)
        else:
            yield Chain(where=where, framework="torch", library=True, scaled=True)


def _stats(call: ast.Call) -> str:
    """`Normalize.from_stats(*imagenet_stats)`, `data.normalize(imagenet_stats)`."""
    nodes = [each.value if isinstance(each, ast.Starred) else each for each in call.args]
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    return next((name for name in names if name in STATS), "")
