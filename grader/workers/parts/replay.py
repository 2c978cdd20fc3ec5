"""What the frozen lower layers make of an image is computed once for all students who did not change them.

The boundary is the last layer before the first changed one. Its output is recorded while the pretrained
network runs, and put in its place when a student's network runs; all before it then gets zeros, which
nobody sees.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

import torch
from msgspec import Struct
from torch import Tensor, nn

from grader.workers.parts import reuse

TOLERANCE = 1e-4  # of logits; batches of another size differ by 1e-5


class Boundary(Struct, frozen=True):
    """`before` are the layers that need not run, with the shape of their outputs (without the batch)."""

    name: str
    before: dict[str, tuple[int, ...]]


class _Reached(Exception):
    """Ends the run of a network at its boundary, with what is there."""

    def __init__(self, output: Tensor) -> None:
        super().__init__()
        self.output = output


def boundary(network: nn.Module, changed: Set[str], sample: Tensor) -> Boundary | None:
    """The boundary of networks in which the tensors named `changed` differ; None where there is none.

    It is tried out with `sample` [n, 3, side, side]: a network in which something passes the boundary by
    gives another answer, and has none.
    """
    calls = list(_calls(network, reuse.common(network, "", changed), changed, sample))
    before: dict[str, tuple[int, ...]] = {}
    for name, shape in calls:
        if shape is None:
            break
        before[name] = shape
    if not before:
        return None
    *_, name = before
    found = Boundary(name, {each: shape for each, shape in before.items() if each != name})
    with torch.no_grad(), replaying(network, found, [record(network, found, sample)]):
        replayed = network(torch.zeros_like(sample))
    with torch.no_grad():
        plain = network(sample.clone())
    return found if torch.allclose(plain, replayed, rtol=0, atol=TOLERANCE) else None


def record(network: nn.Module, found: Boundary, images: Tensor) -> Tensor:
    """What the layers up to the boundary make of the images."""

    def stop(_layer: nn.Module, _given: Any, output: Tensor) -> None:
        raise _Reached(output)

    hook = network.get_submodule(found.name).register_forward_hook(stop)
    try:
        with torch.no_grad():
            network(images.clone())
    except _Reached as reached:
        return reached.output
    finally:
        hook.remove()
    raise AssertionError("a boundary that is not reached")


@contextmanager
def replaying(network: nn.Module, found: Boundary, outputs: Sequence[Tensor]) -> Iterator[None]:
    """Inside, the n-th run of the network has `outputs[n]` at its boundary, whatever images it is given."""
    waiting = iter(outputs)
    own: list[nn.Module] = []

    def become(name: str, forward: Callable[..., Tensor]) -> None:
        layer = network.get_submodule(name)
        layer.forward = forward
        own.append(layer)

    for name, shape in found.before.items():
        become(name, lambda given, *_, shape=shape: given.new_zeros(given.shape[0], *shape))
    become(found.name, lambda *_: next(waiting).clone())  # a network may write into what it is given
    try:
        yield
    finally:
        for layer in own:
            del layer.forward  # the class's own comes back


def _calls(
    network: nn.Module, common: Sequence[str], changed: Set[str], sample: Tensor
) -> Iterator[tuple[str, tuple[int, ...] | None]]:
    """Common layers in the order in which they run, with the shape of their output; None: changed."""
    calls: list[tuple[str, tuple[int, ...] | None]] = []

    def entered(name: str) -> Callable[..., None]:
        return lambda *_: calls.append((name, None))

    def left(name: str) -> Callable[..., None]:
        def note(_layer: nn.Module, given: Any, output: Any) -> None:
            again = any(name == earlier for earlier, _ in calls)
            plain = isinstance(output, Tensor) and len(given) == 1 and not again
            calls.append((name, tuple(output.shape[1:]) if plain else None))

        return note

    owners = {name.rpartition(".")[0] for name in changed}
    hooks = [network.get_submodule(name).register_forward_pre_hook(entered(name)) for name in owners]
    hooks += [network.get_submodule(name).register_forward_hook(left(name)) for name in common]
    try:
        with torch.no_grad():
            network(sample.clone())
    finally:
        for hook in hooks:
            hook.remove()
    repeated = {name for name, shape in calls if shape is None}
    yield from ((name, None if name in repeated else shape) for name, shape in calls)
