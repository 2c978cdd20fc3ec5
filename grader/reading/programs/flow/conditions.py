"""Whether a condition of the program holds, as far as its constants say."""

import ast
from typing import TYPE_CHECKING

from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.flow import evaluating
from grader.reading.programs.flow.things import Frame

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run


def truth(run: "Run", test: ast.expr, frame: Frame) -> bool | None:
    """Whether a condition holds; None where nothing says so."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = truth(run, operand, frame)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            known = [truth(run, each, frame) for each in values]
            decisive = isinstance(op, ast.Or)
            if decisive in known:
                return decisive
            return None if None in known else not decisive
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(run, left, op, right, frame)
        case ast.Compare():
            return None
    found = evaluating.value(run, test, frame)
    if found.constant is not UNKNOWN:
        return bool(found.constant)
    return True if found.code is not None or found.kind is not None else None


def _compared(run: "Run", left: ast.expr, op: ast.cmpop, right: ast.expr, frame: Frame) -> bool | None:
    one, other = evaluating.value(run, left, frame), evaluating.value(run, right, frame)
    if isinstance(left, ast.Name) and left.id == "__name__":
        return True
    if isinstance(op, ast.Is | ast.IsNot) and other.constant is None and one.constant is UNKNOWN:
        is_object = bool(one.code or one.kind or one.nodes) and not one.choices
        return isinstance(op, ast.IsNot) if is_object else None
    if one.constant is UNKNOWN or other.constant is UNKNOWN:
        return None
    try:
        return _holds(op, one.constant, other.constant)
    except TypeError:
        return None


def _holds(op: ast.cmpop, one: object, other: object) -> bool | None:
    match op:
        case ast.Eq() | ast.Is():
            return one == other
        case ast.NotEq() | ast.IsNot():
            return one != other
        case ast.In() if isinstance(other, tuple | str):
            return one in other
        case ast.NotIn() if isinstance(other, tuple | str):
            return one not in other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return {ast.Lt: one < other, ast.LtE: one <= other, ast.Gt: one > other, ast.GtE: one >= other}.get(
            type(op)
        )
    return None
