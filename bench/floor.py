"""What the pieces of our way to train cost alone, in CPU seconds for one image, as JSON: for
bench/training.py.
"""

import json
import math
import time
from collections.abc import Callable

import torch
from finetune import activations, backbone, files, frozen, pixels, preprocess, submission
from torch import nn


def seconds(work: Callable[[], object], images: int) -> float:
    """The fastest of three: what disturbs a run only ever makes it slower."""
    work()
    best = math.inf
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, (time.process_time() - began) / images)
    return best


def main() -> None:
    wanted = submission.read()
    prepare = preprocess.of_weights(wanted.model)
    model = backbone.build(wanted.model, len(wanted.classes))
    model.network.to(memory_format=torch.channels_last)
    way = frozen.ways(model, prepare.crop)["upper"]
    side = math.ceil(pixels.ROOM * prepare.resize)
    paths = list(files.images().values())[:16]
    images = torch.rand(32, 3, prepare.crop, prepare.crop).to(memory_format=torch.channels_last)
    labels = torch.zeros(32, dtype=torch.long)
    with torch.no_grad():
        given = torch.cat([way.once[0](batch) for batch in images.split(activations.BATCH)])
        frozen_seconds = seconds(
            lambda: [way.once[0](batch) for batch in images.split(activations.BATCH)], 32
        )
        upper_seconds = seconds(lambda: way.again(given), 32)
    backbone.freeze_all_but(model.network, (*model.upper, model.head))
    each = {
        "decode": seconds(
            lambda: [pixels.decoded(p, side, prepare.interpolation) for p in paths], len(paths)
        ),
        "frozen": frozen_seconds,
        "upper": upper_seconds,
        "step": seconds(lambda: nn.functional.cross_entropy(way.again(given), labels).backward(), 32),
    }
    print(json.dumps(each))


if __name__ == "__main__":
    main()
