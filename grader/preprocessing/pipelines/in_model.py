"""Steps inside the network: `Rescaling`, `Normalization`, `Lambda`, `preprocess_input(inputs)`."""

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from grader.preprocessing.affine import Affine
from grader.preprocessing.pipelines import elements, expressions, keras_data, keras_inputs, walk
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader
from grader.programs.bindings import called

LAYERS = ("Rescaling", "Normalization")
IMAGES = (*expressions.LOADERS, "open", "img_to_array")


def find(reader: Reader) -> Iterator[Chain]:
    """In the order of lines, each once."""
    mapped = {id(node) for node in _in_maps(reader)}
    for call in reader.calls():
        step = _read(reader, call, mapped)
        if step is not None and not keras_data.is_shown(reader, call):
            yield replace(step, where=reader.place(call), role="model", framework="keras")


def _read(reader: Reader, call: ast.Call, mapped: set[int]) -> Chain | None:
    if id(call) in mapped:
        return None
    name = called(call)
    if name in LAYERS and _is_layer(reader, call):
        return None if _is_mapped(reader, call, mapped) else elements.read(reader, call)
    if name == "Lambda" and "keras" in reader.dotted(call.func) and call.args:
        values = walk.mapped(reader, call.args[0])
        return Chain(where="", values=values, scaled=True) if values != Affine() else None
    known = keras_inputs.of_call(reader, call)
    if known and call.args and not _is_image(reader, call.args[0]):
        return Chain(where="", values=known, scaled=True)
    return None


def _is_layer(reader: Reader, call: ast.Call) -> bool:
    dotted = reader.dotted(call.func)
    return "keras" in dotted or "layers" in dotted or not dotted


def _is_mapped(reader: Reader, call: ast.Call, mapped: set[int]) -> bool:
    """The layer's variable is called in a `map`: it belongs to the data."""
    target = keras_data._target(reader, call)
    return bool(target) and any(
        isinstance(node, ast.Name) and node.id == target and id(node) in mapped
        for source in reader.program.sources
        for node in (ast.walk(source.tree) if source.tree else ())
    )


def _in_maps(reader: Reader) -> Iterator[ast.AST]:
    """All nodes inside functions that are given to `map`, as lambda or by name."""
    for call in reader.calls():
        if called(call) == "map" and call.args:
            function = reader.local_function(call.args[0]) or call.args[0]
            yield from ast.walk(function)


def _is_image(reader: Reader, node: ast.expr) -> bool:
    """A loaded picture, which the walk over pixels follows; anything else is a tensor of the network."""
    for _ in range(8):
        node = reader.expression(node)
        if isinstance(node, ast.Name):  # a parameter that nothing fills: of a function given to a reader
            return reader.function(node) is not None
        if not isinstance(node, ast.Call):
            return False
        if called(node) in IMAGES:
            return True
        if called(node) in ("Input", "InputLayer"):
            return False
        inner = (
            node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
        )
        if inner is None:
            return False
        node = inner
    return False
