"""Puts the tensors of a file of Keras into a network that was built from its config.

A `.keras` file counts the layers of each class (`layers/conv2d_1/vars/0`); an `.h5` file names them
(`conv1/conv1/kernel:0`).
"""

import re
from collections import Counter
from collections.abc import Iterator

import h5py
import keras

from grader.workers.parts import keras_file, refusal
from grader.workers.parts.keras_building import Part
from grader.workers.parts.keras_file import HINT, Saved
from grader.workers.parts.refusal import Refused


def fill(network: Part, saved: Saved) -> None:
    """Raises Refused where a tensor is missing, has another shape, or is not finite."""
    places = _named(network, saved) if saved.is_h5 else _counted(network, saved, "")
    for part, found in places:
        values = [
            keras_file.read(dataset, tuple(variable.shape))
            for dataset, variable in zip(found, _variables(part.layer), strict=True)
        ]
        part.layer.load_own_variables({str(number): each for number, each in enumerate(values)})


def _variables(layer: keras.Layer) -> list[keras.Variable]:
    """In the order in which Keras saves them."""
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _counted(network: Part, saved: Saved, above: str) -> Iterator[tuple[Part, list[h5py.Dataset]]]:
    seen: Counter[str] = Counter()
    for part in network.parts:
        name = _snake_case(part.kind)
        number, seen[name] = seen[name], seen[name] + 1
        place = f"{above}layers/{name}_{number}" if number else f"{above}layers/{name}"
        if part.parts:
            yield from _counted(part, saved, f"{place}/")
        elif part.layer.weights:
            paths = [f"{place}/vars/{at}" for at in range(len(_variables(part.layer)))]
            absent = next((path for path in paths if path not in saved.tensors), None)
            if absent:
                raise _lacking(part, absent)
            yield part, [saved.tensors[path] for path in paths]


def _snake_case(kind: str) -> str:
    """As Keras names its groups: ReLU is re_lu."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def _named(network: Part, saved: Saved) -> Iterator[tuple[Part, list[h5py.Dataset]]]:
    for top in network.parts:
        own = [path for path in saved.tensors if path.startswith(f"{top.name}/")]
        for part in top.leaves():
            paths = [_path(part, variable.name, own) for variable in _variables(part.layer)]
            yield part, [saved.tensors[path] for path in paths]


def _path(part: Part, variable: str, paths: list[str]) -> str:
    """TensorFlow adds `:0`, and calls the kernel of a DepthwiseConv2D otherwise."""
    ends = tuple(
        f"/{part.name}/{name}{end}" for name in (variable, f"depthwise_{variable}") for end in ("", ":0")
    )
    found = [path for path in paths if path.endswith(ends)]
    if len(found) != 1:
        raise _lacking(part, f"{part.name}/{variable}")
    return found[0]


def _lacking(part: Part, path: str) -> Refused:
    return Refused(f"lacks the tensor {refusal.shown(path)} of its layer {refusal.shown(part.name)}", HINT)
