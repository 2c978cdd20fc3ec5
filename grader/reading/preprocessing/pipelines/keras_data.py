"""Keras's own readers: `ImageDataGenerator` with `flow...`, `image_dataset_from_directory` with `map`."""

import ast
from collections.abc import Iterator, Mapping, Set
from typing import TypeGuard

from msgspec.structs import replace

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import numbers, roles, walk
from grader.reading.programs import Reader
from grader.reading.programs.bindings import argument, called

STATISTICS = ("samplewise_center", "samplewise_std_normalization", "featurewise_center",
              "featurewise_std_normalization", "zca_whitening")  # fmt: skip
DATASETS = ("image_dataset_from_directory",)


def find(reader: Reader) -> Iterator[Chain]:
    for call in reader.calls():
        if called(call).startswith("flow") and isinstance(call.func, ast.Attribute):
            for given in reader.handed(call.func.value):
                made = reader.made(given)
                if _is_generator(made) and not is_shown(reader, call):
                    yield _generated(reader, made, call)
        elif called(call) in DATASETS:
            yield from _dataset(reader, call)


def _is_generator(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and called(node) == "ImageDataGenerator"


def _generated(reader: Reader, made: ast.Call, flow: ast.Call) -> Chain:
    """`standardize` applies `preprocessing_function` first, then `rescale`."""
    values = _given(reader, flow)
    function = argument(made, -1, "preprocessing_function")
    if function is not None and reader.value(function) is not None:
        applied = walk.mapped(reader, function)
        values = values.then(applied) if values and applied else None
    rescale = argument(made, -1, "rescale")
    factor = reader.value(rescale) if rescale else 1.0
    if values and isinstance(factor, int | float) and factor:
        values = values.times(factor)
    elif rescale and factor is not None:
        values = None
    if any(reader.value(argument(made, -1, key)) is True for key in STATISTICS):
        values = None
    side, _ = numbers.size(reader, argument(flow, 1, "target_size"))
    words = (target(reader, flow), _said(reader, flow), ast.unparse(flow.func), _function(reader, flow))
    return Chain(
        where=reader.place(made),
        origin=(id(made), id(flow)),
        role=roles.of(*words),
        framework="keras",
        values=values,
        scaled=True,
        crop=side,
    )


def _given(reader: Reader, flow: ast.Call) -> Affine | None:
    """Files hold 0..255; an array what the program made of them, None where that was not followed."""
    if called(flow) != "flow":
        return Affine()
    arrays = (each.values for each in reader.once(walk.fed) if each.node is flow)
    return next(arrays, None)


def _dataset(reader: Reader, call: ast.Call) -> Iterator[Chain]:
    """Values stay 0..255 until a function given to `map` changes them."""
    name = target(reader, call)
    side, _ = numbers.size(reader, argument(call, -1, "image_size"))
    chain = Chain(
        where=reader.place(call),
        origin=(id(call),),
        role=roles.of(name, _said(reader, call)),
        framework="keras",
        scaled=True,
        crop=side or 256,
    )
    for mapping in _maps(reader, call):
        reader.spend(3)
        root = _root(mapping.func)
        chosen = roles.of(root, target(reader, mapping))
        if chosen == chain.role or "both" in (chosen, chain.role):
            values = walk.mapped(reader, mapping.args[0])
            if values is None or values != Affine():
                chain = replace(chain, values=chain.values.then(values) if chain.values and values else None)
    yield chain


def _maps(reader: Reader, call: ast.Call) -> Iterator[ast.Call]:
    """Of this data set: a `map` in a function that reads a data set itself is of that one."""
    calls = [each for each in reader.calls() if isinstance(each.func, ast.Attribute) and each.args]
    readers = {id(_around(reader, each)) for each in reader.calls() if called(each) in DATASETS}
    for each in calls:
        function = _around(reader, each)
        if called(each) == "map" and (function is _around(reader, call) or id(function) not in readers):
            yield each


def _around(reader: Reader, node: ast.expr) -> object:
    return reader.function(node) or reader.source(node)


def is_shown(reader: Reader, node: ast.expr | ast.stmt) -> bool:
    """The notebook cell or the function around it draws pictures and trains nothing."""
    source, function = reader.source(node), reader.function(node)
    in_cell = bool(source.cells) and function is None
    key = source.place(node.lineno) if in_cell else (source.path, id(function))
    around = reader.once(_called).get(key, frozenset())
    trains = any(name.startswith(("fit", "train", "evaluate")) for name in around)
    return (
        ("imshow" in around or "show" in around)
        and not trains
        and (bool(source.cells) or function is not None)
    )


def _called(reader: Reader) -> Mapping[str | tuple[str, int], Set[str]]:
    """The names of what is called in each line or cell, and in each function of each source."""
    found: dict[str | tuple[str, int], set[str]] = {}
    for call in reader.calls():
        for key in (reader.place(call), (reader.source(call).path, id(reader.function(call)))):
            found.setdefault(key, set()).add(called(call))
    return found


def target(reader: Reader, call: ast.Call) -> str:
    """The variable that gets the value of a call."""
    found = reader.once(_targets).get(id(call))
    return ast.unparse(found) if found else ""


def _targets(reader: Reader) -> Mapping[int, ast.expr]:
    """The first target of each assignment, by the calls in its value."""
    nodes = (node for source in reader.program.sources if source.tree for node in ast.walk(source.tree))
    assigned = (node for node in nodes if isinstance(node, ast.Assign))
    return {
        id(each): node.targets[0]
        for node in assigned
        for each in ast.walk(node.value)
        if isinstance(each, ast.Call)
    }


def _said(reader: Reader, call: ast.Call) -> str:
    """The folder and the subset."""
    folder = argument(call, 0, "directory", "dataframe")
    subset = reader.value(argument(call, -1, "subset"))
    return f"{subset if isinstance(subset, str) else ''} {ast.unparse(folder) if folder else ''}"


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _function(reader: Reader, node: ast.AST) -> str:
    function = reader.function(node)
    return function.name if isinstance(function, ast.FunctionDef) else ""
