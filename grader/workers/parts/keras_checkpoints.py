"""Opens a submission's file of Keras as a network that can be run, and compares its tensors.

Keras runs on PyTorch, on the processor; KERAS_BACKEND has to say so before this module is imported.
"""

from collections.abc import Iterator, Mapping

import keras
import torch
from msgspec import structs
from safetensors.torch import load_file
from torch import Tensor

from grader.workers.messages import Evaluate, Examined
from grader.workers.parts import (
    keras_building,
    keras_config,
    keras_file,
    keras_network,
    keras_weights,
    sketch,
    tensors,
)
from grader.workers.parts.keras_building import Part
from grader.workers.parts.keras_network import Matched, Network
from grader.workers.parts.networks import Misfit

HINT = keras_file.HINT
READERS = {"keras": keras_file.from_archive, "h5": keras_file.from_h5}
NOT_HERE = "the published weights of {} are not here"
GIVE = "give a folder with the file keras-{}-imagenet.safetensors with --weights, or connect this machine"


def backbone(request: Evaluate) -> tuple[Part, dict[str, Tensor]]:
    """The library's network, and its published tensors where they are here. Raises Misfit."""
    library = keras_network.application(request.backbone)
    public = load_file(request.pretrained) if request.pretrained else {}
    for name, tensor in keras_network.tensors(library).items() if public else ():
        if name not in public or public[name].shape != tensor.shape:
            raise Misfit(f"the pretrained weights lack the tensor {name}, or it has another shape")
    return library, public


def published(name: str) -> dict[str, Tensor]:
    """The published tensors, which Keras downloads. Raises OSError where they cannot be had, Misfit."""
    return keras_network.tensors(keras_network.application(name, "imagenet"))


def opened(
    path: str, kind: str, request: Evaluate, backbone: keras.Model, public: Mapping[str, Tensor]
) -> tuple[Network, Examined]:
    """The network that can be run, and how its tensors differ from the published ones. Raises Refused."""
    saved, library = READERS[kind](path), keras_network.whole(backbone)
    size = keras_config.size(saved.config, request.reference.crop)
    network = keras_building.build(saved.config, size)
    keras_weights.fill(network, saved)
    matched = keras_network.match(network, library, request.backbone)
    runs = Network(network.layer, keras_network.undoing(network, matched), request.classes)
    runs.answer(torch.zeros(1, 3, *size))
    examined = _examined(network, library, matched, public, request)
    return runs, structs.replace(examined, format=kind, mixed=keras_config.is_mixed(saved.config))


def _examined(
    network: Part, library: Part, matched: Matched, public: Mapping[str, Tensor], request: Evaluate
) -> Examined:
    if not keras_network.computes_the_same(network, library, matched):
        return Examined(
            undetermined=f"with its tensors {request.backbone} computes something else",
            hint="build the network with keras.applications and save the whole of it",
        )
    if not public:
        hint = GIVE.format(request.backbone)
        return Examined(undetermined=NOT_HERE.format(request.backbone), hint=hint)
    return _compared(matched, public)


def _compared(matched: Matched, public: Mapping[str, Tensor]) -> Examined:
    """What training changed; tensors of the backbone are called as the library calls them."""
    found = {name: variable.value.detach() for name, variable in _variables(matched, public)}
    weights = {name for name, variable in _variables(matched, public) if not _is_statistic(variable)}
    changed = tuple(tensors.changes(found, public, weights))
    learnt = {change.name for change in changed if not change.statistic}
    return Examined(
        changed=changed,
        kept=len((weights & public.keys()) - learnt),
        sketch=sketch.of(found, public, learnt),
    )


def _variables(matched: Matched, public: Mapping[str, Tensor]) -> Iterator[tuple[str, keras.Variable]]:
    """By names, of which those of the backbone are no names of the head."""
    for mine, its in matched.backbone:
        yield from ((f"{its.name}.{variable.name}", variable) for variable in mine.layer.weights)
    for part in matched.head:
        for variable in part.layer.weights:
            name = f"{part.name}.{variable.name}"
            yield (f"head.{name}" if name in public else name), variable


def _is_statistic(variable: keras.Variable) -> bool:
    """What BatchNorm counts along."""
    return bool(variable.name.startswith("moving_"))
