"""What the surroundings call an expression: the variable, key or keyword that gets it, its branch."""

import ast
from collections.abc import Mapping

from grader.reading.preprocessing.pipelines import roles
from grader.reading.programs import Reader, Source


def of(tree: ast.Module | None) -> dict[int, list[str]]:
    """By the id of an expression: its names, the nearest first."""
    found: dict[int, list[str]] = {}
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Assign(targets=[target, *_], value=value):
                _put(found, value, [ast.unparse(target)])
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _put(found, value, [ast.unparse(target)])
            case ast.keyword(arg=str() as name, value=value):
                found.setdefault(id(value), []).append(f"({name})")
            case ast.Dict():
                _put_keys(found, node)
            case ast.IfExp(test=test, body=body, orelse=other):
                _put(found, body, [f"?{ast.unparse(test)}"])
                _put(found, other, [f"?{_opposite(roles.of(ast.unparse(test)))}"])
            case ast.If():
                _put_sides(found, node)
    return found


def is_read(reader: Reader, source: Source, name: str) -> bool:
    """The name is read somewhere in the source."""
    return name in reader.once(_read)[source.path]


def is_only_asked(reader: Reader, source: Source, name: str) -> bool:
    """Nobody calls it or hands it on: only its fields are read, such as `preset.mean`."""
    return reader.once(_read)[source.path].get(name, False)


def is_used(reader: Reader, name: str) -> bool:
    """Another source of the program imports the name, or reads it as an attribute."""
    return not reader.once(_used).isdisjoint((name, "*"))


def _read(reader: Reader) -> Mapping[str, Mapping[str, bool]]:
    """By source, the names that are read there, and whether each is only asked for its fields."""
    found: dict[str, dict[str, bool]] = {}
    for source in reader.program.sources:
        nodes = list(ast.walk(source.tree)) if source.tree else []
        asked = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        names = found.setdefault(source.path, {})
        for node in nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names[node.id] = names.get(node.id, True) and id(node) in asked
    return found


def _used(reader: Reader) -> frozenset[str]:
    """The names that are imported or read as attributes."""
    nodes = [node for source in reader.program.sources if source.tree for node in ast.walk(source.tree)]
    imported = (node.name for node in nodes if isinstance(node, ast.alias))
    return frozenset((*imported, *(node.attr for node in nodes if isinstance(node, ast.Attribute))))


def _put_keys(found: dict[int, list[str]], node: ast.Dict) -> None:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            found.setdefault(id(value), []).insert(0, f"[{key.value!r}]")


def _put_sides(found: dict[int, list[str]], node: ast.If) -> None:
    """`if is_train: ... else: ...`."""
    side = roles.of(ast.unparse(node.test))
    for part, role in ((node.body, side), (node.orelse, _opposite(side))):
        for each in (inner for statement in part for inner in ast.walk(statement)):
            if role in ("train", "eval") and isinstance(each, ast.Call):
                found.setdefault(id(each), []).append(f"?{role}")


def _opposite(role: str) -> str:
    return {"train": "eval", "eval": "train"}.get(role, "")


def _put(found: dict[int, list[str]], value: ast.expr, names: list[str]) -> None:
    found.setdefault(id(value), [])[:0] = names
    if isinstance(value, ast.Dict):
        for each in value.values:
            found.setdefault(id(each), []).extend(names)
