"""A list as its statements make it: written out, added, extended, appended to, perhaps only in one branch."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.reading.programs import Reader


class Part(Struct, frozen=True):
    """An element. `sometimes`: a branch decides whether it is there."""

    node: ast.expr
    sometimes: bool = False


def parts(reader: Reader, node: ast.expr | None, at: ast.expr | ast.stmt) -> Iterator[Part]:
    """The elements, through names, sums and stars, as they are when the program comes to `at`."""
    if node is None:
        return
    reader.spend()
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


def _grown(reader: Reader, name: ast.Name, at: ast.expr | ast.stmt) -> Iterator[Part]:
    """What statements above add, in the order of lines; `steps += steps` adds what was there on its line."""
    function = reader.function(name)
    around = set(reader.branches(at))
    for added in reader.once(_growth).get((reader.source(name).path, name.id), ()):
        reader.spend()
        if reader.function(added.statement) is not function or added.statement.lineno >= at.lineno:
            continue
        sometimes = not around.issuperset(reader.branches(added.statement))
        inner = parts(reader, added.node, added.statement) if added.is_list else [Part(added.node)]
        yield from (Part(each.node, sometimes or each.sometimes) for each in inner)


class _Added(Struct, frozen=True):
    """`is_list`: the elements of `node` are added, not `node` itself."""

    statement: ast.stmt
    node: ast.expr
    is_list: bool


def _growth(reader: Reader) -> Mapping[tuple[str, str], Sequence[_Added]]:
    """The statements that make lists longer, by source and name, in the order of lines."""
    found: dict[tuple[str, str], list[_Added]] = {}
    for source in reader.program.sources:
        for node in ast.walk(source.tree) if source.tree else ():
            for name, added in _added(node):
                found.setdefault((source.path, name), []).append(added)
    for several in found.values():
        several.sort(key=lambda each: each.statement.lineno)
    return found


def _added(node: ast.AST) -> Iterator[tuple[str, _Added]]:
    """`steps.append(x)`, `steps.extend([x, y])`, `steps += [x]`."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method), args=[*_, last])
        ):
            if method in ("append", "extend", "insert"):
                yield owner, _Added(node, last, method == "extend")
        case ast.AugAssign(target=ast.Name(id=owner), op=ast.Add(), value=value):
            yield owner, _Added(node, value, True)
