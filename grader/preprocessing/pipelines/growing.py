"""A list as its statements make it: written out, added, extended, appended to, perhaps only in one branch."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from grader.programs import Reader


class Part(Struct, frozen=True):
    """An element. `sometimes`: a branch decides whether it is there."""

    node: ast.expr
    sometimes: bool = False


def parts(reader: Reader, node: ast.expr | None, at: ast.expr) -> Iterator[Part]:
    """The elements, through names, sums and stars, as they are when the program comes to `at`."""
    if node is None:
        return
    match reader.made(node):
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            for each in elts:
                if isinstance(each, ast.Starred):
                    yield from parts(reader, each.value, at)
                else:
                    yield Part(each)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from parts(reader, left, at)
            yield from parts(reader, right, at)
        case other:
            yield Part(other)
    if isinstance(node, ast.Name):
        yield from _grown(reader, node, at)


def _grown(reader: Reader, name: ast.Name, at: ast.expr) -> Iterator[Part]:
    """`steps.append(x)`, `steps.extend([x, y])`, `steps += [x]` above, in the order of lines."""
    function = reader.function(name)
    around = reader.branches(at)
    for statement in _statements(reader, name):
        if reader.function(statement) is not function or statement.lineno >= at.lineno:
            continue
        sometimes = any(branch not in around for branch in reader.branches(statement))
        for node, is_list in _added(statement, name.id):
            inner = parts(reader, node, at) if is_list else [Part(node)]
            yield from (Part(each.node, sometimes or each.sometimes) for each in inner)


def _statements(reader: Reader, name: ast.Name) -> list[ast.stmt]:
    tree = reader.source(name).tree
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Expr | ast.AugAssign)] if tree else []
    return sorted(found, key=lambda node: node.lineno)


def _added(statement: ast.stmt, name: str) -> Iterator[tuple[ast.expr, bool]]:
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method), args=[*_, last])
        ):
            if owner == name and method in ("append", "extend", "insert"):
                yield last, method == "extend"
        case ast.AugAssign(target=ast.Name(id=owner), op=ast.Add(), value=value) if owner == name:
            yield value, True
