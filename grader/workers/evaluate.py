"""Predicts test images with a submission's tensors in the library's own network. No student code runs here.

$ python -m grader.workers.evaluate < request.json > answer.json
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import torch
from msgspec import structs
from torch import Tensor, nn

from grader.workers import wire
from grader.workers.messages import Evaluate, Evaluated, Examined, Prediction, Unavailable, Unreadable
from grader.workers.parts import checkpoints, denormals, heap, networks, noise, pictures, reuse
from grader.workers.parts.checkpoints import Backbone


def answer(request: Evaluate) -> Evaluated | Unavailable:
    torch.set_num_threads(1)  # what is computed with the tensors begins in `predict`
    heap.keep()
    try:
        backbone = checkpoints.build(request)
    except networks.Misfit as misfit:
        return Unavailable(f"the declared network cannot be built: {misfit}")
    return evaluated(request, backbone, device(request.device))


def evaluated(request: Evaluate, backbone: Backbone, on: torch.device) -> Evaluated:
    trained, examined = checkpoints.load(request, backbone, on)
    predictions, unreadable = predict(trained, request, range(len(request.images)), on)
    wanted, first = for_further(request), dict(list(trained.items())[:1])
    further, _ = predict(first, wanted, range(len(wanted.images)), on)
    answer = complete(with_answers(examined, trained, request, on), predictions, unreadable, on)
    return with_further(answer, further)


def for_further(request: Evaluate) -> Evaluate:
    """The same request about the further images."""
    return structs.replace(request, images=request.further, further=())


def with_further(answer: Evaluated, further: Mapping[str, Sequence[Prediction]]) -> Evaluated:
    found = [each for predictions in further.values() for each in predictions]
    if _are_finite(found):
        return structs.replace(answer, further=tuple(found))
    refused = {name: _not_finite(answer.checkpoints[name]) for name in further}
    return structs.replace(answer, checkpoints={**answer.checkpoints, **refused})


def with_answers(
    examined: Mapping[str, Examined], trained: Mapping[str, nn.Module], request: Evaluate, on: torch.device
) -> dict[str, Examined]:
    """With what the first network answers to noise."""
    found = dict(examined)
    for name, network in list(trained.items())[:1]:
        size = checkpoints.size(trained) or (request.reference.crop, request.reference.crop)
        with denormals.flushed(request.threads):
            answers = noise.answers(network, size, on)
        found[name] = structs.replace(found[name], answers=answers)
    return found


def predict(
    trained: Mapping[str, nn.Module], request: Evaluate, wanted: Sequence[int], on: torch.device
) -> tuple[dict[str, list[Prediction]], tuple[Unreadable, ...]]:
    """What each network answers for the `wanted` ones of the images, in fp32."""
    predictions: dict[str, list[Prediction]] = {name: [] for name in trained}
    unreadable: list[Unreadable] = []
    if not trained:
        return predictions, ()
    _share_equal_layers(trained)
    request = structs.replace(request, size=checkpoints.size(trained))
    for network in trained.values():
        network.to(on, memory_format=torch.channels_last)
    with denormals.flushed(request.threads), torch.no_grad():
        for batch in batches(request, wanted, unreadable):
            images = torch.stack([image for _, image in batch]).to(on, memory_format=torch.channels_last)
            for name, network in trained.items():
                logits = network(images.clone()).float().cpu()
                predictions[name] += as_predictions([index for index, _ in batch], logits)
            wire.progress(batch[-1][0] + 1, len(request.images))
    return predictions, tuple(unreadable)


def _share_equal_layers(trained: Mapping[str, nn.Module]) -> None:
    """Those that are the declared network share the layers in which they hold the same tensors."""
    declared = {name: network for name, network in trained.items() if network.state_dict()}
    if len(declared) < 2:
        return
    first, *others = (network.state_dict() for network in declared.values())
    differing = {name for other in others for name in first if not torch.equal(first[name], other[name])}
    reuse.share(declared, differing)


def batches(
    request: Evaluate, wanted: Sequence[int], unreadable: list[Unreadable]
) -> Iterator[list[tuple[int, Tensor]]]:
    """Batches of (index, tensor); the next images are decoded while a network works. Fills `unreadable`."""

    def prepared(index: int) -> tuple[int, Tensor | str]:
        return index, _tensor_or_reason(request.images[index], request)

    with _mapping(request.threads) as each:
        waiting = each(prepared, wanted)
        while found := list(itertools.islice(waiting, request.batch)):
            unreadable += [Unreadable(index, image) for index, image in found if isinstance(image, str)]
            batch = [(index, image) for index, image in found if isinstance(image, Tensor)]
            if batch:
                yield batch


@contextmanager
def _mapping(threads: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """`map`, ahead of its reader where there is a thread to spare."""
    if threads == 1:
        yield map
    else:
        with ThreadPoolExecutor(threads) as pool:
            yield pool.map


def _tensor_or_reason(path: str, request: Evaluate) -> Tensor | str:
    try:
        return pictures.tensor(path, request.reference, request.size)
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
    on: torch.device,
) -> Evaluated:
    """The whole answer. Raises nothing: a network that gives no numbers is refused."""
    found = {name: _with(each, predictions.get(name, ())) for name, each in examined.items()}
    return Evaluated(device=_described(on), checkpoints=found, unreadable=unreadable)


def _with(examined: Examined, predictions: Sequence[Prediction]) -> Examined:
    if not _are_finite(predictions):
        return _not_finite(examined)
    return structs.replace(examined, predictions=tuple(predictions))


def _not_finite(examined: Examined) -> Examined:
    refused = "gives values that are not finite"
    return Examined(format=examined.format, refused=refused, hint="train again with a smaller rate")


def _are_finite(predictions: Sequence[Prediction]) -> bool:
    return all(math.isfinite(each.margin) and math.isfinite(each.probability) for each in predictions)


def device(wanted: str) -> torch.device:
    """fp32 means fp32 on a GPU too: without TF32 its logits differ from a CPU's in the fifth digit only."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def _described(device: torch.device) -> str:
    return str(torch.cuda.get_device_name(device) if device.type == "cuda" else device.type)


if __name__ == "__main__":
    wire.serve(Evaluate, answer)
