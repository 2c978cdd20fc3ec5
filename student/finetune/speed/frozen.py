"""Cut the network where learning begins, so that what is frozen below runs once for each image.

    image -> [ frozen: once ] -> activations -> [ learning: in every epoch ] -> logits

A frozen layer turns the same image into the same numbers in every epoch. Computing them anew is most of the
work of a plain training loop, and changes nothing. So each phase gets two things from here: the layers to
run once, whose outcome activations.py keeps, and the part of the network to train on that.

Networks are not lists of layers: a Vision Transformer adds a token here and positions there. So we let
PyTorch write down what the network computes (torch.fx), and cut that list of steps. A cut is only used
after the two parts have given what the whole network gives, in outputs and in gradients.
"""

import copy
import functools
import inspect
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from finetune import backbone
from finetune.backbone import Backbone
from finetune.parts import devices
from finetune.speed import folding

# Double precision has 16 digits. A wrong cut shows in the first few, a right one at most in the last five.
TOLERANCE = 1e-10
# Fully connected layers with more weights than this are not copied for the trial if they are frozen.
LARGE = 2**23


class Uncuttable(Exception):
    """Why a network cannot be cut."""


@dataclass(frozen=True)
class Halves:
    """What a phase computes once for each image, one after the other, and what it computes in every epoch."""

    frozen: tuple[nn.Module, ...]
    learning: nn.Module


def halves_or_whole(model: Backbone, side: int, plain: bool) -> dict[str, Halves]:
    """The halves below; for plain training or where the network cannot be cut, the whole network learns."""
    try:
        if not plain:
            print(
                "Trying where the network can be cut, so that what is frozen runs only once ...", flush=True
            )
            return halves(model, side)
    except Uncuttable as reason:
        print(f"Each epoch runs the whole network, as with --plain; it cannot be cut: {reason}")
    whole = Halves((), model.network)
    return {"head": whole, "upper": whole}


def halves(model: Backbone, side: int) -> dict[str, Halves]:
    """The halves for the phases "head" and "upper". `side` is that of the square images, in pixels.

    Both phases share the layers below the upper ones. Raises Uncuttable.
    """
    try:
        with devices.one_thread():
            _try_small_or_large(model, side)
    except Exception as error:  # any code of any network runs here
        raise Uncuttable((str(error) or type(error).__name__).splitlines()[0]) from error
    devices.give_memory_back()
    parameter = next(model.network.parameters())
    sample = torch.zeros(1, 3, side, side, dtype=parameter.dtype, device=parameter.device)
    return _halves(model.network, model, sample)


def _try_small_or_large(model: Backbone, side: int) -> None:
    """Images of half the side are a quarter of the work, but some networks take one size only."""
    try:
        _try(model, side // 2)
    except Exception:  # noqa: BLE001 (any code of any network runs here)
        _try(model, side)


def _try(model: Backbone, side: int) -> None:
    """Cut a copy of the network, and raise Uncuttable if its parts do not give what the whole gives.

    On a copy, so that the trial leaves no trace: not in the network, nor in the random numbers that follow.
    """
    trial = _double(model)
    with torch.random.fork_rng(devices=[]):  # the trial runs on the processor, whatever else there is
        torch.default_generator.manual_seed(0)
        images = torch.rand(2, 3, side, side, dtype=torch.double)
        for parameter in trial.get_submodule(model.head).parameters():
            nn.init.normal_(parameter, std=0.01)  # a head of zeros would send no gradient down
        for phase, parts in _halves(trial, model, images).items():
            backbone.freeze_all_but(trial, (model.head,) if phase == "head" else (*model.upper, model.head))
            difference = _difference(trial, parts, images)
            if not difference <= TOLERANCE:
                raise Uncuttable(f"in phase {phase}, the parts differ from the whole by {difference:.1e}")


def _double(model: Backbone) -> nn.Module:
    """A copy of the network in double precision, each tensor converted straight from the original."""
    learning = (*model.upper, model.head)
    copies: dict[int, nn.Module | nn.Parameter] = {}
    for name, layer in model.network.named_modules():
        if type(layer) is nn.Linear and layer.weight.numel() > LARGE and not backbone.belongs(name, learning):
            copies[id(layer)] = _LargeInDouble(layer)
        else:
            for own in layer.parameters(recurse=False):
                # First to the processor, then to double precision, which Apple's graphics cards do not know.
                copies[id(own)] = nn.Parameter(own.detach().cpu().to(torch.double, copy=True))
    return copy.deepcopy(model.network, copies).cpu().double()


class _LargeInDouble(nn.Module):
    """A frozen fully connected layer in double precision, for copies that are not to grow."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        # Tensors, not parameters, which conversions of the copy would convert.
        self.weight = layer.weight.detach().cpu()
        self.bias = 0 if layer.bias is None else layer.bias.detach().cpu()

    def forward(self, given: Tensor) -> Tensor:
        product = _Product.apply(given.reshape(-1, given.shape[-1]), self.weight)
        return product.reshape(*given.shape[:-1], -1) + self.bias


class _Product(torch.autograd.Function):
    """given [batch, in] times frozen weights [out, in], of which a part at a time is in double precision: all
    of VGG16's first fully connected layer would take 0.8 GB.
    """

    @staticmethod
    def forward(context: Any, given: Tensor, weights: Tensor) -> Tensor:
        context.parts = weights.split(LARGE // weights.shape[1])
        result = given.new_empty(len(given), len(weights))
        for columns, part in zip(result.split(len(context.parts[0]), dim=1), context.parts, strict=True):
            columns.copy_(given @ part.double().T)
        return result

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        columns = gradient.split(len(context.parts[0]), dim=1)
        products = ((own @ part.double()) for own, part in zip(columns, context.parts, strict=True))
        return functools.reduce(Tensor.add_, products), None


def cut(network: nn.Module, learning: tuple[str, ...]) -> tuple[nn.Module, nn.Module]:
    """The part below the layers named in `learning`, and the part from there on; they share its layers."""
    graph = _steps(network, learning)
    learns = _learning_steps(graph, learning)
    image, *_, output = graph.nodes
    # The boundary is the last value from which everything that learns can be computed without the image.
    for boundary in reversed(graph.nodes):
        if boundary not in learns and image not in _needed(output, boundary):
            break
    else:
        raise Uncuttable("its first layer learns already")
    lower = fx.Graph()
    lower.output(_copied(lower, boundary, image))
    upper = fx.Graph()
    upper.output(_copied(upper, output.args[0], boundary))
    return fx.GraphModule(network, lower), fx.GraphModule(network, upper)


def _halves(network: nn.Module, model: Backbone, sample: Tensor) -> dict[str, Halves]:
    """Cut twice: below the upper layers, and what is left once more below the head."""
    backbone.freeze_all_but(network, ())
    lower, upper = cut(network, (*model.upper, model.head))
    middle, head = cut(upper, (model.head,))
    lower = folding.folded(lower, sample)
    return {"head": Halves((lower, middle), head), "upper": Halves((lower,), upper)}


def _steps(network: nn.Module, learning: tuple[str, ...]) -> fx.Graph:
    """What the network computes, as a list of steps. Layers are steps, but those with learning ones inside
    are opened.

    Dropout and BatchNorm ask whether they train while they run, so the learning layers must stay whole.
    """

    class Tracer(fx.Tracer):
        def is_leaf_module(self, layer: nn.Module, name: str) -> bool:  # noqa: ARG002
            return not any(inner.startswith(f"{name}.") for inner in learning)

    _, *options = inspect.signature(network.forward).parameters.values()
    defaults = {
        option.name: option.default for option in options if option.kind == option.POSITIONAL_OR_KEYWORD
    }
    try:
        return Tracer().trace(network, concrete_args=defaults)
    except Exception as error:  # any code of any network runs here
        raise Uncuttable(f"PyTorch cannot write down its steps: {str(error).splitlines()[0]}") from error


def _learning_steps(graph: fx.Graph, learning: tuple[str, ...]) -> set[fx.Node]:
    """The steps that are learning layers, and all that follow from them."""
    found: set[fx.Node] = set()
    for step in graph.nodes:
        own = step.op in ("call_module", "get_attr") and backbone.belongs(str(step.target), learning)
        if own or step.op == "output" or any(before in found for before in step.all_input_nodes):
            found.add(step)
    return found


def _needed(wanted: fx.Node, given: fx.Node) -> list[fx.Node]:
    """The steps that lead to the value `wanted` if the value `given` is there, in their order."""
    needed = {wanted}
    for step in reversed(wanted.graph.nodes):
        if step in needed and step is not given:
            needed.update(step.all_input_nodes)
    return [step for step in wanted.graph.nodes if step in needed]


def _copied(part: fx.Graph, wanted: fx.Node, given: fx.Node) -> fx.Node:
    """Copy the steps from `given` to `wanted` into a graph of their own; returns the last."""
    copies = {given: part.placeholder("x")}
    for step in _needed(wanted, given):
        if step is not given:
            copies[step] = part.node_copy(step, copies.__getitem__)
    return copies[wanted]


def _difference(network: nn.Module, halves: Halves, images: Tensor) -> float:
    """By how much the parts differ from the whole: in outputs and in gradients, each as a share of the
    largest.
    """
    torch.default_generator.manual_seed(1)  # for layers that drop at random
    whole = network(images)
    weights = torch.rand_like(whole)
    (whole * weights).sum().backward()
    learning = [parameter for parameter in network.parameters() if parameter.grad is not None]
    largest = max(float(parameter.grad.abs().max()) for parameter in learning)

    with torch.no_grad():
        activations = images
        for layers in halves.frozen:
            activations = layers(activations)
    torch.default_generator.manual_seed(1)
    parts = halves.learning(activations)
    # The negative gradients are added to those of the whole network: nothing should be left.
    (parts * -weights).sum().backward()
    left = max(float(parameter.grad.abs().max()) for parameter in learning)
    network.zero_grad()
    return max(float((whole - parts).detach().abs().max() / whole.detach().abs().max()), left / largest)
