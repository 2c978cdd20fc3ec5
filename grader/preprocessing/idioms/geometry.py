"""`Resize` and `CenterCrop`. Random crops belong to training, where the geometry is free."""

import ast
from collections.abc import Iterator

from grader.preprocessing.constants import Scope
from grader.preprocessing.steps import Step
from grader.programs import argument, called


def find(call: ast.Call, scope: Scope) -> Iterator[Step]:
    size = scope.size(argument(call, 0, "size", "height", "max_size"))
    where = f"{scope.path}:{call.lineno}"
    if size and called(call) in ("Resize", "SmallestMaxSize"):
        yield Step(where=where, resize=size)
    if size and called(call) == "CenterCrop":
        yield Step(where=where, crop=size)
