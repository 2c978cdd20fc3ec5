"""Evaluates many submissions with one network: imports, building, and frozen layers are paid for once.

$ python -m grader.workers.evaluate_class < request.json > answer.json

Each submission's file is opened in a child process of its own, so that none can break or change another's
answer. One thread runs in each process, as threads do not survive a fork; `threads` children run at a
time.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import torch
from msgspec import Struct, structs
from torch import Tensor, nn

from grader.workers import evaluate, wire
from grader.workers.messages import (
    Evaluate,
    EvaluateClass,
    Evaluated,
    EvaluatedClass,
    Examined,
    Part,
    Prediction,
    Unavailable,
    Unreadable,
)
from grader.workers.parts import checkpoints, children, denormals, heap, networks, replay
from grader.workers.parts.checkpoints import Backbone

GPU_BATCH = 32
RECORDED_BYTES = 2 << 30  # what may be kept of frozen layers' outputs; all further images are computed again
CPU = torch.device("cpu")


class Tensors(Struct, frozen=True):
    """What a child found in a submission's files."""

    checkpoints: dict[str, Examined]


class Recording(Struct, frozen=True):
    """The outputs at one boundary, by the path of the image."""

    boundary: replay.Boundary
    outputs: dict[str, Tensor]


def answer(request: EvaluateClass) -> EvaluatedClass | Unavailable:
    torch.set_num_threads(1)
    heap.keep()
    try:
        backbone = checkpoints.build(evaluation(request, request.parts[0]))
    except networks.Misfit as misfit:
        return Unavailable(f"the declared network cannot be built: {misfit}")
    backbone.network.to(memory_format=torch.channels_last)
    device = evaluate.device(request.device)
    evaluated = _in_children if device == CPU else partial(_on_device, device)
    return EvaluatedClass(tuple(evaluated(request, backbone)))


def _in_children(request: EvaluateClass, backbone: Backbone) -> list[Evaluated | None]:
    """On the processor, what several students' networks make of the same image is computed once."""
    uses = _uses(request.parts)
    recordings: list[Recording | None] = [None] * len(request.parts)
    if max(uses.values(), default=0) > 1:
        recordings = _recordings(request, backbone, _looked(request, backbone))
    return _apart(request, backbone, zip(request.parts, recordings, strict=True))


def _on_device(device: torch.device, request: EvaluateClass, backbone: Backbone) -> list[Evaluated | None]:
    """On a GPU this process predicts for one submission after the other: CUDA does not survive a fork.

    It opens only files that a child has opened before without breaking, and runs only the declared network.
    Graphs of a submission's own run in children, on the processor, before CUDA starts.
    """
    looked = _looked(request, backbone)
    own = [each is not None and _brings_a_graph(each) for each in looked]
    graphs = (part for part, is_graph in zip(request.parts, own, strict=True) if is_graph)
    apart = iter(_apart(request, backbone, ((part, None) for part in graphs)))
    return [
        next(apart) if is_graph else _here(request, part, backbone, device) if found else None
        for part, is_graph, found in zip(request.parts, own, looked, strict=True)
    ]


def _here(request: EvaluateClass, part: Part, backbone: Backbone, device: torch.device) -> Evaluated | None:
    wanted = structs.replace(evaluation(request, part), batch=GPU_BATCH, threads=request.threads)
    try:
        return evaluate.evaluated(wanted, backbone, device)
    except RuntimeError as error:  # of CUDA: no memory left, for instance
        print(f"evaluate_class: {error}", file=sys.stderr)
        return None


def _looked(request: EvaluateClass, backbone: Backbone) -> list[Tensors | None]:
    pieces = [partial(_examined, evaluation(request, part), backbone) for part in request.parts]
    return children.answers(pieces, Tensors, request.threads)


def _apart(
    request: EvaluateClass, backbone: Backbone, work: Iterable[tuple[Part, Recording | None]]
) -> list[Evaluated | None]:
    pieces = [partial(_evaluated, evaluation(request, part), backbone, recording) for part, recording in work]
    return children.answers(pieces, Evaluated, request.threads)


def evaluation(request: EvaluateClass, part: Part) -> Evaluate:
    """The request for one submission alone."""
    return Evaluate(
        library=request.library,
        backbone=request.backbone,
        classes=request.classes,
        head=request.head,
        pretrained=request.pretrained,
        checkpoints=part.checkpoints,
        images=part.images,
        further=part.further,
        reference=request.reference,
        batch=2,  # a child's memory is new, and what a network needs of it has to be filled with zeros first
    )


def _examined(request: Evaluate, backbone: Backbone) -> Tensors:
    return Tensors(checkpoints.load(request, backbone, CPU)[1])


def _evaluated(request: Evaluate, backbone: Backbone, recording: Recording | None) -> Evaluated:
    """What `evaluate.answer` gives, with what was recorded in place of the layers that made it."""
    trained, examined = checkpoints.load(request, backbone, CPU)
    predictions, unreadable = _predicted(trained, request, recording)
    first = dict(list(trained.items())[:1])
    further, _ = _predicted(first, evaluate.for_further(request), recording)
    examined = evaluate.with_answers(examined, trained, request, CPU)
    answer = evaluate.complete(examined, predictions, unreadable, CPU)
    return evaluate.with_further(answer, further)


def _predicted(
    trained: Mapping[str, nn.Module], request: Evaluate, recording: Recording | None
) -> tuple[dict[str, list[Prediction]], tuple[Unreadable, ...]]:
    known = recording.outputs if recording else {}
    remembered = [index for index, path in enumerate(request.images) if path in known]
    others = [index for index, path in enumerate(request.images) if path not in known]
    predictions, unreadable = evaluate.predict(trained, request, others, CPU)
    for name, network in trained.items():
        for start in range(0, len(remembered), request.batch):
            batch = remembered[start : start + request.batch]
            assert recording
            outputs = torch.stack([known[request.images[index]] for index in batch])
            blank = torch.zeros(len(batch), 3, request.reference.crop, request.reference.crop)
            replayed = replay.replaying(network, recording.boundary, [outputs])
            with torch.no_grad(), denormals.flushed(), replayed:
                logits = network(blank.to(memory_format=torch.channels_last)).float()
            predictions[name] += evaluate.as_predictions(batch, logits)
        predictions[name].sort(key=lambda each: each.image)
    return predictions, unreadable


def _recordings(
    request: EvaluateClass, backbone: Backbone, looked: Sequence[Tensors | None]
) -> list[Recording | None]:
    """For each part what the layers that it did not change make of those images that others have too."""
    changed = [_changed(each) for each in looked]
    made: dict[frozenset[str], Recording | None] = {frozenset(): None}
    for names in changed:
        if names not in made:
            sharing = [part for part, own in zip(request.parts, changed, strict=True) if own == names]
            made[names] = _record(request, backbone, names, sharing)
    return [made[names] for names in changed]


def _uses(parts: Sequence[Part]) -> Counter[str]:
    return Counter(path for part in parts for path in (*part.images, *part.further))


def _changed(found: Tensors | None) -> frozenset[str]:
    """The tensors that differ from the pretrained ones; none where nothing can be shared."""
    if found is None or _brings_a_graph(found):
        return frozenset()
    return frozenset(change.name for each in found.checkpoints.values() for change in each.changed)


def _brings_a_graph(found: Tensors) -> bool:
    return any(each.format in ("onnx", "keras", "h5") for each in found.checkpoints.values())


def _record(
    request: EvaluateClass, backbone: Backbone, changed: frozenset[str], sharing: Sequence[Part]
) -> Recording | None:
    uses = _uses(sharing)
    paths = tuple(path for path, count in uses.items() if count > 1)
    if not paths:
        return None
    wanted = structs.replace(evaluation(request, sharing[0]), images=paths)
    boundary: replay.Boundary | None = None
    outputs: dict[str, Tensor] = {}
    size = 0
    for batch in evaluate.batches(wanted, range(len(paths)), []):
        images = torch.stack([image for _, image in batch]).to(memory_format=torch.channels_last)
        if boundary is None:
            boundary = replay.boundary(backbone.network, changed, images)
            if boundary is None:
                return None
        found = replay.record(backbone.network, boundary, images)
        size += found.numel() * found.element_size()
        if size > RECORDED_BYTES:
            break
        outputs |= {paths[index]: output for (index, _), output in zip(batch, found, strict=True)}
    return Recording(boundary, outputs) if boundary else None


if __name__ == "__main__":
    wire.serve(EvaluateClass, answer)
