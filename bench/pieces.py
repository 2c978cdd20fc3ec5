"""What the pieces of work cost that training consists of, in CPU seconds for one image."""

import math
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch
from finetune import backbone, preprocess
from finetune.backbone import Backbone
from finetune.parts import pixels
from finetune.preprocess import Preprocessing
from finetune.speed import activations, frozen
from torch import Tensor, nn

BATCH = 32


def ours(model: Backbone, prepare: Preprocessing, paths: list[Path]) -> dict[str, float]:
    """Each piece of our way alone. "frozen", "middle" and "val" are forward passes: of the layers that no
    phase trains, of those that phase two trains, and of these with the head; "step" is a step of phase two.
    "start" is what the process took before, with cutting the network.
    """
    model.network.to(memory_format=torch.channels_last)
    lower, middle = (layers.eval() for layers in frozen.halves(model, prepare.crop)["head"].frozen)
    start = time.process_time()
    upper = frozen.halves(model, prepare.crop)["upper"].learning
    shrunk = [pixels.decoded(path, prepare) for path in paths]
    draw = random.Random(0)
    images = torch.rand(BATCH, 3, prepare.crop, prepare.crop).to(memory_format=torch.channels_last)
    parts = images.split(activations.BATCH)
    with torch.no_grad():
        given = torch.cat([lower(part) for part in parts])
        found = {
            "frozen": per_image(lambda: [lower(part) for part in parts], BATCH),
            "middle": per_image(lambda: [middle(part) for part in given.split(activations.BATCH)], BATCH),
            "val": per_image(lambda: upper(given), BATCH),
        }
    backbone.freeze_all_but(model.network, (*model.upper, model.head))
    return found | {
        "start": start,
        "decode": per_image(lambda: [pixels.decoded(path, prepare) for path in paths], len(paths)),
        "view": per_image(lambda: [preprocess.augmented(p, prepare, draw) for p in shrunk], len(paths)),
        "step": per_image(step(model.network, upper, given, fused=True), BATCH),
    }


def step(network: nn.Module, part: nn.Module, given: Tensor, fused: bool) -> Callable[[], None]:
    """One step of an optimiser for the parameters of the network that learn."""
    labels = torch.arange(len(given)) % 2
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-5, fused=fused)

    def once() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(part(given), labels).backward()
        optimizer.step()

    return once


def per_image(work: Callable[[], object], images: int) -> float:
    """CPU seconds; the fastest of three, since what disturbs a run only ever makes it slower."""
    best = math.inf
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, (time.process_time() - began) / images)
    return best
