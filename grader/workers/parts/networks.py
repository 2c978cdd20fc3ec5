"""Builds the declared network with the public pretrained tensors in it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from safetensors.torch import load_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from grader.workers.messages import Head
from grader.workers.parts.one_family import timm_with
from grader.workers.parts.quick_imports import without_compiler

# torchvision sets these when it loads its weights itself; a state_dict does not carry them.
LIKE_PRETRAINED: Mapping[str, Mapping[str, Any]] = {
    "inception_v3": {"transform_input": True, "aux_logits": False, "init_weights": False},
    "googlenet": {"transform_input": True, "aux_logits": False, "init_weights": False},
}


FILLING = (Tensor.normal_, Tensor.uniform_, Tensor.erfinv_)


class _Unfilled(TorchFunctionMode):  # type: ignore[misc, unused-ignore]
    """Only shapes matter: nothing is filled with chance."""

    def __torch_function__(self, function: Any, _: object, arguments: Any = (), named: Any = None) -> Any:
        return arguments[0] if function in FILLING else function(*arguments, **(named or {}))


class Misfit(ValueError):
    """The library has no such network, or the pretrained tensors are those of another one."""


def build(library: str, backbone: str, classes: int) -> nn.Module:
    """The library's own network with a head of `classes` outputs, in evaluation mode. Raises Misfit.

    Only names that the library lists: timm would also take an address or a folder for a name.
    """
    network: nn.Module
    if library == "torchvision":
        with without_compiler():
            from torchvision import models

        if backbone not in models.list_models(module=models):
            raise Misfit(f"torchvision has no classification network {backbone!r}")
        network = models.get_model(
            backbone, weights=None, num_classes=classes, **LIKE_PRETRAINED.get(backbone, {})
        )
    else:
        timm = timm_with(backbone)
        if backbone not in timm.list_models():
            raise Misfit(f"timm has no network {backbone!r}")
        network = timm.create_model(backbone, pretrained=False, num_classes=classes)
    return network.eval()


def head(library: str, backbone: str, classes: int) -> frozenset[str]:
    """The names of the head's tensors: those whose shape depends on the number of classes."""
    with _Unfilled():  # the device `meta` would import the compiler
        one = build(library, backbone, classes).state_dict()
        other = build(library, backbone, classes + 1).state_dict()
    return frozenset(name for name in one if one[name].shape != other[name].shape)


def replace_head(network: nn.Module, names: frozenset[str], wanted: Head) -> frozenset[str]:
    """Puts the declared head in the place of the last layer, whose tensors are `names`; returns the new ones.

    Hidden layers (256, 64) make layers `fc.0`, `fc.3` and `fc.6`: behind each hidden one stand ReLU and
    dropout. Without any, dropout comes first and the layer is `fc.1`. Raises Misfit.
    """
    layers = {name.rpartition(".")[0] for name in names}
    if len(layers) != 1:
        raise Misfit(f"a head of several layers needs a network with one last layer, this has {len(layers)}")
    name = layers.pop()
    last = network.get_submodule(name)
    if isinstance(last, nn.Conv2d) and last.kernel_size == (1, 1):
        inputs, classes, layer = last.in_channels, last.out_channels, partial(nn.Conv2d, kernel_size=1)
    elif isinstance(last, nn.Linear):
        inputs, classes, layer = last.in_features, last.out_features, partial(nn.Linear)
    else:
        raise Misfit(f"the last layer of this network, {name}, is no linear layer that can be replaced")
    parts: list[nn.Module] = []
    for size in wanted.hidden:
        parts += [layer(inputs, size), nn.ReLU(), nn.Dropout(wanted.dropout)]
        inputs = size
    if not wanted.hidden:
        parts.append(nn.Dropout(wanted.dropout))
    new = nn.Sequential(*parts, layer(inputs, classes)).eval()
    network.set_submodule(name, new)
    return frozenset(f"{name}.{own}" for own in new.state_dict())


def fill(network: nn.Module, path: str, head: frozenset[str]) -> dict[str, Tensor]:
    """Loads the pretrained tensors of the file, the head aside, and returns them. Raises Misfit."""
    own = network.state_dict()
    public = {name: tensor for name, tensor in load_file(path).items() if name in own and name not in head}
    for name in own.keys() - head:
        if name not in public:
            raise Misfit(f"the pretrained weights lack the tensor {name}")
        if public[name].shape != own[name].shape:
            raise Misfit(f"the pretrained tensor {name} has another shape than the network's")
    network.load_state_dict(public, strict=False)
    return public
