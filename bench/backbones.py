"""Other networks: what an image costs in the tutorial's way and in ours, and 1,200 photographs would cost.

    python bench/backbones.py                    the table
    python bench/backbones.py resnet18 vgg16     only these

Random weights, so this is about speed alone. Each piece of work is timed on a few images, and the totals are
computed: 800 images to train, 200 to validate, 5 + 5 epochs, two views. The tutorial's pieces run in a
process of their own, with the memory layout and the heap that it has; ours run with the heap kept.
"""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "student"), str(ROOT / "bench")]
TRAIN, VAL, EPOCHS, VIEWS, BATCH = 800, 200, 5, 2, 32
UPPER = {
    "resnet18": ("layer4",),
    "resnet50": ("layer4",),
    "vgg16": ("features.24", "features.26", "features.28", "classifier.0", "classifier.3"),
    "inception_v3": ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
}


def main() -> None:
    names = sys.argv[1:] or list(UPPER)
    print(f"{'ms for an image':16}{'tutorial: head, upper, val':>28}{'ours: frozen, step, val':>26}", end="")
    print(f"{'tutorial s':>12}{'ours s':>8}{'ratio':>7}{'ours GiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        from photographs import make_photographs

        make_photographs(Path(folder), 8)
        for name in names:
            theirs, ours = measured("tutorial", name, folder), measured("ours", name, folder)
            total = tutorial_total(theirs), our_total(ours)
            columns = [f"{1000 * theirs[key]:.0f}" for key in ("head", "upper", "val")]
            own = [f"{1000 * ours[key]:.0f}" for key in ("frozen", "step", "val")]
            print(f"{name:16}{' / '.join(columns):>28}{' / '.join(own):>26}", end="")
            print(
                f"{total[0]:12.0f}{total[1]:8.0f}{total[0] / total[1]:6.1f}x{ours['peak']:10.2f}", flush=True
            )


def tutorial_total(each: dict[str, float]) -> float:
    train = TRAIN * (each["head"] + each["upper"] + 2 * each["view"])
    return each["start"] + EPOCHS * (train + 2 * VAL * (each["val"] + each["load"]))


def our_total(each: dict[str, float]) -> float:
    once = TRAIN * each["decode"] + VIEWS * TRAIN * each["view"] + VAL * each["load"]
    frozen = (VIEWS * TRAIN + VAL) * (each["frozen"] + each["middle"])
    return each["start"] + once + frozen + EPOCHS * (TRAIN * each["step"] + VAL * each["val"])


def measured(way: str, name: str, photographs: str) -> dict[str, float]:
    from training import KEPT_HEAP

    clean = {key: value for key, value in os.environ.items() if key not in KEPT_HEAP}
    environment = clean | {"OMP_NUM_THREADS": "1"} | (KEPT_HEAP if way == "ours" else {})
    command = [sys.executable, __file__, "--piece", way, name, photographs]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def pieces(way: str, name: str, photographs: Path) -> dict[str, float]:
    """CPU seconds for an image of each piece of work; for the start, of the process until then."""
    import torch
    import torchvision
    from finetune import preprocess, weights
    from finetune.backbone import Backbone
    from finetune.submission import Model
    from torch import nn

    options = {"init_weights": False} if name == "inception_v3" else {}
    network = weights._without_auxiliary(torchvision.models.get_model(name, weights=None, **options))
    nn.init.normal_(network.get_submodule(weights.head(network)).weight, std=0.01)
    model = Backbone(network, weights.head(network), UPPER[name], {})
    prepare = preprocess.of_weights(Model("torchvision", name, "IMAGENET1K_V1"))
    paths = sorted(photographs.rglob("*.jpg"))
    evaluation = preprocess.evaluation(prepare)
    load = per_image(lambda: [evaluation(preprocess.load(path)) for path in paths], len(paths))
    images = torch.rand(BATCH, 3, prepare.crop, prepare.crop)
    measure = tutorial_pieces if way == "tutorial" else our_pieces
    found = {"load": load} | measure(model, prepare, paths, images)
    return found | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def tutorial_pieces(model, prepare, paths, images) -> dict[str, float]:
    import torch
    from finetune import preprocess
    from torchvision import transforms

    start = time.process_time()
    augment = transforms.Compose(
        [
            transforms.RandomResizedCrop(prepare.crop, scale=(0.7, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(prepare.mean, prepare.std),
        ]
    )
    found = {"view": per_image(lambda: [augment(preprocess.load(path)) for path in paths], len(paths))}
    model.network.eval()
    with torch.no_grad():
        found["val"] = per_image(lambda: model.network(images), BATCH)
    model.network.train()
    for phase, learning in (("head", (model.head,)), ("upper", (*model.upper, model.head))):
        only(model.network, learning)
        found[phase] = per_image(step(model.network, model.network, images, fused=False), BATCH)
    return found | {"start": start}


def our_pieces(model, prepare, paths, images) -> dict[str, float]:
    import random

    import torch
    from finetune import activations, backbone, frozen, pixels, preprocess

    model.network.to(memory_format=torch.channels_last)
    images = images.to(memory_format=torch.channels_last)
    before = time.process_time()
    way = frozen.ways(model, prepare.crop)["head"]
    start = time.process_time()
    lower, middle = (layers.eval() for layers in way.once)
    upper = frozen.ways(model, prepare.crop)["upper"].again
    side = math.ceil(pixels.ROOM * prepare.resize)
    shrunk = [pixels.decoded(path, side, prepare.interpolation) for path in paths]
    draw = random.Random(0)
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
        "trial": start - before,
        "decode": per_image(
            lambda: [pixels.decoded(path, side, prepare.interpolation) for path in paths], len(paths)
        ),
        "view": per_image(lambda: [preprocess.augmented(p, prepare, draw) for p in shrunk], len(paths)),
        "step": per_image(step(model.network, upper, given, fused=True), BATCH),
    }


def only(network, learning: tuple[str, ...]) -> None:
    """As the tutorial does: what is frozen gets no gradient; every layer stays in training mode."""
    from finetune import backbone

    for name, parameter in network.named_parameters():
        parameter.requires_grad_(backbone.belongs(name, learning))


def step(network, part, given, fused: bool) -> Callable[[], None]:
    import torch
    from torch import nn

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


if __name__ == "__main__":
    if sys.argv[1:2] == ["--piece"]:
        print(json.dumps(pieces(sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
    else:
        main()
