"""Reads the config of a network of Keras as the plain data that it is, of Keras 2 and 3."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy

from grader.workers.parts import keras_layers, refusal
from grader.workers.parts.keras_file import HINT
from grader.workers.parts.refusal import NotBuilt, Refused

DEPTH = 6  # of networks in networks
SIDES = (16, 1024)  # pixels of the images
MIXED = ("mixed_float16", "mixed_bfloat16")


def size(entry: Any, otherwise: int) -> tuple[int, int]:
    """Height and width of the images that the whole network takes. Raises Refused."""
    given = next((shape[1:3] for shape in _shapes(entry, 0) if len(shape) == 4), [None, None])
    sides = [otherwise if side is None else side for side in given]
    if not all(isinstance(side, int) and SIDES[0] <= side <= SIDES[1] for side in sides):
        raise Refused(f"takes images of {refusal.shape(tuple(sides))}, expected sides of 16 to 1024", HINT)
    height, width = sides
    return height, width


def _shapes(entry: Any, depth: int) -> Iterator[list[Any]]:
    """What the config says about the input, of the outermost network first."""
    config = dictionary(dictionary(entry).get("config"))
    for key in ("batch_shape", "batch_input_shape", "build_input_shape"):
        if isinstance(config.get(key), list):
            yield config[key]
    layers = config.get("layers")
    if isinstance(layers, list) and layers and depth < DEPTH:
        yield from _shapes(layers[0], depth + 1)


def is_mixed(entry: Any) -> bool:
    """Whether the config names half precision for any of its layers."""
    text = json.dumps(entry)
    return any(f'"{policy}"' in text for policy in MIXED)


def only(ends: Any) -> Any:
    """The name in `["name", 0, 0]` or `[["name", 0, 0]]`; None where there are several."""
    while isinstance(ends, list) and ends:
        if isinstance(ends[0], list) and len(ends) > 1:
            return None
        ends = ends[0]
    return ends if isinstance(ends, str) else None


def inputs(entry: Any, outputs: Mapping[str, Any]) -> list[Any]:
    """What the layer is called with: outputs of others, and numbers where it is an operator."""
    nodes = entry.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1:
        times = len(nodes) if isinstance(nodes, list) else 0
        raise NotBuilt(
            f"calls its layer {refusal.shown(name(entry))} {times} times, one that is called once"
            " is built here",
            HINT,
        )
    (node,) = nodes
    if isinstance(node, dict):
        named, found = dictionary(node.get("kwargs")), list(map(_argument, node.get("args", ())))
    else:  # of Keras 2: [[name, 0, 0, {}], ...]
        calls = node if isinstance(node, list) and isinstance(node[:1], list) else []
        calls = [calls] if calls and isinstance(calls[0], str) else calls
        named = {key: value for call in calls for key, value in dictionary(call[3]).items()}
        found = [_Output(call[0]) for call in calls]
    if {key for key, value in named.items() if value is not None} - {"training", "mask"} or not found:
        shown = refusal.shown(name(entry))
        raise NotBuilt(f"calls {shown} with more than the outputs of layers, which is not built here", HINT)
    found = found[0] if isinstance(found[0], list) and not is_operator(entry) else found
    return [_given(each, outputs) for each in found]


class _Output(NamedTuple):
    """The output of the layer of this name."""

    name: Any


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_argument, value))
    marker, config = kind(value), dictionary(dictionary(value).get("config"))
    if marker == "__keras_tensor__":
        return _Output(config.get("keras_history", [None])[0])
    if marker == "__ellipsis__":
        return ...
    if marker == "__tensor__":
        return numpy.array(keras_layers.plain("tensor", config.get("value")), numpy.float32)
    return keras_layers.plain("layer", value)


def _given(value: Any, outputs: Mapping[str, Any]) -> Any:
    if isinstance(value, _Output):
        if not isinstance(value.name, str) or value.name not in outputs:
            raise Refused(f"has a layer that comes before {refusal.shown(value.name)}, which it needs", HINT)
        return outputs[value.name]
    return [_given(each, outputs) for each in value] if isinstance(value, list) else value


def is_operator(entry: Any) -> bool:
    """Layers too are called Add: theirs can be trainable."""
    return kind(entry) in keras_layers.OPERATORS and "trainable" not in dictionary(entry.get("config"))


def kind(entry: Any) -> str:
    found = dictionary(entry).get("class_name")
    return found if isinstance(found, str) else "nothing"


def name(entry: Any) -> str:
    found = entry.get("name") or dictionary(entry.get("config")).get("name")
    return found if isinstance(found, str) else ""


def dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
