"""What training has so far, kept after each epoch: an interruption costs the running epoch at most."""

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from finetune import backbone, preprocess
from finetune.backbone import Backbone
from finetune.parts import advice, curves, devices, files, journal
from finetune.parts.journal import Event
from finetune.parts.splits import Row
from finetune.preprocess import Preprocessing
from finetune.submission import Submission

FILE = Path("data/training.state")  # for this computer only, so it is not committed
LEFT_OUT = ("lr", "eps")  # of what an optimiser was made with: the log has the rate of each epoch


@dataclass(frozen=True)
class State:
    """Everything that the next epoch depends on. A run that has not begun has an empty state."""

    events: list[Event] = field(default_factory=list)  # the lines of the log
    tensors: dict[str, Tensor] = field(default_factory=dict)  # what training has changed in the network
    optimizer: dict[str, Any] = field(default_factory=dict)  # the optimiser's own memory
    best: dict[str, Tensor] = field(default_factory=dict)  # tensors of phase two's best epoch, if wanted
    finished: bool = False


class Run:
    """One run of training: it begins with the settings, or goes on after the last whole epoch of an
    interrupted run with the same ones, and keeps its log and its state up to date.
    """

    def __init__(self, wanted: Submission, name: str, state: State) -> None:
        self.wanted = wanted
        self.name = name
        self.events = state.events
        self.tensors = state.tensors
        self.optimizer = state.optimizer
        self.best = state.best
        self.finished = state.finished

    @classmethod
    def of(cls, wanted: Submission, rows: list[Row], prepare: Preprocessing, settings: Any) -> "Run":
        """The interrupted or finished run with these settings, a dataclass; else one that begins."""
        name = fingerprint(wanted, dataclasses.asdict(settings), devices.best().type)
        run = cls(wanted, name, _saved(name))
        if run.can_go_on() or (run.finished and run.is_whole()):
            devices.use_threads(run.events[0]["threads"])  # others would round otherwise
            return run
        return cls.anew(wanted, rows, prepare, settings, name)

    @classmethod
    def anew(
        cls, wanted: Submission, rows: list[Row], prepare: Preprocessing, settings: Any, name: str = ""
    ) -> "Run":
        """A run that begins, whatever is there. One without a name cannot be gone on with."""
        header = journal.header(wanted, dataclasses.asdict(settings), rows, dataclasses.asdict(prepare))
        header |= {"device": devices.best().type, "threads": devices.use_threads(devices.free_threads())}
        if settings.mixed and devices.can_mix():
            header["precision"] = "mixed"
        return cls(wanted, name, State([header]))

    def begin(self, model: Backbone) -> None:
        """Only now does what the last run left give way: until here, anything may have been found missing.

        The log says how the network and its images were before the first epoch.
        """
        if not self.tensors:  # no epoch is done: what is there belongs to another run
            self.events[0]["head"] = backbone.in_words(model.network.get_submodule(model.head))
            self.events[0]["augmentation"] = preprocess.augmentation_in_words()
            _save(self.name, State(self.events))  # first: on a full disk, the last run stays as it was
            for path in self.results():
                path.unlink(missing_ok=True)
        journal.write(self.wanted, self.events)
        print(journal.readable(self.events[0]), *before_training(model), sep="\n", flush=True)

    def touch(self) -> None:
        """Tell make that the results are up to date."""
        for path in self.results():
            os.utime(path)

    def results(self) -> list[Path]:
        return [Path(self.wanted.model.phase_one_checkpoint), Path(self.wanted.model.checkpoint)]

    def is_whole(self) -> bool:
        """Whether all that this finished run wrote is here, and the networks are the ones that it trained."""
        networks = self.events[-1]["sha256"]
        return Path(self.wanted.log.paths[0]).exists() and all(
            path.exists() and files.sha256(path) == networks[str(path)] for path in self.results()
        )

    def can_go_on(self) -> bool:
        """Whether it was interrupted, and has the network of phase one: phase two cannot make that again."""
        return (
            bool(self.events)
            and not self.finished
            and (self.results()[0].exists() or not self.epochs("upper"))
        )

    def epochs(self, phase: str) -> int:
        """How many epochs of a phase are done."""
        return sum(event.get("phase") == phase for event in self.events)

    def keep(self, epoch: Event, model: Backbone, optimizer: torch.optim.Optimizer) -> None:
        """Log an epoch and keep what the next one depends on. When this returns, the epoch is safe."""
        self.events.append({"event": "epoch", **epoch, **_of(optimizer), "time": journal.now()})
        journal.write(self.wanted, self.events)
        tensors, upper = backbone.changed(model), self._upper()
        if self.events[0]["settings"]["keep_best"] and upper and _best(upper) is upper[-1]:
            self.best = {
                name: tensor.clone() for name, tensor in tensors.items()
            }  # training goes on in these
        _save(self.name, State(self.events, tensors, optimizer.state_dict(), self.best))
        curves.refresh(self.events)
        print(journal.readable(self.events[-1]), *advice.after_epoch(self.events), sep="\n", flush=True)

    def stops(self, phase: str) -> bool:
        """Whether phase two ends here: its validation loss was smallest as many epochs ago as is waited."""
        patience = self.events[0]["settings"]["patience"]
        losses = [epoch["val_loss"] for epoch in self._upper()] if phase == "upper" else []
        return bool(patience and losses) and len(losses) - 1 - losses.index(min(losses)) >= patience

    def best_of(self, phase: str) -> dict[str, Tensor]:
        """The tensors of the best epoch, of phase two alone, and only where they are wanted; else none."""
        return self.best if phase == "upper" else {}

    def end(self) -> None:
        upper = self._upper()
        last = _best(upper) if self.events[0]["settings"]["keep_best"] else upper[-1]
        if len(upper) < upper[-1]["epochs"]:
            self.events.append(
                {"event": "early_stopping", "epoch": upper[-1]["epoch"], "time": journal.now()}
            )
        self.events.append(
            {
                "event": "end",
                "kept_epoch": last["epoch"],
                "val_accuracy": last["val_accuracy"],
                "seconds": round(sum(event.get("seconds", 0) for event in self.events), 2),
                "sha256": {str(path): files.sha256(path) for path in self.results()},
                "time": journal.now(),
            }
        )
        print(journal.readable(self.events[-1]), *advice.after_training(self.events), sep="\n")
        journal.write(self.wanted, self.events)
        _save(self.name, State(self.events, finished=True))
        journal.remember(self.events)

    def _upper(self) -> list[Event]:
        return [event for event in self.events if event.get("phase") == "upper"]


def before_training(model: Backbone) -> list[str]:
    """What the homework asks for and these layers cannot give, told before the hours of training."""
    learning = (*model.upper, model.head)
    if not all(backbone.belongs(name, learning) for name, _ in model.network.named_parameters()):
        return []
    return [
        "Phase two will train every layer, and the homework asks for the lower ones to stay frozen: leave "
        "some out of upper_layers in submission.toml."
    ]


def _of(optimizer: torch.optim.Optimizer) -> Event:
    """What the log tells of an optimiser: its kind, its rate in this epoch, how many parameters it moves."""
    learning = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return {
        "learning_rate": optimizer.param_groups[0]["lr"],
        "optimizer": in_words(optimizer),
        "trainable_parameters": sum(parameter.numel() for parameter in learning),
    }


def in_words(optimizer: torch.optim.Optimizer) -> str:
    """Its name and what it was made with, but for the learning rate, such as SGD, momentum 0.9."""
    numbers = {key: value for key, value in optimizer.defaults.items() if type(value) in (int, float)}
    told = [f"{key.replace('_', ' ')} {n:g}" for key, n in numbers.items() if n and key not in LEFT_OUT]
    return ", ".join([type(optimizer).__name__, *told])


def _best(epochs: list[Event]) -> Event:
    """The epoch of the highest validation accuracy; of several, that of the smallest validation loss."""
    return max(epochs, key=lambda epoch: (epoch["val_accuracy"], -epoch["val_loss"]))


def fingerprint(wanted: Submission, settings: dict[str, Any], device: str) -> str:
    """The same for the same run: a state only fits the images, settings and programs it was made with."""
    what = [
        wanted.seed,
        wanted.classes,
        wanted.model,
        files.sha256(Path(wanted.data.splits)),
        settings,
        device,
        files.programs(*files.imported("train.py")),
    ]
    return hashlib.sha256(json.dumps(list(map(str, what))).encode()).hexdigest()


def _save(run: str, state: State) -> None:
    # Into a file that Python opened: by a path, PyTorch would not say that the disk is full.
    with files.whole(FILE) as beside, beside.open("wb") as file:
        torch.save({"run": run, **vars(state)}, file)


def _saved(run: str) -> State:
    """The state of this run; an empty one if there is none, or only one of another run."""
    if not FILE.exists():
        return State()
    saved = torch.load(FILE, map_location="cpu", weights_only=True)
    return State(**saved) if saved.pop("run") == run else State()
