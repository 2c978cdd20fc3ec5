"""Steps inside the network: `Rescaling`, `Normalization`, `Lambda`, `preprocess_input(inputs)`."""

import ast
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import elements, expressions, keras_data, keras_inputs, walk
from grader.reading.programs import Reader
from grader.reading.programs.bindings import called

LAYERS = ("Rescaling", "Normalization")
IMAGES = (*expressions.LOADERS, "open", "img_to_array")


def find(reader: Reader) -> Iterator[Chain]:
    """In the order of lines, each once."""
    for call in reader.calls():
        step = _read(reader, call)
        if step is not None and not keras_data.is_shown(reader, call):
            yield replace(step, where=reader.place(call), role="model", framework="keras", origin=(id(call),))


def _read(reader: Reader, call: ast.Call) -> Chain | None:
    if id(call) in reader.once(_in_maps):
        return None
    name = called(call)
    if name in LAYERS and _is_layer(reader, call):
        return None if _is_mapped(reader, call) else elements.read(reader, call)
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


def _is_mapped(reader: Reader, call: ast.Call) -> bool:
    """The layer's variable is called in a `map`: it belongs to the data."""
    target = keras_data.target(reader, call)
    nodes = reader.once(_in_maps).values()
    reader.spend(len(nodes) // 10)
    return any(isinstance(node, ast.Name) and node.id == target for node in nodes)


def _in_maps(reader: Reader) -> Mapping[int, ast.AST]:
    """All nodes, by their ids, inside functions that are given to `map`, as lambda or by name."""
    given = (call.args[0] for call in reader.calls() if called(call) == "map" and call.args)
    functions = {id(each): each for node in given for each in [reader.local_function(node) or node]}
    return {id(node): node for function in functions.values() for node in ast.walk(function)}


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
