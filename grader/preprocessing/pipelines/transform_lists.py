"""`Compose([...])`, `weights.transforms()`, `create_transform(...)`: transforms that a data set is given."""

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from grader.preprocessing.pipelines import composed, pixels, roles
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader
from grader.programs.bindings import called

MAKERS = ("Compose", "create_transform", "transforms", "from_pretrained", "ImageClassification")
PROCESSORS = ("ImageProcessor", "FeatureExtractor")


def find(reader: Reader) -> Iterator[Chain]:
    for source in reader.program.sources:
        labels = _labels(source.tree)
        used = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)
                and isinstance(node.ctx, ast.Load)} if source.tree else set()  # fmt: skip
        for call in (
            [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)] if source.tree else ()
        ):
            chain = _read(reader, call)
            if chain is None:
                continue
            words = labels.get(id(call), [])
            role = roles.of(*words, _function(reader, call))
            name = words[0] if words else ""
            if role != "display" and not (
                _is_assigned(labels, call)
                and name not in used
                and "." not in name
                and not _elsewhere(reader, name)
            ):
                yield replace(chain, role=role, where=reader.place(call), framework="torch", name=name)


def _read(reader: Reader, call: ast.Call) -> Chain | None:
    name = called(call)
    if name not in MAKERS:
        return None
    if name == "from_pretrained":
        owner = ast.unparse(call.func)
        return (
            Chain(where="", library=True, scaled=True) if any(word in owner for word in PROCESSORS) else None
        )
    if name == "ImageClassification":
        return Chain(where="", library=True, scaled=True) if "presets" in reader.dotted(call.func) else None
    return composed.chain(reader, call, pixels.mapped)


def _labels(tree: ast.Module | None) -> dict[int, list[str]]:
    """The names that an expression gets: variable, key of a dictionary, keyword; nearest first."""
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


def _is_assigned(labels: dict[int, list[str]], call: ast.Call) -> bool:
    words = labels.get(id(call), [])
    return bool(words) and words[0].isidentifier()


def _elsewhere(reader: Reader, name: str) -> bool:
    """Another source of the program reads the name."""
    return any(
        isinstance(node, ast.alias)
        and node.name in (name, "*")
        or isinstance(node, ast.Attribute)
        and node.attr == name
        for source in reader.program.sources
        for node in (ast.walk(source.tree) if source.tree else ())
    )


def _function(reader: Reader, node: ast.AST) -> str:
    function = reader.function(node)
    return function.name if isinstance(function, ast.FunctionDef) else ""
