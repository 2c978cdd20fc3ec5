"""Constants and arithmetic with them, as far as reading can tell."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final


class Unknown:
    """What reading cannot tell; it is no value at all, not even None."""

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown()

OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def calculated(op: ast.operator, left: Any, right: Any) -> Any:
    """Numbers, element by element where one is a tuple; texts joined by + or, as paths, by /."""
    if isinstance(right, str):
        return _joined(op, left, right)
    if isinstance(left, tuple) and isinstance(right, tuple) and isinstance(op, ast.Add):
        return left + right
    if isinstance(op, ast.Mult) and isinstance(right, tuple):
        left, right = right, left
    if isinstance(op, ast.Mult) and _is_repeated(left, right):
        return left * right
    if isinstance(left, tuple) and _is_number(right):
        values = [calculated(op, each, right) for each in left]
        return UNKNOWN if UNKNOWN in values else tuple(values)
    if not (_is_number(left) and _is_number(right)) or type(op) not in OPERATIONS:
        return UNKNOWN
    try:
        return OPERATIONS[type(op)](left, right)
    except (ArithmeticError, ValueError):
        return UNKNOWN


def _joined(op: ast.operator, left: Any, right: str) -> Any:
    """Below a folder that nobody knows, a path still ends as it is written."""
    if isinstance(op, ast.Div):
        return f"{left}/{right}" if isinstance(left, str) else right
    return left + right if isinstance(op, ast.Add) and isinstance(left, str) else UNKNOWN


def _is_repeated(left: Any, right: Any) -> bool:
    """`[0.5] * 3`; arrays of several values are multiplied one by one."""
    return isinstance(left, tuple) and len(left) == 1 and type(right) is int and 1 < right < 10


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
