"""What the sources of a program bind: names, functions, classes, imports."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from grader.programs.sources import Source, calls

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Binding(Struct, frozen=True):
    """A name that gets a value on a line. `index`: the name is that element of the value."""

    name: str
    line: int
    function: Function | None
    value: ast.expr
    index: int = -1


class Names(Struct, frozen=True):
    """What a source binds, which function each node stands in, and what its imports are called."""

    source: Source
    bindings: dict[str, list[Binding]]
    owners: dict[int, Function | None]
    functions: dict[str, Function]
    classes: dict[str, ast.ClassDef]
    imports: dict[str, str]  # local name: dotted name


def called(call: ast.Call) -> str:
    """The last part of the called name: `Normalize` of `v2.Normalize(...)`."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def argument(call: ast.Call, position: int, *keywords: str) -> ast.expr | None:
    """The argument at a position or under one of these names."""
    for keyword in call.keywords:
        if keyword.arg in keywords:
            return keyword.value
    return call.args[position] if 0 <= position < len(call.args) else None


def names(source: Source) -> Names:
    bindings: dict[str, list[Binding]] = {}
    owners: dict[int, Function | None] = {}
    functions: dict[str, Function] = {}
    classes: dict[str, ast.ClassDef] = {}
    imports: dict[str, str] = {}
    waiting: list[tuple[ast.AST, Function | None]] = [(source.tree, None)] if source.tree else []
    while waiting:
        node, function = waiting.pop()
        owners[id(node)] = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.setdefault(node.name, node)
        elif isinstance(node, ast.ClassDef):
            classes.setdefault(node.name, node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(aliases(node))
        for name, value, index in assigned(node):
            line = getattr(node, "lineno", value.lineno)
            bindings.setdefault(name, []).append(Binding(name, line, function, value, index))
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else function
        waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
    for found in bindings.values():
        found.sort(key=lambda binding: binding.line)
    return Names(source, bindings, owners, functions, classes, imports)


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr, int]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple | ast.List):
                    yield from ((text_of(each), value, index) for index, each in enumerate(target.elts))
                else:
                    yield text_of(target), value, -1
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield text_of(target), value, -1
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value, -1


def aliases(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (
                (alias.asname, alias.name)
                if alias.asname
                else (alias.name.split(".")[0], alias.name.split(".")[0])
            )
    else:
        for alias in node.names:
            full = f"{node.module}.{alias.name}" if node.module else alias.name
            yield (f"{node.module}.*", full) if alias.name == "*" else (alias.asname or alias.name, full)


def text_of(node: ast.expr) -> str:
    """`name` or `owner.name`; "" for anything longer."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
    return ""


def parameters(function: Function) -> list[str]:
    arguments = function.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def is_outside(node: ast.expr, binding: Binding) -> bool:
    """`x = x / 255` reads the x of the line above."""
    return binding.line < node.lineno or not any(each is node for each in ast.walk(binding.value))


def returned(function: Function) -> ast.expr | None:
    if isinstance(function, ast.Lambda):
        return function.body
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return returns[-1] if returns else None


def class_value(owner: ast.ClassDef, name: str) -> ast.expr | None:
    found = [value for node in owner.body for each, value, _ in assigned(node) if each == name]
    return found[-1] if found else None


def from_argparse(source: Source, name: str) -> ast.expr | None:
    for call in calls(source.tree):
        options = [each.value for each in call.args if isinstance(each, ast.Constant)]
        if called(call) == "add_argument" and f"--{name}" in (
            str(each).replace("-", "_").replace("__", "--", 1) for each in options
        ):
            return argument(call, -1, "default")
    return None
