"""Opens a submission's checkpoint, whatever its format, as a network that can be run.

The format is read from the first bytes: a name may say anything. Tensors go into the library's own network.
"""

import copy
import os
from collections.abc import Callable, Mapping, Set
from types import ModuleType
from typing import NamedTuple

import torch
from torch import Tensor, nn

from grader.workers.messages import Evaluate, Examined, Head
from grader.workers.parts import networks, onnx_file, pickled, sketch, tensors
from grader.workers.parts.onnx_file import Graph
from grader.workers.parts.refusal import NotBuilt, Refused

Reader = Callable[[str, Mapping[str, Tensor], Set[str]], dict[str, Tensor]]
READERS: Mapping[str, Reader] = {"safetensors": tensors.read, "pickle": pickled.read}

HEAD = 9  # bytes; safetensors: the length of its header in 8, then a brace
KERAS = "keras"  # the library
ZIP = b"PK"
HDF5 = b"\x89HDF\r\n\x1a\n"
IR_VERSION = b"\x08"  # the first field of an ONNX file
KEEP = "hand in safetensors, or export with TrainingMode.PRESERVE and do_constant_folding=False"
PROBES = 2
TOLERANCE = 1e-3  # of logits, relative to the largest: another library's kernels differ by about 1e-5


class Backbone(NamedTuple):
    """The network with its public tensors, before any training; `head`: the names of the head's tensors."""

    network: nn.Module
    head: frozenset[str]
    pretrained: dict[str, Tensor]


class Trained(NamedTuple):
    network: nn.Module
    examined: Examined


def build(request: Evaluate) -> Backbone:
    """Raises networks.Misfit."""
    if request.library == KERAS:
        library, pretrained = of_keras().backbone(request)
        return Backbone(library.layer, frozenset(), pretrained)
    network = networks.build(request.library, request.backbone, request.classes)
    head = networks.head(request.library, request.backbone, request.classes)
    if request.head != Head():
        head = networks.replace_head(network, head, request.head)
    return Backbone(network, head, networks.fill(network, request.pretrained, head))


def load(
    request: Evaluate, backbone: Backbone, on: torch.device
) -> tuple[dict[str, nn.Module], dict[str, Examined]]:
    """The networks that can be run, and what is to be said about each file; none runs without the first."""
    examined: dict[str, Examined] = {}
    trained: dict[str, nn.Module] = {}
    for name, path in request.checkpoints.items():
        kind = ""
        try:
            kind = format_of(path, request.library)
            opened = _opened(kind, path, backbone, (request, on))
            _require_same_size(opened.network, trained)
            trained[name], examined[name] = opened
        except Refused as refused:
            examined[name] = Examined(
                format=kind,
                refused=refused.reason,
                not_built=isinstance(refused, NotBuilt),
                hint=refused.hint,
            )
    return (trained if next(iter(request.checkpoints)) in trained else {}), examined


def format_of(path: str, library: str = "") -> str:
    """safetensors, pickle, onnx, keras or h5. Raises Refused where it is none that `library` goes with."""
    with open(path, "rb") as file:
        start = file.read(HEAD)
    if library == KERAS:
        return _format_of_keras(start)
    if start[8:9] == b"{":
        return "safetensors"
    if start.startswith(ZIP):
        return "pickle"
    if start.startswith(IR_VERSION):
        return "onnx"
    if start.startswith(b"\x80"):
        raise Refused("is a pickle without an archive around it, which can run code and is never opened")
    if start.startswith(HDF5):
        raise Refused("is an HDF5 file, as Keras writes it, and the declared library is another")
    return "safetensors"


def _format_of_keras(start: bytes) -> str:
    for signature, kind in ((ZIP, "keras"), (HDF5, "h5")):
        if start.startswith(signature):
            return kind
    raise Refused("is no file of Keras, whose network is declared", of_keras().HINT)


def size(trained: Mapping[str, nn.Module]) -> tuple[int, int] | None:
    """Height and width of the images that the networks want where they say so themselves: those of Keras."""
    return next((getattr(network, "size", None) for network in trained.values()), None)


def _require_same_size(network: nn.Module, trained: Mapping[str, nn.Module]) -> None:
    own, others = size({"": network}), size(trained)
    if trained and own != others:
        raise Refused(
            f"takes images of {own}, the final network images of {others}", "train both on one size"
        )


def of_keras() -> ModuleType:
    """The module `keras_checkpoints`: an extra, for those who declare such a network."""
    os.environ |= {"KERAS_BACKEND": "torch", "KERAS_TORCH_DEVICE": "cpu"}  # it looks when it is imported
    from grader.workers.parts import keras_checkpoints

    return keras_checkpoints


def _opened(kind: str, path: str, backbone: Backbone, wanted: tuple[Evaluate, torch.device]) -> Trained:
    """Raises Refused."""
    if kind in ("keras", "h5"):
        return Trained(*of_keras().opened(path, kind, wanted[0], backbone.network, backbone.pretrained))
    if kind == "onnx":
        return _graph(onnx_file.read(path), backbone, *wanted)
    found = READERS[kind](path, backbone.network.state_dict(), backbone.head)
    return _network(kind, found, backbone)


def _network(kind: str, found: Mapping[str, Tensor], backbone: Backbone) -> Trained:
    """The declared network with these tensors in it, and how they differ."""
    network = copy.deepcopy(backbone.network)
    network.load_state_dict(found, strict=False)
    found = {name: found[name] for name in network.state_dict() if name in found}
    weights = {name for name, _ in network.named_parameters()}
    changed = tuple(tensors.changes(found, backbone.pretrained, weights))
    learnt = {change.name for change in changed if not change.statistic}
    return Trained(
        network,
        Examined(
            format=kind,
            changed=changed,
            kept=len(weights - backbone.head - learnt),
            sketch=sketch.of(found, backbone.pretrained, learnt),
        ),
    )


def _graph(graph: Graph, backbone: Backbone, request: Evaluate, on: torch.device) -> Trained:
    """The declared network where the graph is that one and keeps all its tensors, else the graph itself.

    Raises Refused.
    """
    from grader.workers.parts import onnx_network

    side = request.reference.crop
    network = onnx_network.build(graph, side, request.classes, request.threads, on.type)
    own = backbone.network.state_dict()
    expected = {name: tensor for name, tensor in own.items() if tensor.is_floating_point()}
    found = _by_name(graph, expected)
    if len(found) < len(expected):
        return _uncompared(network, f"{len(found)} of the network's {len(expected)} tensors keep their names")
    trained = _network("onnx", found, backbone)
    if not _same(network, trained.network, side):
        return _uncompared(network, "the graph computes something else than the declared network")
    return trained


def _uncompared(network: nn.Module, reason: str) -> Trained:
    return Trained(network, Examined(format="onnx", undetermined=reason, hint=KEEP))


def _by_name(graph: Graph, expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name in expected.keys() & graph.initializers.keys():
        tensor = graph.tensor(name)
        if tensor is not None and tensor.shape == expected[name].shape:
            found[name] = tensor
    return tensors.as_expected(found, expected)


def _same(one: nn.Module, other: nn.Module, side: int) -> bool:
    """Whether two networks give noise the same logits, or the same probabilities."""
    noise = torch.randn(PROBES, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        mine, theirs = (network(noise.clone()).log_softmax(dim=1) for network in (one, other))
    return bool(torch.allclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE))
