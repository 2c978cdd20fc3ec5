"""What the sources of a program bind: names, functions, classes, imports."""

import ast
from collections.abc import Iterable, Iterator

from msgspec import Struct

from grader.reading.programs.sources import Source, calls

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


Branch = tuple[ast.If, str]  # the statement, and which of its sides: body or orelse


class Binding(Struct, frozen=True):
    """A name that gets a value on a line. `index`: the name is that element of the value."""

    name: str
    line: int
    function: Function | None
    value: ast.expr
    index: int = -1
    branches: tuple[Branch, ...] = ()


class Names(Struct, frozen=True):
    """What a source binds, in which function and branches each node stands, what imports are called."""

    source: Source
    bindings: dict[str, list[Binding]]
    owners: dict[int, Function | None]
    branches: dict[int, tuple[Branch, ...]]
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
    found = Names(source, {}, {}, {}, {}, {}, {})
    Waiting = tuple[ast.AST, Function | None, tuple[Branch, ...]]
    waiting: list[Waiting] = [(source.tree, None, ())] if source.tree else []
    while waiting:
        node, function, branches = waiting.pop()
        found.owners[id(node)], found.branches[id(node)] = function, branches
        _define(found, node)
        for name, value, index in assigned(node):
            line = getattr(node, "lineno", value.lineno)
            binding = Binding(name, line, function, value, index, branches)
            found.bindings.setdefault(name, []).append(binding)
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else function
        for side, children in _sides(node):
            within = (*branches, side) if side else branches
            waiting += [(child, inner, within) for child in children]
    for each in found.bindings.values():
        each.sort(key=lambda binding: binding.line)
    return found


def _define(found: Names, node: ast.AST) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        found.functions.setdefault(node.name, node)
    elif isinstance(node, ast.ClassDef):
        found.classes.setdefault(node.name, node)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        found.imports.update(aliases(node))


def _sides(node: ast.AST) -> Iterator[tuple[Branch | None, Iterable[ast.AST]]]:
    """The nodes directly below, by the side of an `if` on which they stand."""
    if isinstance(node, ast.If):
        yield None, (node.test,)
        yield (node, "body"), node.body
        yield (node, "orelse"), node.orelse
    else:
        yield None, ast.iter_child_nodes(node)


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
        case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)):
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
    value = binding.value
    first = value.lineno, value.col_offset
    last = value.end_lineno or value.lineno, value.end_col_offset or value.col_offset
    return binding.line < node.lineno or not first <= (node.lineno, node.col_offset) < last


def is_method(function: Function) -> bool:
    return parameters(function)[:1] in (["self"], ["cls"])


def own_returns(function: Function) -> list[ast.expr]:
    """What the function itself returns, in the order of lines; what functions inside return is theirs."""
    if isinstance(function, ast.Lambda):
        return [function.body]
    found, waiting = [], list[ast.AST](function.body[::-1])
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return) and node.value:
            found.append(node.value)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += [*ast.iter_child_nodes(node)][::-1]
    return found


def class_value(owner: ast.ClassDef, name: str) -> ast.expr | None:
    found = [value for node in owner.body for each, value, _ in assigned(node) if each == name]
    return found[-1] if found else None


def options(source: Source) -> dict[str, ast.expr | None]:
    """The defaults of what `add_argument` declares, by the name that it has in the program."""
    found: dict[str, ast.expr | None] = {}
    for call in calls(source.tree):
        texts = [each.value for each in call.args if isinstance(each, ast.Constant)]
        for text in texts if called(call) == "add_argument" else ():
            name = str(text).replace("-", "_").replace("__", "--", 1)
            if name.startswith("--"):
                found.setdefault(name.removeprefix("--"), argument(call, -1, "default"))
    return found
