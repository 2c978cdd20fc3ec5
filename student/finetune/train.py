"""`make train`: fine-tune in two phases.

    data/splits.csv, data/images/ -> logs/train.jsonl, logs/train.log, head.safetensors, model.safetensors

Phase one trains the new head on top of the frozen network. Phase two trains the upper layers too, in smaller
steps. Why two phases: a head that has learnt nothing sends large, meaningless gradients downwards; they would
spoil the pretrained layers before the head has found its way.

lesson.py does the same on one page, without what makes this program fast and safe to stop: read it first.
"""

import json
import math
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from finetune import backbone, preprocess, submission
from finetune.backbone import Backbone
from finetune.parts import devices, files, options, problem, progress, splits
from finetune.parts.checkpoint import Run
from finetune.parts.photographs import Batches, labelled
from finetune.parts.problem import Problem
from finetune.speed import frozen
from finetune.speed.frozen import Halves
from finetune.speed.loaders import Loaders
from finetune.submission import Submission

OPTIMIZERS = {"AdamW": 0, "Adam": 0, "SGD": 0, "RMSprop": 0, "NAdam": 0, "Adagrad": 0}
LESS_THAN_ONE = ("momentum", "label_smoothing")


@dataclass(frozen=True)
class Settings:
    """Everything to try out. `make train TRAIN_FLAGS="--epochs-upper 5"` changes one for one run; all are
    logged. The head's own, `head` and `dropout`, stand in submission.toml: the grader needs them too.
    """

    # An epoch shows every training image once. Too few: the network has not finished learning (underfitting).
    # Too many: it learns its images by heart (overfitting), which shows as a gap to the validation accuracy.
    epochs_head: int = 3  # phase one
    epochs_upper: int = 8  # phase two
    # Images whose gradients are averaged for one step. Larger batches give smoother steps, but fewer of them.
    batch_size: int = 32
    # The learning rate is the length of a step. Phase one starts from nothing and may take large ones; phase
    # two changes layers that are good already, so it takes a tenth of that.
    learning_rate_head: float = 1e-2
    learning_rate_upper: float = 1e-3
    optimizer: str = field(default="AdamW", metadata=OPTIMIZERS)  # how a gradient becomes a step
    momentum: float = 0.9  # SGD and RMSprop: so much of the last step is taken along into the next
    weight_decay: float = 1e-4  # pulls all weights a little towards zero, against learning by heart
    # 0.1 asks for 95 % certainty instead of 100 (with two classes): the network has no reason to overdo.
    label_smoothing: float = 0.0
    # Phase two ends after so many epochs without a smaller validation loss; 0 goes on to the last one.
    patience: int = 0
    keep_best: bool = False  # hand in phase two's epoch of the best validation accuracy instead of the last
    # Random parts of each training image, shown in turn; "fresh" (0 in the log): new ones in each epoch.
    views: int = field(default=4, metadata={"fresh": 0})
    mixed: bool = False  # on a graphics card: multiply with 16 bits instead of 32, about twice as fast
    plain: bool = False  # run the whole network in every epoch: much slower, and the same but for rounding

    def __post_init__(self) -> None:
        at_least = {"epochs_head": 1, "epochs_upper": 1, "batch_size": 1, "views": 0, "patience": 0}
        at_least |= {"weight_decay": 0, "momentum": 0, "label_smoothing": 0}
        options.require(self, at_least, ("learning_rate_head", "learning_rate_upper"), LESS_THAN_ONE)


@dataclass(frozen=True)
class Phase:
    """What one of the two phases trains, how often, how fast, and where its result goes."""

    name: str
    learning: tuple[str, ...]  # names of the layers that learn; all others are frozen
    epochs: int
    learning_rate: float  # of its first epoch
    file: Path
    halves: Halves  # what runs once for each image, and what runs in every epoch


def main() -> None:
    settings = options.read(Settings, "Fine-tune the network of submission.toml in two phases.")
    wanted = submission.read()
    rows = splits.read(Path(wanted.data.splits))
    prepare = preprocess.of_weights(wanted.model)
    devices.make_reproducible()
    run = Run.of(wanted, rows, prepare, settings)
    if run.finished:
        run.touch()
        print("Training has finished already with these images and settings. `make clean` starts anew.")
        return

    # The network as it was published, with a new head; then what an interrupted run has learnt so far.
    model = backbone.build(wanted.model, len(wanted.classes), wanted.seed)
    model.network.load_state_dict(run.tensors, strict=False)
    devices.place_network(model.network)
    train, val = (
        labelled([row for row in rows if row.split == split], wanted.classes) for split in ("train", "val")
    )
    run.begin(model)
    # What is frozen gives the same for the same image in every epoch, so it runs once; see speed/frozen.py.
    # With --plain, the frozen half is empty and the learning one is the whole network.
    halves = frozen.halves_or_whole(model, prepare.crop, settings.plain)
    loaders = Loaders(train, val, prepare, wanted.seed, settings.batch_size, settings.views)

    for phase in phases(model, wanted, settings, halves):
        train_phase(phase, model, loaders, run, settings)
        model.network.load_state_dict(run.best_of(phase.name), strict=False)  # empty unless --keep-best
        if not phase.file.exists():
            save(backbone.changed(model), wanted, phase.name, phase.file)
    run.end()
    print("Next: make evaluate, or make runs to compare this run with your earlier ones.")


def train_phase(phase: Phase, model: Backbone, loaders: Loaders, run: Run, settings: Settings) -> None:
    """Epoch after epoch: learn from the training images, then look at the validation images."""
    backbone.freeze_all_but(model.network, phase.learning)
    # Each phase has its own optimiser: what one has found out about step sizes does not fit the next.
    optimizer = new_optimizer(model.network, phase, settings)
    done = run.epochs(phase.name)  # 0, unless an earlier run was interrupted
    if 0 < done < phase.epochs:
        optimizer.load_state_dict(run.optimizer)

    for epoch in range(done + 1, phase.epochs + 1):
        if run.stops(phase.name):
            break  # early stopping: for too many epochs, the validation loss has not become smaller
        started = time.monotonic()
        # Everything random in this epoch starts from this text, whatever happened before it.
        seed = f"{run.wanted.seed} {phase.name} {epoch}"
        torch.manual_seed(random.Random(seed).getrandbits(32))  # for dropout, where the network has it
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(phase, epoch)

        backbone.freeze_all_but(model.network, phase.learning)  # `measure` stopped what learns, too
        batches = loaders.train_batches(phase.halves, epoch, seed)
        train_loss, train_accuracy = train_epoch(phase.halves.learning, optimizer, batches, settings)
        val_loss, val_accuracy = measure(phase.halves.learning, loaders.val_batches(phase.halves))

        event = {
            "phase": phase.name,
            "epoch": epoch,
            "epochs": phase.epochs,
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "val_loss": val_loss,
            "val_accuracy": val_accuracy,
            "trained": list(phase.learning),
            "seconds": round(time.monotonic() - started, 2),
        }
        run.keep(event, model, optimizer)


def train_epoch(
    network: nn.Module, optimizer: torch.optim.Optimizer, batches: Batches, settings: Settings
) -> tuple[float, float]:
    """Show the network every training image once; returns the mean loss and the accuracy on the way."""
    loss_sum, correct, seen = 0.0, 0, 0
    for given, labels in progress.shown(batches, "training", "batch"):
        labels = devices.place(labels)
        with devices.precision(settings.mixed):
            logits = network(devices.place(given))  # [batch, classes]: the larger, the likelier
        # Cross-entropy: minus the logarithm of the probability that the network gives to the right class.
        # 0 if it is sure and right; log(2) = 0.693 if it has no idea which of two classes it is.
        loss = nn.functional.cross_entropy(logits.float(), labels, label_smoothing=settings.label_smoothing)
        value = loss.item()
        if not math.isfinite(value):
            raise Problem(
                f"the loss became {value} at a learning rate of {optimizer.param_groups[0]['lr']:g}; try one "
                "ten times smaller (see Settings in finetune/train.py)"
            )
        optimizer.zero_grad()  # gradients add up unless they are cleared
        loss.backward()  # in which direction would each weight make the loss larger?
        optimizer.step()  # a small step in the other direction

        loss_sum += value * len(labels)
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
    return loss_sum / seen, correct / seen


@torch.inference_mode()  # no gradients: less memory, and nothing can be learnt from these images by mistake
def measure(network: nn.Module, batches: Batches) -> tuple[float, float]:
    """Mean loss and accuracy on images that nothing is learnt from."""
    network.eval()  # no dropout; BatchNorm uses the statistics that it has
    loss_sum, correct, seen = 0.0, 0, 0
    for given, labels in batches:
        logits = network(devices.place(given)).cpu()
        loss_sum += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        correct += int((logits.argmax(dim=1) == labels).sum())
        seen += len(labels)
    return loss_sum / seen, correct / seen


def phases(model: Backbone, wanted: Submission, settings: Settings, halves: dict[str, Halves]) -> list[Phase]:
    """Phase one: the head alone. Phase two: the upper layers and the head."""
    head, upper = (model.head,), (*model.upper, model.head)
    files_of = Path(wanted.model.phase_one_checkpoint), Path(wanted.model.checkpoint)
    rates = settings.learning_rate_head, settings.learning_rate_upper
    return [
        Phase("head", head, settings.epochs_head, rates[0], files_of[0], halves["head"]),
        Phase("upper", upper, settings.epochs_upper, rates[1], files_of[1], halves["upper"]),
    ]


def new_optimizer(network: nn.Module, phase: Phase, settings: Settings) -> torch.optim.Optimizer:
    """Any optimiser of torch.optim may stand here: log and report say what it is, whatever you return."""
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    also = {"momentum": settings.momentum} if settings.optimizer in ("SGD", "RMSprop") else {}
    if settings.optimizer in ("AdamW", "Adam"):
        also = {"fused": True}  # one pass over the weights for each step instead of a dozen
    kind = getattr(torch.optim, settings.optimizer)
    return kind(learning, lr=phase.learning_rate, weight_decay=settings.weight_decay, **also)


def learning_rate(phase: Phase, epoch: int) -> float:
    """Full in the first epoch, then along half a cosine towards zero: fine steps at the end."""
    return phase.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / phase.epochs)) / 2


def save(tensors: dict[str, torch.Tensor], wanted: Submission, phase: str, path: Path) -> None:
    """Write the tensors that training changed. Opening a safetensors file runs no code: it holds numbers."""
    metadata = {
        "library": wanted.model.library,
        "backbone": wanted.model.backbone,
        "weights": wanted.model.weights,
        "classes": json.dumps(wanted.classes),
        "phase": phase,
    }
    # One text, as the file format does not keep the order of several: the same run gives the same bytes.
    files.write(path, safetensors.torch.save(tensors, {"training": json.dumps(metadata)}))


if __name__ == "__main__":
    problem.run(main)
