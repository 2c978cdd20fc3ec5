"""Computes once what several networks with mostly the same tensors compute alike."""

from collections.abc import Callable, Mapping, Set
from typing import Any

from torch import Tensor, equal, nn


class Shared:
    """The last input and output of one layer, for all networks that hold the same tensors in it."""

    def __init__(self) -> None:
        self._input: Tensor | None = None
        self._output: Tensor | None = None
        self._versions = (0, 0)

    def wrap(self, forward: Callable[..., Any]) -> Callable[..., Any]:
        """`forward`, answered from memory where the input is the same.

        A network may write into a tensor that we remember (`relu_`, `out += identity`). torch counts such
        writes, so a remembered pair is used only while both are as they were.
        """

        def recalled(*inputs: Any, **options: Any) -> Any:
            if len(inputs) != 1 or options or not isinstance(inputs[0], Tensor):
                return forward(*inputs, **options)
            if self._knows(inputs[0]):
                return self._output
            output = forward(inputs[0])
            if isinstance(output, Tensor):
                self._input, self._output = inputs[0], output
                self._versions = (inputs[0]._version, output._version)
            return output

        return recalled

    def _knows(self, given: Tensor) -> bool:
        if self._input is None or self._output is None:
            return False
        if self._versions != (self._input._version, self._output._version):
            return False
        return given is self._input or (given.shape == self._input.shape and equal(given, self._input))


def share(networks: Mapping[str, nn.Module], differing: Set[str]) -> None:
    """Lets networks of one architecture share the layers in which none of the tensors named `differing` lies.

    Layers are taken as large as possible, and only those with tensors: the others cost nothing.
    """
    first, *_ = networks.values()
    for name in common(first, "", differing):
        memory = Shared()
        for network in networks.values():
            layer = network.get_submodule(name)
            layer.forward = memory.wrap(layer.forward)


def common(layer: nn.Module, name: str, differing: Set[str]) -> list[str]:
    """The largest layers with tensors, none of them `differing`."""
    own = {f"{name}.{tensor}".lstrip(".") for tensor in layer.state_dict()}
    if name and own and not own & differing:
        return [name]
    inner = [(f"{name}.{child}".lstrip("."), part) for child, part in layer.named_children()] if own else []
    return [found for child, part in inner for found in common(part, child, differing)]
