"""What is inside an object that a program makes: a dictionary, an own class, a configuration file."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Protocol

from grader.reading.programs import bindings
from grader.reading.programs.bindings import argument, called
from grader.reading.programs.scopes import default

# They make an object whose fields are their keywords, or those of the dictionary that they are given.
NAMESPACES = {"dict", "SimpleNamespace", "Namespace", "EasyDict", "edict", "Munch", "DotMap", "AttrDict",
              "Box", "ConfigDict"}  # fmt: skip
LOADERS = {"load", "safe_load", "full_load", "unsafe_load", "loads"}
LANGUAGES = ("yaml", "json", "tomllib", "tomli", "toml", "omegaconf", "ruamel")
OPENED = {"read", "read_text", "open", "resolve", "expanduser"}


class Resolving(Protocol):
    """The part of a Reader that is needed here."""

    settings: Mapping[str, ast.expr]

    def spend(self, number: int = ...) -> None: ...
    def assigned(self, function: ast.FunctionDef) -> Mapping[str, Sequence[ast.expr]]: ...
    def made(self, node: ast.expr, depth: int = ...) -> ast.expr: ...
    def value(self, node: ast.expr | None, depth: int = ...) -> Any: ...
    def dotted(self, node: ast.expr, depth: int = ...) -> str: ...
    def local_class(self, node: ast.expr) -> ast.ClassDef | None: ...


def field(reader: Resolving, owner: ast.expr, key: str, depth: int = 4) -> ast.expr | None:
    """The expression of `owner.key` or `owner["key"]`; None where reading cannot tell."""
    if depth == 0:
        return None
    if isinstance(owner, ast.Dict):
        reader.spend(len(owner.keys) // 10)
        pairs = zip(owner.keys, owner.values, strict=True)
        return next((value for name, value in pairs if _is(name, key)), None)
    if not isinstance(owner, ast.Call):
        return None
    if called(owner) in NAMESPACES:
        return _keyword(reader, owner, key, depth)
    loaded = _loaded(reader, owner)
    if loaded is not None:
        return field(reader, loaded, key, depth - 1)
    made = reader.local_class(owner.func)
    if made is None:
        return None
    reader.spend(len(made.body) // 5)
    return _of_class(reader, made, owner, key)


def item(reader: Resolving, node: ast.Subscript, depth: int) -> ast.expr | None:
    """`config["mean"]`, `values[0]`."""
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    owner = reader.made(node.value, depth)
    if isinstance(owner, ast.Tuple | ast.List) and isinstance(key, int):
        return owner.elts[key] if -len(owner.elts) <= key < len(owner.elts) else None
    return field(reader, owner, key) if isinstance(key, str) else None


def got(reader: Resolving, node: ast.Call, depth: int) -> ast.expr | None:
    """`config.get("mean", default)`."""
    key = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if called(node) != "get" or not isinstance(node.func, ast.Attribute) or not isinstance(key, str):
        return None
    made = reader.made(node.func.value, depth)
    given = field(reader, made, key)
    otherwise = node.args[1] if len(node.args) > 1 and isinstance(made, ast.Dict) else None
    return otherwise if given is None else given


def _is(node: ast.expr | None, key: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


def _keyword(reader: Resolving, call: ast.Call, key: str, depth: int) -> ast.expr | None:
    given = argument(call, -1, key)
    inner = [*call.args[:1], *(each.value for each in call.keywords if each.arg is None)]
    return given or (field(reader, reader.made(inner[0]), key, depth - 1) if inner else None)


def _of_class(reader: Resolving, owner: ast.ClassDef, call: ast.Call, key: str) -> ast.expr | None:
    """What the constructor was given, by keyword or place; else the default; else what `__init__` sets."""
    methods = [each for each in owner.body if isinstance(each, ast.FunctionDef)]
    made = next((each for each in methods if each.name == "__init__"), None)
    if made is None:
        fields = [bindings.text_of(each.target) for each in owner.body if isinstance(each, ast.AnnAssign)]
        place = fields.index(key) if key in fields else -1
        return argument(call, place, key) or default_field(owner, key)
    set_to = reader.assigned(made).get(f"self.{key}", ())
    parameters = bindings.parameters(made)
    for value in set_to:
        if isinstance(value, ast.Name) and value.id in parameters:
            return argument(call, parameters.index(value.id) - 1, value.id) or default(made, value.id)
    return set_to[-1] if set_to else bindings.class_value(owner, key)


def default_field(owner: ast.ClassDef, key: str) -> ast.expr | None:
    """What stands in the class: `mean = [...]`, or `field(default_factory=lambda: [...])` of a data class."""
    value = bindings.class_value(owner, key)
    if isinstance(value, ast.Call) and called(value) == "field":
        made = argument(value, -1, "default_factory")
        return made.body if isinstance(made, ast.Lambda) else argument(value, -1, "default")
    return value


def _loaded(reader: Resolving, call: ast.Call) -> ast.expr | None:
    """The content of the file behind `yaml.safe_load(open("config.yaml"))`, if only one is so called."""
    if called(call) not in LOADERS or not reader.dotted(call.func).lower().startswith(LANGUAGES):
        return None
    node = call.args[0] if call.args else None
    for _ in range(6):
        node = reader.made(node) if node is not None else None
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in OPENED:
                node = owner
            case ast.Call(func=ast.Name(id="open" | "Path"), args=[first, *_]):
                node = first
    path = reader.value(node)
    wanted = PurePosixPath(path).name if isinstance(path, str) else ""
    found = [tree for each, tree in reader.settings.items() if PurePosixPath(each).name == wanted]
    return found[0] if len(found) == 1 else None
