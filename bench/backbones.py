"""What an image costs in the tutorial's way and in ours, for several networks, and a whole training would.

    python bench/backbones.py                    the table
    python bench/backbones.py resnet18 vgg16     only these

This is about speed alone, and works where a machine is too busy or too slow for bench/training.py: each piece
of work is timed on a few images, the fastest of three counts, and the totals are computed for 800 images to
train and 200 to validate, two views. Weights are random. Each way has a process of its own: the tutorial's
with the memory layout and the heap that it has, "tuned" the same with channels_last and the heap kept, and
ours.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from photographs import make_photographs

from training import KEPT_HEAP

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "student"))
TRAIN, VAL, VIEWS = 800, 200, 2
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


def measured_here(way: str, name: str, photographs: Path) -> dict[str, float]:
    """CPU seconds for an image of each piece of work; for the start, of the process until then."""
    import pieces
    from finetune import preprocess
    from finetune.submission import Model

    library, backbone, upper = NETWORKS[name]
    weights = "default" if library == "timm" else "IMAGENET1K_V1"
    prepare = preprocess.of_weights(Model(library, backbone, weights))
    model = random_network(library, backbone, upper)
    paths = sorted(photographs.rglob("*.jpg"))
    if way == "ours":
        found = pieces.ours(model, prepare, paths)
    else:
        found = baseline_pieces(model, prepare, paths, channels_last=way == "tuned")
    evaluation = preprocess.evaluation(prepare)
    load = pieces.per_image(lambda: [evaluation(preprocess.load(path)) for path in paths], len(paths))
    return found | {"load": load, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def random_network(library: str, name: str, upper: tuple[str, ...]):
    import timm
    import torchvision
    from finetune import backbone
    from finetune.parts import weights
    from finetune.submission import Model

    if library == "timm":
        network = timm.create_model(name)
    else:
        options = {"init_weights": False} if name == "inception_v3" else {}
        network = weights._without_auxiliary(torchvision.models.get_model(name, weights=None, **options))
    return backbone.Backbone(
        network, backbone.replace_head(network, 2, Model("torchvision", name, ""), 0), upper, {}
    )


def baseline_pieces(model, prepare, paths, channels_last: bool) -> dict[str, float]:
    import torch
    from finetune import preprocess
    from pieces import BATCH, per_image, step
    from torchvision import transforms

    start = time.process_time()
    images = torch.rand(BATCH, 3, prepare.crop, prepare.crop)
    if channels_last:
        model.network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
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


def only(network, learning: tuple[str, ...]) -> None:
    """As the tutorial does: what is frozen gets no gradient; every layer stays in training mode."""
    from finetune import backbone

    for name, parameter in network.named_parameters():
        parameter.requires_grad_(backbone.belongs(name, learning))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--piece"]:
        print(json.dumps(measured_here(sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
    else:
        main()
