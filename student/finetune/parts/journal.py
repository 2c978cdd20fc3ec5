"""The training log: logs/train.jsonl for programs, logs/train.log for people. Both say the same.

The .jsonl file holds one JSON object per line: first what the run was made with ("run"), then one line per
epoch ("epoch"), at last "end". Accuracies are fractions from 0 to 1, times carry their time zone.
"""

import datetime
import itertools
import json
import platform
import re
from collections import Counter
from pathlib import Path
from typing import Any

from finetune.parts import files
from finetune.parts.problem import Problem
from finetune.parts.splits import Row
from finetune.submission import Submission

Event = dict[str, Any]
RUNS = Path("data/runs")  # logs of your runs so far, for this computer only


def header(
    wanted: Submission, settings: dict[str, Any], rows: list[Row], preprocessing: dict[str, Any]
) -> Event:
    """The first line: everything that one needs to know to run the training again."""
    images = Counter(row.split for row in rows)
    return {
        "event": "run",
        "student": wanted.student,
        "assignment": wanted.assignment,
        "seed": wanted.seed,
        "library": wanted.model.library,
        "backbone": wanted.model.backbone,
        "weights": wanted.model.weights,
        "classes": list(wanted.classes),
        "preprocessing": preprocessing,
        "planned": {"head": settings["epochs_head"], "upper": settings["epochs_upper"]},
        "images": {"train": images["train"], "val": images["val"]},
        "settings": settings,
        "versions": versions(),
        "time": now(),
    }


def write(wanted: Submission, events: list[Event]) -> None:
    """Write both logs anew. They are short, and a file that is written whole is never half a line long."""
    path = Path(wanted.log.paths[0])
    files.write(path, "".join(json.dumps(event) + "\n" for event in events))
    files.write(path.with_suffix(".log"), "".join(readable(event) + "\n" for event in events))


def remember(events: list[Event]) -> None:
    """Keep the log of a finished run for `make runs`: the next one overwrites the log itself."""
    began = re.sub(r"[^0-9T]", "", events[0]["time"][:19])
    path = RUNS / f"{began}.jsonl"
    for number in itertools.count(2):  # two runs may begin in one second
        if not path.exists():
            break
        path = RUNS / f"{began}_{number}.jsonl"
    files.write(path, "".join(json.dumps(event) + "\n" for event in events))


def read(wanted: Submission) -> list[Event]:
    path = wanted.log.paths[0]
    again = f"bring it back with git, or delete {wanted.model.checkpoint} and run `make train`"
    try:
        return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError as error:
        raise Problem(f"{path} is not here; {again}") from error
    except ValueError as error:
        raise Problem(f"{path} is not as training wrote it; {again}") from error


def readable(event: Event) -> str:
    """One line of the log for people."""
    if event["event"] == "run":
        return (
            f"{event['time']} {event['library']} {event['backbone']} ({event['weights']}), "
            f"{' or '.join(event['classes'])}, {event['images']['train']} training images, "
            f"seed {event['seed']}, on {event['device']}"
        )
    if event["event"] == "epoch":
        return (
            f"{event['time']} phase {event['phase']:5} epoch {event['epoch']}/{event['epochs']}: "
            f"train loss {event['train_loss']:.4f} accuracy {event['train_accuracy']:.4f}, "
            f"val loss {event['val_loss']:.4f} accuracy {event['val_accuracy']:.4f}, {event['seconds']:.1f} s"
        )
    if event["event"] == "early_stopping":
        return f"{event['time']} stopped early, after epoch {event['epoch']}: the validation loss went up"
    return (
        f"{event['time']} finished after {event['seconds']:.1f} s, val accuracy {event['val_accuracy']:.4f}"
    )


def now() -> str:
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Python and the packages that decide what the numbers are."""
    from importlib import metadata

    packages = ("torch", "torchvision", "timm", "pillow", "safetensors")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in packages}}
