"""Opens a submission's checkpoint, whatever its format, as a network that can be run.

The format is read from the first bytes: a name may say anything. Tensors go into the library's own network.
"""

import copy
from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

import torch
from torch import Tensor, nn

from grader.workers import networks, onnx_file, pickled, sketch, tensors
from grader.workers.messages import Evaluate, Examined
from grader.workers.onnx_file import Graph
from grader.workers.refusal import Refused

Reader = Callable[[str, Mapping[str, Tensor], Set[str]], dict[str, Tensor]]
READERS: Mapping[str, Reader] = {"safetensors": tensors.read, "pickle": pickled.read}

HEAD = 9  # bytes; safetensors: the length of its header in 8, then a brace
HDF5 = b"\x89HDF\r\n\x1a\n"
IR_VERSION = b"\x08"  # the first field of an ONNX file
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
    head = networks.head(request.library, request.backbone, request.classes)
    network = networks.build(request.library, request.backbone, request.classes)
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
            kind = format_of(path)
            trained[name], examined[name] = _opened(kind, path, backbone, (request, on))
        except Refused as refused:
            examined[name] = Examined(format=kind, refused=refused.reason, hint=refused.hint)
    return (trained if next(iter(request.checkpoints)) in trained else {}), examined


def format_of(path: str) -> str:
    """safetensors, pickle or onnx. Raises Refused where it is another that can be told."""
    with open(path, "rb") as file:
        start = file.read(HEAD)
    if start[8:9] == b"{":
        return "safetensors"
    if start.startswith(b"PK"):
        return "pickle"
    if start.startswith(IR_VERSION):
        return "onnx"
    if start.startswith(b"\x80"):
        raise Refused("is a pickle without an archive around it, which can run code and is never opened")
    if start.startswith(HDF5):
        raise Refused("is an HDF5 file, as Keras writes it, and networks of Keras are not built here")
    return "safetensors"


def _opened(kind: str, path: str, backbone: Backbone, wanted: tuple[Evaluate, torch.device]) -> Trained:
    """Raises Refused."""
    if kind == "onnx":
        return _graph(onnx_file.read(path), backbone, *wanted)
    found = READERS[kind](path, backbone.network.state_dict(), backbone.head)
    return _network(kind, found, backbone)


def _network(kind: str, found: Mapping[str, Tensor], backbone: Backbone) -> Trained:
    """The declared network with these tensors in it, and how they differ."""
    network = copy.deepcopy(backbone.network)
    network.load_state_dict(found, strict=False)
    changed = tuple(tensors.changes(found, backbone.pretrained, network))
    weights = {name for name, _ in network.named_parameters()}
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
    from grader.workers import onnx_network  # an extra, for those who get such a file

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
    return Trained(network, Examined(format="onnx", undetermined=reason))


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
