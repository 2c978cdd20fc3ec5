"""What training has so far, kept after each epoch: an interruption costs the running epoch at most."""

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from finetune import files
from finetune.submission import Submission

FILE = Path("data/training.state")  # for this computer only, so it is not committed
# What decides about the numbers that training gives.
PROGRAMS = (
    "train.py",
    "backbone.py",
    "weights.py",
    "preprocess.py",
    "pixels.py",
    "photographs.py",
    "frozen.py",
    "folding.py",
    "activations.py",
    "feed.py",
)


@dataclass(frozen=True)
class State:
    """Everything that the next epoch depends on. A run that has not begun has an empty state."""

    events: list[dict[str, Any]] = field(default_factory=list)  # the lines of the log
    tensors: dict[str, Tensor] = field(default_factory=dict)  # what training has changed in the network
    optimizer: dict[str, Any] = field(default_factory=dict)  # the optimiser's own memory
    finished: bool = False


def fingerprint(wanted: Submission, settings: dict[str, Any], device: str) -> str:
    """The same for the same run: a state only fits the images, settings and programs it was made with."""
    here = Path(__file__).parent
    programs = [files.sha256(here / name) for name in PROGRAMS]
    what = [
        wanted.seed,
        wanted.classes,
        wanted.model,
        files.sha256(Path(wanted.data.splits)),
        settings,
        device,
    ]
    return hashlib.sha256(json.dumps([*map(str, what), *programs]).encode()).hexdigest()


def save(run: str, state: State) -> None:
    content = io.BytesIO()
    torch.save({"run": run, **vars(state)}, content)
    files.write(FILE, content.getvalue())


def load(run: str) -> State:
    """The state of this run; an empty one if there is none, or only one of another run."""
    if not FILE.exists():
        return State()
    saved = torch.load(FILE, map_location="cpu", weights_only=True)
    return State(**saved) if saved.pop("run") == run else State()
