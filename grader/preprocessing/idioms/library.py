"""Values that come with the weights: `weights.transforms()`, and timm's data configuration."""

import ast
from collections.abc import Iterator

from grader.preprocessing.constants import Scope
from grader.preprocessing.steps import Step
from grader.programs import called

NAMES = ("resolve_data_config", "resolve_model_data_config")


def find(call: ast.Call, scope: Scope) -> Iterator[Step]:
    published = called(call) == "transforms" and isinstance(call.func, ast.Attribute)
    if published or called(call) in NAMES:
        yield Step(where=f"{scope.path}:{call.lineno}", library=True)
