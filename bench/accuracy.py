"""What it does to the accuracy: cached views, label smoothing, averaged weights, early stopping.

    python bench/accuracy.py --seeds 5

The demo's data and network: scikit-learn's 1,797 handwritten digits, even or odd, and EfficientNet-Lite0
with its default upper layers. 1,000 digits are for testing; of the others each seed draws 600 to train and
the rest to validate, and all runs of a seed see the same ones in the same order. Digits have 8 x 8 pixels, so
images of 128 x 128 show all of them, in a third of the time that 224 x 224 would take.
"""

import argparse
import copy
import dataclasses
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy
import torch
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "student"))

from finetune import backbone, preprocess, train  # noqa: E402
from finetune.parts import devices  # noqa: E402
from finetune.parts.photographs import Photographs  # noqa: E402
from finetune.sources import digits  # noqa: E402
from finetune.speed import frozen  # noqa: E402
from finetune.speed.activations import Activations  # noqa: E402
from finetune.submission import Model  # noqa: E402

EPOCHS = {"head": 3, "upper": 4}
FRESH = sum(EPOCHS.values())  # a view of its own for each epoch
TEST, TRAIN, SIDE = 1000, 600, 128
DECAY = 0.95  # of the running average of the weights


@dataclass(frozen=True)
class Variant:
    name: str
    views: int
    smoothing: float = 0.0


VARIANTS = [
    Variant("fresh views", FRESH),
    Variant("4 views", 4),
    Variant("2 views", 2),
    Variant("4 views, label smoothing 0.1", 4, 0.1),
]


@dataclass(frozen=True)
class Kept:
    """What the frozen layers make of the digits: of all for evaluation, and in each view of all but the first
    1,000, which are for testing.
    """

    evaluation: Tensor
    views: list[Tensor]
    labels: Tensor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--folder", type=Path, help="keep what frozen layers made here, for other seeds")
    options = parser.parse_args()
    torch.set_num_threads(1)
    wanted = Model("timm", "tf_efficientnet_lite0", "default")
    prepare = dataclasses.replace(preprocess.of_weights(wanted), resize=SIDE * 8 // 7, crop=SIDE)
    model = backbone.build(wanted, 2)
    devices.place_network(model.network)
    halves = frozen.halves(model, prepare.crop)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(options.folder or folder)
        kept = frozen_once(halves["upper"].frozen[0], prepare)
        os.chdir(ROOT)
    found: dict[str, list[float]] = {}
    for seed in options.seeds:
        for variant in VARIANTS:
            for name, accuracy in trained(copy.deepcopy((model, halves)), kept, variant, seed).items():
                found.setdefault(name, []).append(accuracy)
            print(f"seed {seed}: {variant.name} done", file=sys.stderr, flush=True)
    first = numpy.array(next(iter(found.values())))
    print(f"{'test accuracy, 1,000 digits':54}{'mean':>7}{'against fresh':>22}   each seed")
    for name, values in found.items():
        gain = 100 * (numpy.array(values) - first)
        error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else 0.0
        each = " ".join(f"{value:.3f}" for value in values)
        print(f"{name:54}{numpy.mean(values):7.4f}{gain.mean():+10.2f} +- {error:.2f} points   {each}")


def frozen_once(lower: nn.Module, prepare: preprocess.Preprocessing) -> Kept:
    source = digits.Digits()
    images = []
    for label, name in enumerate(digits.CLASSES):
        for candidate in source.fetch(name, source.ids(name)):
            path = Path(candidate.image_id + candidate.ending)
            path.write_bytes(candidate.content)
            images.append((path, label))
    numpy.random.default_rng(0).shuffle(images)
    images = [(Path(path), int(label)) for path, label in images]

    def rows(chosen: list[tuple[Path, int]], view: str) -> Tensor:
        return torch.stack(Activations(Photographs(chosen, prepare, view), lower).rows)

    views = [rows(images[TEST:], f"view {number}") for number in range(FRESH)]
    return Kept(rows(images, ""), views, torch.tensor([label for _, label in images]))


def trained(start, kept: Kept, variant: Variant, seed: int) -> dict[str, float]:
    """The test accuracy of the last epoch; of the epoch that was best in validation; of averaged weights."""
    model, halves = start
    order = TEST + torch.randperm(len(kept.labels) - TEST, generator=torch.Generator().manual_seed(seed))
    chosen, val, test = order[:TRAIN], order[TRAIN:], torch.arange(TEST)
    torch.manual_seed(seed)
    upper = halves["upper"].learning
    epoch_number, best, average = 0, (0.0, 0.0), None
    for phase, learning, rate in (
        ("head", (model.head,), 1e-2),
        ("upper", (*model.upper, model.head), 1e-3),
    ):
        backbone.freeze_all_but(model.network, learning)
        parameters = [p for p in model.network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=1e-4)
        plan = train.Phase(phase, learning, EPOCHS[phase], rate, Path())
        for epoch in range(1, plan.epochs + 1):
            optimizer.param_groups[0]["lr"] = train.learning_rate(plan, epoch)
            backbone.freeze_all_but(model.network, learning)
            view = kept.views[(seed + epoch_number % variant.views) % FRESH]
            for batch in chosen[torch.randperm(TRAIN)].split(32):
                logits = upper(devices.place(view[batch - TEST].float()))
                labels = devices.place(kept.labels[batch])
                loss = nn.functional.cross_entropy(logits, labels, label_smoothing=variant.smoothing)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if phase == "upper":
                    average = averaged(average, model.network)
            epoch_number += 1
            if phase == "upper":
                # Of epochs that are equally good in validation, the earliest: the test images have no say.
                validated = accuracy(upper, kept, val)
                if validated > best[0]:
                    best = validated, accuracy(upper, kept, test)
    last = accuracy(upper, kept, test)
    model.network.load_state_dict(average)
    return {
        variant.name: last,
        f"{variant.name}; best epoch in validation": best[1],
        f"{variant.name}; averaged weights": accuracy(upper, kept, test),
    }


def averaged(average: dict[str, Tensor] | None, network: nn.Module) -> dict[str, Tensor]:
    """A running mean of all weights and statistics: EMA, as timm and torchvision's references do it."""
    now = network.state_dict()
    if average is None:
        return {name: tensor.clone() for name, tensor in now.items()}
    for name, tensor in now.items():
        if tensor.is_floating_point():
            average[name].lerp_(tensor, 1 - DECAY)
    return average


def accuracy(upper: nn.Module, kept: Kept, rows: Tensor) -> float:
    batches = ((kept.evaluation[part].float(), kept.labels[part]) for part in rows.split(32))
    return train.measure(upper, batches)[1]


if __name__ == "__main__":
    main()
