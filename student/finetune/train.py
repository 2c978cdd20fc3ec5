"""`make train`: fine-tune in two phases.

    data/splits.csv, data/images/ -> logs/train.jsonl, logs/train.log, head.safetensors, model.safetensors

Phase one trains the new head on top of the frozen network. Phase two trains the upper layers too, in smaller
steps. Why two phases: a head that has learnt nothing sends large, meaningless gradients downwards; they would
spoil the pretrained layers before the head has found its way.
"""

import dataclasses
import json
import math
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from torch import nn
from tqdm import tqdm

from finetune import backbone, preprocess, submission
from finetune.backbone import Backbone
from finetune.parts import devices, files, options, problem, splits
from finetune.parts.checkpoint import Run
from finetune.parts.photographs import Batches, labelled
from finetune.parts.problem import Problem
from finetune.speed import frozen
from finetune.speed.loaders import Loaders
from finetune.submission import Submission


@dataclass(frozen=True)
class Settings:
    """Everything to try out. `make train TRAIN_FLAGS="--epochs-upper 5"` changes one for one run; all are
    logged.
    """

    epochs_head: int = 3  # phase one: passes over the training images
    epochs_upper: int = 8  # phase two
    batch_size: int = 32
    learning_rate_head: float = 1e-2  # phase one starts from nothing and may take large steps
    learning_rate_upper: float = 1e-3  # phase two changes layers that are good already
    weight_decay: float = 1e-4  # pulls the weights a little towards zero
    # Random parts of each training image, shown in turn; "fresh" (0 in the log): new ones in each epoch.
    views: int = field(default=4, metadata={"fresh": 0})
    plain: bool = False  # run the whole network in every epoch: much slower, and the same but for rounding

    def __post_init__(self) -> None:
        lowest = {"epochs_head": 1, "epochs_upper": 1, "batch_size": 1, "views": 0, "weight_decay": 0}
        for name, least in lowest.items():
            if not least <= getattr(self, name) < math.inf:
                wanted = '1 or more, or "fresh"' if name == "views" else f"{least} or more"
                raise Problem(f"{options.option(name)} is {getattr(self, name)}; it should be {wanted}")
        for name in ("learning_rate_head", "learning_rate_upper"):
            if not 0 < getattr(self, name) < math.inf:
                raise Problem(f"{options.option(name)} is {getattr(self, name)}; it should be more than 0")


@dataclass(frozen=True)
class Phase:
    """What one of the two phases trains, how often, how fast, and where its result goes."""

    name: str
    learning: tuple[str, ...]
    epochs: int
    learning_rate: float
    file: Path


def main() -> None:
    settings = options.read(Settings, "Fine-tune the network of submission.toml in two phases.")
    wanted = submission.read()
    rows = splits.read(Path(wanted.data.splits))
    prepare = preprocess.of_weights(wanted.model)
    run = Run.of(wanted, rows, dataclasses.asdict(prepare), dataclasses.asdict(settings))
    if run.finished:
        run.touch()
        print("Training has finished already with these images and settings. `make clean` starts anew.")
        return

    devices.make_reproducible()
    model = backbone.build(wanted.model, len(wanted.classes))
    model.network.load_state_dict(run.tensors, strict=False)  # what an interrupted run has learnt so far
    devices.place_network(model.network)
    halves = frozen.halves_or_whole(model, prepare.crop, settings.plain)
    train, val = (
        labelled([row for row in rows if row.split == split], wanted.classes) for split in ("train", "val")
    )
    loaders = Loaders(train, val, prepare, wanted.seed, settings.batch_size, settings.views)

    run.begin()
    for phase in phases(model, wanted, settings):
        parts = halves[phase.name]
        learnable = backbone.freeze_all_but(model.network, phase.learning)
        # Each phase has its own optimiser: what one has found out about step sizes does not fit the next.
        optimizer = torch.optim.AdamW(
            [parameter for parameter in model.network.parameters() if parameter.requires_grad],
            lr=phase.learning_rate,
            weight_decay=settings.weight_decay,
            fused=True,  # one pass over the weights for each step instead of a dozen
        )
        done = run.epochs(phase.name)
        if 0 < done < phase.epochs:
            optimizer.load_state_dict(run.optimizer)

        for epoch in range(done + 1, phase.epochs + 1):
            started = time.monotonic()
            # Everything random in this epoch starts from this text, whatever happened before it.
            seed = f"{wanted.seed} {phase.name} {epoch}"
            torch.manual_seed(random.Random(seed).getrandbits(32))  # for dropout, where the network has it
            rate = learning_rate(phase, epoch)
            for group in optimizer.param_groups:
                group["lr"] = rate

            backbone.freeze_all_but(model.network, phase.learning)  # `measure` stopped what learns, too
            train_loss, train_accuracy = train_epoch(
                parts.learning, optimizer, loaders.train_batches(parts, epoch, seed), f"{phase.name} {epoch}"
            )
            val_loss, val_accuracy = measure(parts.learning, loaders.val_batches(parts))

            event = {
                "phase": phase.name,
                "epoch": epoch,
                "epochs": phase.epochs,
                "train_loss": train_loss,
                "train_accuracy": train_accuracy,
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
                "learning_rate": rate,
                "trainable_parameters": learnable,
                "trained": list(phase.learning),
                "seconds": round(time.monotonic() - started, 2),
            }
            run.keep(event, backbone.changed(model), optimizer.state_dict())
        if not phase.file.exists():
            save(model, wanted, phase)
    run.end()


def train_epoch(
    network: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches, name: str
) -> tuple[float, float]:
    """Show the network every training image once; returns the mean loss and the accuracy on the way."""
    loss_sum, correct, seen = 0.0, 0, 0
    for given, labels in tqdm(batches, desc=f"phase {name}", unit="batch", leave=False, disable=None):
        logits = network(devices.place(given))  # [batch, classes]: the larger, the likelier
        labels = devices.place(labels)
        loss = nn.functional.cross_entropy(logits, labels)
        value = loss.item()
        if not math.isfinite(value):
            raise Problem(
                f"the loss became {value} in phase {name}; try a learning rate ten times smaller "
                "(see Settings in finetune/train.py)"
            )
        optimizer.zero_grad()
        loss.backward()  # gradients for the layers that learn; frozen ones get none
        optimizer.step()

        loss_sum += value * len(labels)
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
    return loss_sum / seen, correct / seen


@torch.inference_mode()
def measure(network: nn.Module, batches: Batches) -> tuple[float, float]:
    """Mean loss and accuracy on images that nothing is learnt from."""
    network.eval()
    loss_sum, correct, seen = 0.0, 0, 0
    for given, labels in batches:
        logits = network(devices.place(given)).cpu()
        loss_sum += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
    return loss_sum / seen, correct / seen


def phases(model: Backbone, wanted: Submission, settings: Settings) -> list[Phase]:
    head, upper = (model.head,), (*model.upper, model.head)
    files_of = Path(wanted.model.phase_one_checkpoint), Path(wanted.model.checkpoint)
    return [
        Phase("head", head, settings.epochs_head, settings.learning_rate_head, files_of[0]),
        Phase("upper", upper, settings.epochs_upper, settings.learning_rate_upper, files_of[1]),
    ]


def learning_rate(phase: Phase, epoch: int) -> float:
    """Full in the first epoch, then along half a cosine towards zero: fine steps at the end."""
    return phase.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / phase.epochs)) / 2


def save(model: Backbone, wanted: Submission, phase: Phase) -> None:
    """Write the tensors that training changed. Opening a safetensors file runs no code: it holds numbers."""
    metadata = {
        "library": wanted.model.library,
        "backbone": wanted.model.backbone,
        "weights": wanted.model.weights,
        "classes": json.dumps(wanted.classes),
        "phase": phase.name,
    }
    # One text, as the file format does not keep the order of several: the same run gives the same bytes.
    files.write(
        phase.file, safetensors.torch.save(backbone.changed(model), {"training": json.dumps(metadata)})
    )


if __name__ == "__main__":
    problem.run(main)
