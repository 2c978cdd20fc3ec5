"""`make train`: fine-tune in two phases.

    data/splits.csv, data/images/ -> logs/train.jsonl, logs/train.log, head.safetensors, model.safetensors

Phase one trains the new head on top of the frozen network. Phase two trains the upper layers too, in smaller
steps. Why two phases: a head that has learnt nothing sends large, meaningless gradients downwards; they would
spoil the pretrained layers before the head has found its way.
"""

import argparse
import dataclasses
import json
import math
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import nn
from tqdm import tqdm

from finetune import (
    backbone,
    checkpoint,
    devices,
    files,
    frozen,
    journal,
    preprocess,
    problem,
    splits,
    submission,
)
from finetune.backbone import Backbone
from finetune.checkpoint import State
from finetune.feed import Feed
from finetune.frozen import Way
from finetune.photographs import Batches, labelled
from finetune.problem import Problem
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
    views: int = 4  # random parts of each training image, shown in turn; "fresh": new ones in each epoch
    plain: bool = False  # run the whole network in every epoch: much slower, and the same but for rounding


@dataclass(frozen=True)
class Phase:
    """What one of the two phases trains, how often, how fast, and where its result goes."""

    name: str
    learning: tuple[str, ...]
    epochs: int
    learning_rate: float
    file: Path


def main() -> None:
    settings = _arguments()
    wanted = submission.read()
    rows = splits.read(Path(wanted.data.splits))
    prepare = preprocess.of_weights(wanted.model)
    device = devices.best()

    # Has this very run been here before? Then go on after its last whole epoch.
    run = checkpoint.fingerprint(wanted, dataclasses.asdict(settings), device.type)
    state = checkpoint.load(run)
    results = [Path(wanted.model.phase_one_checkpoint), Path(wanted.model.checkpoint)]
    if state.finished and all(path.exists() for path in results):
        print("Training has finished already with these images and settings. `make clean` starts anew.")
        for path in results:
            os.utime(path)  # tells make that they are up to date
        return
    if not state.events or state.finished:
        header = journal.header(wanted, dataclasses.asdict(settings), rows, dataclasses.asdict(prepare))
        state = State(events=[header | {"device": device.type}])
        for path in results:
            path.unlink(missing_ok=True)  # those of another run do not belong to the log that now begins
        journal.write(wanted, state.events)
    events = state.events
    print(journal.readable(events[0]))

    devices.make_reproducible()
    model = backbone.build(wanted.model, len(wanted.classes))
    model.network.load_state_dict(state.tensors, strict=False)
    model.network.to(device, memory_format=torch.channels_last)  # a memory order that convolutions like
    ways = _ways(model, prepare.crop, settings.plain)
    train, val = (
        labelled([row for row in rows if row.split == split], wanted.classes) for split in ("train", "val")
    )
    feed = Feed(train, val, prepare, wanted.seed, settings.batch_size, settings.views)

    phases = [
        Phase("head", (model.head,), settings.epochs_head, settings.learning_rate_head, results[0]),
        Phase(
            "upper",
            (*model.upper, model.head),
            settings.epochs_upper,
            settings.learning_rate_upper,
            results[1],
        ),
    ]
    for phase in phases:
        learnable = backbone.freeze_all_but(model.network, phase.learning)
        way = ways[phase.name]
        # Each phase has its own optimiser: what one has found out about step sizes does not fit the next.
        optimizer = torch.optim.AdamW(
            [parameter for parameter in model.network.parameters() if parameter.requires_grad],
            lr=phase.learning_rate,
            weight_decay=settings.weight_decay,
        )
        done = sum(event.get("phase") == phase.name for event in events)
        if 0 < done < phase.epochs:
            optimizer.load_state_dict(state.optimizer)

        for epoch in range(done + 1, phase.epochs + 1):
            started = time.monotonic()
            # Everything random in this epoch starts from this text, whatever happened before it.
            seed = f"{wanted.seed} {phase.name} {epoch}"
            torch.manual_seed(random.Random(seed).getrandbits(32))  # for dropout, where the network has it
            rate = learning_rate(phase, epoch)
            for group in optimizer.param_groups:
                group["lr"] = rate

            backbone.freeze_all_but(model.network, phase.learning)
            train_loss, train_accuracy = train_epoch(
                way.again, optimizer, feed.training(way, epoch, seed), f"{phase.name} {epoch}"
            )
            val_loss, val_accuracy = measure(way.again, feed.validation(way))

            events.append(
                {
                    "event": "epoch",
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
                    "time": journal.now(),
                }
            )
            if epoch == phase.epochs:
                save(model, wanted, phase)
            journal.write(wanted, events)
            checkpoint.save(run, State(events, backbone.changed(model), optimizer.state_dict()))
            print(journal.readable(events[-1]))  # from here on this epoch is safe

    events.append(
        {
            "event": "end",
            "val_accuracy": events[-1]["val_accuracy"],
            "seconds": round(sum(event.get("seconds", 0) for event in events), 2),
            "sha256": {str(path): files.sha256(path) for path in results},
            "time": journal.now(),
        }
    )
    print(journal.readable(events[-1]))
    journal.write(wanted, events)
    checkpoint.save(run, State(events, finished=True))


def train_epoch(
    network: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches, name: str
) -> tuple[float, float]:
    """Show the network every training image once; returns the mean loss and the accuracy on the way."""
    loss_sum, correct, seen = 0.0, 0, 0
    for given, labels in tqdm(batches, desc=f"phase {name}", unit="batch", leave=False):
        logits = network(devices.place(given))  # [batch, classes]: the larger, the likelier
        labels = devices.place(labels)
        loss = nn.functional.cross_entropy(logits, labels)
        if not math.isfinite(loss.item()):
            raise Problem(
                f"the loss became {loss.item()} in phase {name}; try a learning rate ten times smaller "
                "(see Settings in finetune/train.py)"
            )
        optimizer.zero_grad()
        loss.backward()  # gradients for the layers that learn; frozen ones get none
        optimizer.step()

        loss_sum += loss.item() * len(labels)
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


def _ways(model: Backbone, side: int, plain: bool) -> dict[str, Way]:
    """What each phase runs once for each image and what in every epoch; for plain training, all of it."""
    try:
        if not plain:
            return frozen.ways(model, side)
    except frozen.Uncuttable as reason:
        print(f"Each epoch runs the whole network, as with --plain; it cannot be cut: {reason}")
    whole = Way((), model.network)
    return {"head": whole, "upper": whole}


def _arguments() -> Settings:
    """One option for each setting: --epochs-head 2, --learning-rate-upper 1e-4, --plain, ..."""
    parser = argparse.ArgumentParser(description="Fine-tune the network of submission.toml in two phases.")
    for setting in dataclasses.fields(Settings):
        option = "--" + setting.name.replace("_", "-")
        if setting.type is bool:
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(
                option,
                type=lambda text, kind=setting.type: kind("0" if text == "fresh" else text),
                default=setting.default,
                help="default: %(default)s",
            )
    settings = Settings(**vars(parser.parse_args()))
    if min(settings.epochs_head, settings.epochs_upper, settings.batch_size) < 1:
        raise Problem("--epochs-head, --epochs-upper and --batch-size should each be 1 or more")
    if settings.views < 0:
        raise Problem('--views should be 1 or more, or "fresh"')
    return settings


if __name__ == "__main__":
    problem.run(main)
