"""A network of Keras in the evaluate lane: what a student's file computes, and what is the backbone in it.

The backbone is found by its layers with tensors: they are the first ones, in order, kind and shapes. A
network may take its features from one of the middle layers.
"""

import inspect
import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import torch
from torch import Tensor, nn

from grader.workers.parts import refusal
from grader.workers.parts.keras_building import FAILURES, Part
from grader.workers.parts.keras_file import HINT
from grader.workers.parts.networks import Misfit
from grader.workers.parts.refusal import NotBuilt, Refused

# Their layers are classes of their own, or Keras has them for TensorFlow only.
NOT_BUILT = ("ConvNeXt", "InceptionResNetV2", "NASNet")
HEAD_LAYERS = 24  # with tensors, that may follow the backbone
AT_ONCE = 200_000  # pixels: Keras keeps what every layer gives until the last one is done
TOLERANCE = 1e-3  # relative to the largest: rounding in another order differs by about 1e-5

Affine = tuple[Tensor, Tensor]  # [3, 3] and [3]: pixel @ matrix + shift


class Network(nn.Module):  # type: ignore[misc]
    """float32 [n, 3, height, width] -> logits [n, classes]. It holds no tensors that torch knows of.

    `undo`: what makes prepared images of those that the network prepares itself.
    """

    def __init__(self, model: keras.Model, undo: Affine | None, classes: int) -> None:
        super().__init__()
        self.size: tuple[int, int] = tuple(model.inputs[0].shape[1:3])
        self._model = (model,)  # a tuple: no layer of this module
        self._undo = undo
        self._classes = classes
        self._last = _activation(model)

    def forward(self, images: Tensor) -> Tensor:
        """Where the network does not run, no number is one."""
        try:
            return self.answer(images)
        except FAILURES:
            return torch.full((len(images), self._classes), torch.nan)

    def answer(self, images: Tensor) -> Tensor:
        """Raises Refused where it gives anything but one number for each class."""
        (model,) = self._model
        pixels = images.cpu().permute(0, 2, 3, 1)
        if self._undo:
            pixels = pixels @ self._undo[0] + self._undo[1]
        at_once = max(1, AT_ONCE // math.prod(self.size))
        with torch.no_grad():
            outputs = [model(batch.contiguous(), training=False) for batch in pixels.split(at_once)]
        return self._logits(torch.cat(outputs))

    def _logits(self, output: Tensor) -> Tensor:
        """The logarithms of probabilities differ as the logits did; a single output is the second class's."""
        tiny = torch.finfo(torch.float32).tiny
        single = self._classes == 2 and output.shape[1:] == (1,)
        if output.shape[1:] != (self._classes,) and not single:
            shape = refusal.shape(tuple(output.shape[1:]))
            raise Refused(f"answers {shape} for an image, expected one number for each class", HINT)
        output = output.float()
        if single and self._last == "sigmoid":
            output = torch.cat([1 - output, output], dim=1)
        elif single:
            return torch.cat([torch.zeros_like(output), output], dim=1)
        return output.clamp_min(tiny).log() if self._last in ("softmax", "sigmoid") else output


def application(name: str, weights: str | None = None) -> Part:
    """The library's own network without its head, for images of any size.

    Raises:
        Misfit: Keras has none of this name, or it is not built here.
        OSError: its weights cannot be downloaded.
    """
    make = getattr(keras.applications, name, None)
    if not inspect.isfunction(make) or name.startswith(NOT_BUILT):
        raise Misfit(f"the network {name[:60]} of keras.applications is not built here")
    keras.backend.clear_session()  # its names start from 1 again
    try:
        return whole(make(weights=weights, include_top=False, input_shape=(None, None, 3)))
    except Exception as error:  # of no closer kind where a download fails
        raise OSError(str(error).partition("\n")[0]) from error


def whole(model: keras.Model) -> Part:
    """A network without networks inside."""
    parts = (Part(type(layer).__name__, layer.name, layer) for layer in model.layers)
    return Part("Functional", model.name, model, tuple(parts))


def tensors(library: Part) -> dict[str, Tensor]:
    """By the names that its published ones have in our files."""
    return {
        f"{part.name}.{variable.name}": variable.value.detach()
        for part in _comparable(library)
        for variable in part.layer.weights
    }


class Matched(NamedTuple):
    """Pairs of layers of the student's network and of the library's, and what comes after them."""

    backbone: tuple[tuple[Part, Part], ...]
    head: tuple[Part, ...]


def match(network: Part, library: Part, name: str) -> Matched:
    """Raises Refused where the network is another than the library's of this name."""
    mine, theirs = _comparable(network), _comparable(library)
    same = itertools.takewhile(lambda pair: _form(pair[0]) == _form(pair[1]), zip(mine, theirs, strict=False))
    pairs = tuple(same)
    head = tuple(mine[len(pairs) :])
    if 2 * len(pairs) < len(theirs) or len(head) > HEAD_LAYERS:
        raise Refused(
            f"is not the declared {name}: of its {len(theirs)} layers with tensors, the first {len(pairs)}"
            f" are there, and {len(head)} others follow",
            "train the backbone that submission.toml declares",
        )
    return Matched(pairs, head)


def _comparable(network: Part) -> list[Part]:
    """What Normalization holds is no work of training."""
    return [part for part in network.leaves() if part.kind != "Normalization"]


def _form(part: Part) -> tuple[str, tuple[tuple[int, ...], ...]]:
    return part.kind, tuple(tuple(variable.shape) for variable in part.layer.weights)


def undoing(network: Part, matched: Matched) -> Affine | None:
    """Undoes what the network itself does with a pixel before its backbone begins; None: it does nothing.

    Raises Refused: it is more than scaling, shifting and another order of the colours.
    """
    begin = _owner(network, matched.backbone[0][0])
    if begin is network:
        return None
    height, width = network.layer.inputs[0].shape[1:3]
    colours = torch.cat([torch.zeros(1, 3), torch.eye(3), torch.tensor([[0.2, 0.7, 0.4]])])
    seen, _ = _watched(network, begin, colours.view(5, 1, 1, 3).expand(5, height, width, 3))
    if seen.shape[1:] != (height, width, 3):
        raise NotBuilt("changes the size of its images itself, and is not evaluated so", HINT)
    found = seen[:, height // 2, width // 2].double()
    shift, matrix = found[0], found[1:4] - found[0]
    if not torch.allclose(colours.double() @ matrix + shift, found, atol=TOLERANCE) or not matrix.det().abs():
        raise NotBuilt(
            "does more to the colours before its backbone than scaling and shifting: not undone here",
            HINT,
        )
    if torch.equal(matrix, torch.eye(3, dtype=torch.float64)) and not shift.any():
        return None
    inverse = matrix.inverse()
    return inverse.float(), (-shift @ inverse).float()


def _owner(network: Part, leaf: Part) -> Part:
    """The innermost network that holds this layer."""
    for part in network.parts:
        if part.parts and any(each is leaf for each in part.leaves()):
            return _owner(part, leaf)
    return network


def computes_the_same(network: Part, library: Part, matched: Matched) -> bool:
    """Whether noise becomes the same in both, from the first of the matched layers to the last.

    Leaves the student's tensors in the library's network.
    """
    for mine, theirs in matched.backbone:
        theirs.layer.set_weights(mine.layer.get_weights())
    noise = torch.rand(1, *network.layer.inputs[0].shape[1:], generator=torch.Generator().manual_seed(0))
    (mine, theirs), (last, its) = matched.backbone[0], matched.backbone[-1]
    given, _ = _watched(network, mine, noise)
    _, output = _watched(network, last, noise)
    with _fed(theirs, given):
        _, expected = _watched(library, its, noise)
    if output.shape != expected.shape:
        return False
    return bool((output - expected).abs().max() <= TOLERANCE * max(1.0, float(expected.abs().max())))


@contextmanager
def _fed(part: Part, given: Tensor) -> Iterator[None]:
    """Inside, the layer is given this, whatever comes before it."""
    call = part.layer.call
    part.layer.call = lambda _, *rest, **options: call(given, *rest, **options)
    try:
        yield
    finally:
        del part.layer.call


def _watched(network: Part, part: Part, images: Tensor) -> tuple[Tensor, Tensor]:
    """What the part is given and gives while the network sees these images. Raises Refused."""
    seen: list[tuple[Tensor, Tensor]] = []
    call = part.layer.call

    def noted(given: Tensor, *rest: Any, **options: Any) -> Tensor:
        output: Tensor = call(given, *rest, **options)
        seen.append((given.detach().clone(), output.detach().clone()))
        return output

    part.layer.call = noted
    try:
        with torch.no_grad():
            network.layer(images, training=False)
    except FAILURES as error:
        raise Refused(f"does not run: {refusal.shown(str(error).partition(chr(10))[0])}", HINT) from None
    finally:
        del part.layer.call
    return seen[0]


def _activation(model: keras.Model) -> str:
    """The name of the activation that the network ends with."""
    layer = model
    while isinstance(layer, keras.Model):
        layer = layer.outputs[0]._keras_history.operation
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    return str(getattr(getattr(layer, "activation", None), "__name__", "linear"))
