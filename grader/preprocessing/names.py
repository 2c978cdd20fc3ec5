"""Which names a module binds to which expressions, and which it imports."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

Names = Mapping[str, ast.expr]


class Module(Struct, frozen=True):
    """What the names of one module mean: its own assignments, and imports as (module, name there)."""

    own: Names
    imports: Mapping[str, tuple[str, str]]
    stars: tuple[str, ...] = ()  # modules of which everything is imported


def read(tree: ast.Module) -> Module:
    """Names that are bound exactly once, at any depth; others, and parameters, may mean anything."""
    nodes = list(ast.walk(tree))
    stored = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    bound = Counter(node.id for node in stored)
    bound.update(node.arg for node in nodes if isinstance(node, ast.arg))
    own = {name: value for node in nodes for name, value in _assigned(node) if bound[name] == 1}
    imports = [
        (alias, (node.module or "").rpartition(".")[2])
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return Module(
        own,
        imports={alias.asname or alias.name: (module, alias.name) for alias, module in imports},
        stars=tuple(module for alias, module in imports if alias.name == "*"),
    )


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names to which a statement gives a value, with their values."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            pairs = zip(names, values, strict=False)
            yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
