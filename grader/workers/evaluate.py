"""Predicts test images with a submission's tensors in the library's own network. No student code runs here.

$ python -m grader.workers.evaluate < request.json > answer.json
"""

import copy
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import torch
from msgspec import structs
from torch import Tensor, nn

from grader.preprocessing.references import Reference
from grader.workers import heap, networks, pictures, reuse, sketch, tensors, wire
from grader.workers.messages import Evaluate, Evaluated, Examined, Prediction, Unavailable, Unreadable

PACKAGES = ("torch", "torchvision", "timm", "safetensors", "pillow")


class Backbone(NamedTuple):
    """The network with its public tensors, before any training; `head`: the names of the head's tensors."""

    network: nn.Module
    head: frozenset[str]
    pretrained: dict[str, Tensor]


def answer(request: Evaluate) -> Evaluated | Unavailable:
    torch.set_num_threads(request.threads)
    heap.keep()
    try:
        backbone = build(request)
    except networks.Misfit as misfit:
        return Unavailable(f"the declared network cannot be built: {misfit}")
    trained, examined = load(request.checkpoints, backbone)
    device = _device(request.device)
    predictions, unreadable = predict(trained, request, range(len(request.images)), device)
    return complete(examined, predictions, unreadable, device)


def build(request: Evaluate) -> Backbone:
    """Raises networks.Misfit."""
    head = networks.head(request.library, request.backbone, request.classes)
    network = networks.build(request.library, request.backbone, request.classes)
    return Backbone(network, head, networks.fill(network, request.pretrained, head))


def load(
    checkpoints: Mapping[str, str], backbone: Backbone
) -> tuple[dict[str, nn.Module], dict[str, Examined]]:
    """The networks that can be run, and what is to be said about each file; none runs without the first."""
    examined: dict[str, Examined] = {}
    trained: dict[str, nn.Module] = {}
    for name, path in checkpoints.items():
        try:
            trained[name], examined[name] = _trained(path, backbone)
        except tensors.Refused as refusal:
            examined[name] = Examined(refused=refusal.reason, hint=refusal.hint)
    return (trained if next(iter(checkpoints)) in trained else {}), examined


def _trained(path: str, backbone: Backbone) -> tuple[nn.Module, Examined]:
    """The network with the tensors of a checkpoint in it, and how these differ. Raises tensors.Refused."""
    found = tensors.read(path, backbone.network.state_dict(), backbone.head)
    network = copy.deepcopy(backbone.network)
    network.load_state_dict(found, strict=False)
    changed = tuple(tensors.changes(found, backbone.pretrained, network))
    below = {name for name, _ in network.named_parameters()} - backbone.head
    return network, Examined(
        changed=changed,
        kept=len(below - {change.name for change in changed}),
        sketch=sketch.of(
            found, backbone.pretrained, {change.name for change in changed if not change.statistic}
        ),
    )


def predict(
    trained: Mapping[str, nn.Module], request: Evaluate, wanted: Sequence[int], device: torch.device
) -> tuple[dict[str, list[Prediction]], tuple[Unreadable, ...]]:
    """What each network answers for the `wanted` ones of the images, in fp32."""
    predictions: dict[str, list[Prediction]] = {name: [] for name in trained}
    unreadable: list[Unreadable] = []
    if not trained:
        return predictions, ()
    _share_equal_layers(trained)
    for network in trained.values():
        network.to(device, memory_format=torch.channels_last)
    for batch in batches(request, wanted, unreadable):
        images = torch.stack([image for _, image in batch]).to(device, memory_format=torch.channels_last)
        for name, network in trained.items():
            with torch.no_grad():
                logits = network(images.clone()).float().cpu()
            predictions[name] += as_predictions([index for index, _ in batch], logits)
        print(f"evaluate {batch[-1][0] + 1}/{len(request.images)}", file=sys.stderr, flush=True)
    return predictions, tuple(unreadable)


def _share_equal_layers(trained: Mapping[str, nn.Module]) -> None:
    first, *others = (network.state_dict() for network in trained.values())
    differing = {name for other in others for name in first if not torch.equal(first[name], other[name])}
    reuse.share(trained, differing)


def batches(
    request: Evaluate, wanted: Sequence[int], unreadable: list[Unreadable]
) -> Iterator[list[tuple[int, Tensor]]]:
    """Batches of (index, tensor); the next images are decoded while a network works. Fills `unreadable`."""

    def prepared(index: int) -> tuple[int, Tensor | str]:
        return index, _tensor_or_reason(request.images[index], request.reference)

    starts = range(0, len(wanted), request.batch)
    with ThreadPoolExecutor(request.threads) as pool:
        waiting = pool.map(prepared, wanted)
        for start in starts:
            count = min(request.batch, len(wanted) - start)
            found = [next(waiting) for _ in range(count)]
            unreadable += [Unreadable(index, image) for index, image in found if isinstance(image, str)]
            batch = [(index, image) for index, image in found if isinstance(image, Tensor)]
            if batch:
                yield batch


def _tensor_or_reason(path: str, reference: Reference) -> Tensor | str:
    try:
        return pictures.tensor(path, reference)
    except pictures.Unreadable as trouble:
        return str(trouble)


def as_predictions(indices: Sequence[int], logits: Tensor) -> list[Prediction]:
    best = logits.topk(2, dim=1)
    rows = zip(indices, best.indices[:, 0], logits.softmax(dim=1).amax(dim=1), best.values, strict=True)
    return [
        Prediction(index, int(predicted), float(probability), float(first - second))
        for index, predicted, probability, (first, second) in rows
    ]


def complete(
    examined: Mapping[str, Examined],
    predictions: Mapping[str, Sequence[Prediction]],
    unreadable: tuple[Unreadable, ...],
    device: torch.device,
) -> Evaluated:
    """The whole answer. Raises nothing: a network that gives no numbers is refused."""
    found = {name: _with(each, predictions.get(name, ())) for name, each in examined.items()}
    return Evaluated(
        device=_described(device), versions=_versions(), checkpoints=found, unreadable=unreadable
    )


def _with(examined: Examined, predictions: Sequence[Prediction]) -> Examined:
    if any(prediction.margin != prediction.margin for prediction in predictions):
        return Examined(refused="gives values that are not finite", hint="train again with a smaller rate")
    return structs.replace(examined, predictions=tuple(predictions))


def _device(wanted: str) -> torch.device:
    """fp32 means fp32 on a GPU too: without TF32 its logits differ from a CPU's in the fifth digit only."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def _described(device: torch.device) -> str:
    return str(torch.cuda.get_device_name(device) if device.type == "cuda" else device.type)


def _versions() -> dict[str, str]:
    def installed(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return ""

    return {package: installed(package) for package in PACKAGES}


if __name__ == "__main__":
    wire.serve(Evaluate, answer)
