"""What an image costs in the tutorial's way and in ours, for several networks, and 1,200 photographs cost.

    python bench/backbones.py                    the table
    python bench/backbones.py resnet18 vgg16     only these

This is about speed alone, and works where a machine is too busy or too slow for bench/training.py: each piece
of work is timed on a few images, the fastest of three counts, and the totals are computed for 800 images to
train and 200 to validate, two views. Weights are random. Each way has a process of its own: the tutorial's
with the memory layout and the heap that it has, "tuned" the same with channels_last and the heap kept, and
ours.
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

from photographs import make_photographs

from training import KEPT_HEAP

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "student"))
TRAIN, VAL, VIEWS, BATCH = 800, 200, 2, 32
WAYS = ("tutorial", "tuned", "ours")
SCHEDULES = ((5, 5), (25, 0))  # epochs of both phases
LITE0 = "tf_efficientnet_lite0"
# How it is called here: library, network, the layers that phase two trains besides the head.
NETWORKS = {
    "lite0-5": ("timm", LITE0, ("blocks.5", "blocks.6", "conv_head", "bn2")),
    "lite0-6": ("timm", LITE0, ("blocks.6", "conv_head", "bn2")),
    "resnet18": ("torchvision", "resnet18", ("layer4",)),
    "resnet50": ("torchvision", "resnet50", ("layer4",)),
    "vgg16": ("torchvision", "vgg16", ("features.24", "features.26", "features.28")),
    "inception_v3": ("torchvision", "inception_v3", ("Mixed_7a", "Mixed_7b", "Mixed_7c")),
}


def main() -> None:
    names = sys.argv[1:] or list(NETWORKS)
    print(f"{'':14}{'ms: whole forward, head step, upper step':>42}{'ms: frozen, upper step':>24}", end="")
    print(f"{'start s':>9}{'GiB':>6}   CPU s: tutorial / tuned / ours")
    with tempfile.TemporaryDirectory() as folder:
        make_photographs(Path(folder), 8)
        for name in names:
            each = {way: measured(way, name, folder) for way in WAYS}
            theirs = "  ".join(
                " / ".join(f"{1000 * each[way][key]:.0f}" for key in ("val", "head", "upper"))
                for way in WAYS[:2]
            )
            own = " / ".join(f"{1000 * each['ours'][key]:.0f}" for key in ("frozen", "step"))
            print(
                f"{name:14}{theirs:>42}{own:>24}{each['ours']['start']:9.1f}{each['ours']['peak']:6.2f}",
                end="",
            )
            print("   " + ";  ".join(compared(each, *epochs) for epochs in SCHEDULES), flush=True)


def compared(each: dict[str, dict[str, float]], head: int, upper: int) -> str:
    theirs = [baseline_total(each[way], head, upper) for way in WAYS[:2]]
    ours = our_total(each["ours"], upper)
    ratios = " and ".join(f"{total / ours:.1f}x" for total in theirs)
    return f"({head}, {upper}) {theirs[0]:.0f} / {theirs[1]:.0f} / {ours:.0f} = {ratios}"


def baseline_total(each: dict[str, float], head: int, upper: int) -> float:
    train = TRAIN * (head * each["head"] + upper * each["upper"] + (head + upper) * each["view"])
    return each["start"] + train + (head + upper) * VAL * (each["val"] + each["load"])


def our_total(each: dict[str, float], upper: int) -> float:
    """Epochs of the head cost next to nothing, once the features are there."""
    once = TRAIN * each["decode"] + VIEWS * TRAIN * each["view"] + VAL * each["load"]
    frozen = (VIEWS * TRAIN + VAL) * (each["frozen"] + each["middle"])
    return each["start"] + once + frozen + upper * (TRAIN * each["step"] + VAL * each["val"])


def measured(way: str, name: str, photographs: str) -> dict[str, float]:
    clean = {key: value for key, value in os.environ.items() if key not in KEPT_HEAP}
    environment = clean | {"OMP_NUM_THREADS": "1"} | ({} if way == "tutorial" else KEPT_HEAP)
    command = [sys.executable, __file__, "--piece", way, name, photographs]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def pieces(way: str, name: str, photographs: Path) -> dict[str, float]:
    """CPU seconds for an image of each piece of work; for the start, of the process until then."""
    import torch
    from finetune import preprocess
    from finetune.submission import Model

    library, backbone, upper = NETWORKS[name]
    weights = "default" if library == "timm" else "IMAGENET1K_V1"
    prepare = preprocess.of_weights(Model(library, backbone, weights))
    model = random_network(library, backbone, upper)
    paths = sorted(photographs.rglob("*.jpg"))
    evaluation = preprocess.evaluation(prepare)
    load = per_image(lambda: [evaluation(preprocess.load(path)) for path in paths], len(paths))
    images = torch.rand(BATCH, 3, prepare.crop, prepare.crop)
    if way != "tutorial":
        model.network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    measure = our_pieces if way == "ours" else baseline_pieces
    found = {"load": load} | measure(model, prepare, paths, images)
    return found | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def random_network(library: str, name: str, upper: tuple[str, ...]):
    import timm
    import torchvision
    from finetune import backbone, weights

    if library == "timm":
        network = timm.create_model(name)
    else:
        options = {"init_weights": False} if name == "inception_v3" else {}
        network = weights._without_auxiliary(torchvision.models.get_model(name, weights=None, **options))
    return backbone.Backbone(network, backbone._replace_head(network, 2), upper, {})


def baseline_pieces(model, prepare, paths, images) -> dict[str, float]:
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
