"""Literals that a piece of Python assigns. Nothing is executed, and no source is followed far."""

import ast
import math
import re
import warnings
from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct

LONGEST_SOURCE = 50_000  # characters of a cell that are parsed
LONGEST_TEXT = 20_000  # characters of an answer
MOST_PARTS = 100  # of a list
LARGEST = 1e15
MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
NOT_A_LITERAL = "this is no literal: write the answer itself, not a way to compute it"


class Literal(Struct, frozen=True):
    """What a name is set to: plain data, or why it has no value here."""

    name: str
    value: Any = None
    trouble: str = ""


def assigned(source: str, names: Collection[str]) -> Iterator[Literal]:
    """Every assignment to one of `names`, in its order. Raises nothing, whatever the source is."""
    if not any(name in source for name in names):
        return
    tree = _parsed(source)
    if tree is None:
        for name in sorted(names):
            if re.search(rf"^\s*{re.escape(name)}\s*(?::[^=\n]*)?=(?!=)", source, re.MULTILINE):
                yield Literal(name, trouble="this is not Python: are the quotes and brackets closed?")
        return
    for statement in tree.body:
        yield from _statement(statement, names)


def _parsed(source: str) -> ast.Module | None:
    if len(source) > LONGEST_SOURCE:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd escapes in a student's text are none of our terminal's business
        try:
            return ast.parse(MAGIC.sub("pass", source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _statement(statement: ast.stmt, names: Collection[str]) -> Iterator[Literal]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            plain = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from (_literal(name, value) for name in plain if name in names)
            rest: list[ast.AST] = [target for target in targets if not isinstance(target, ast.Name)]
            yield from _bound([*rest, value], names)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in names:
            yield _literal(name, value)
        case _:
            yield from _bound([statement], names)


def _bound(nodes: list[ast.AST], names: Collection[str]) -> Iterator[Literal]:
    """Names that are set within other code: in a loop, a function, a pattern."""
    found = {
        node.id
        for root in nodes
        for node in ast.walk(root)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names
    }
    yield from (Literal(name, trouble=NOT_A_LITERAL) for name in sorted(found))


def _literal(name: str, node: ast.expr) -> Literal:
    try:
        return Literal(name, _plain(ast.literal_eval(node)))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return Literal(name, trouble=NOT_A_LITERAL)
    except _Unusable as why:
        return Literal(name, trouble=str(why))


class _Unusable(Exception):
    """A literal of a type, or of a size, that no question asks for."""


def _plain(value: Any) -> Any:
    """As JSON can hold it."""
    if isinstance(value, list | tuple | set):
        if len(value) > MOST_PARTS:
            raise _Unusable(f"a list of {len(value)} parts: {MOST_PARTS} are read")
        parts = [_scalar(each) for each in value]
        return sorted(parts, key=str) if isinstance(value, set) else parts
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float):
        if abs(value) > LARGEST or math.isnan(value):
            raise _Unusable("this number is too large")
        return value
    raise _Unusable(f"a literal of the type {type(value).__name__}: no question asks for one")


def text(value: str) -> str:
    """A student's text: not longer than is read, and without halves of characters, which no file can hold."""
    return value[:LONGEST_TEXT].encode("utf-8", "replace").decode()
