"""A small homework done for real, by a program that shares no code with the starter or the grader.

Photographs of stripes that lie across or along, in noise; a network with random "public" weights whose head
and last stage are trained in two phases. Nobody gets all of it right, so that every cheat has something to
gain.
"""

import copy
import hashlib
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy
import timm
import torch
from msgspec import Struct
from PIL import Image
from torch import Tensor, nn
from torchvision import transforms

BACKBONE, WEIGHTS = "test_resnet", "r160_in1k"
CLASSES = ("across", "along")
COUNTS = {"train": 80, "val": 40, "test": 100}
POOL = range(1000, 1060)  # photographs that nobody lists
HARD = 50_000  # from this number on, the stripes are hardly seen: what can be learnt is what is remembered
HARD_STUDENT, HARD_POOL = HARD // 10_000, range(90_000, 90_060)


def photograph(number: int) -> Image.Image:
    """Odd numbers show stripes along. Contrast, angle, width and colour vary, so some are hard to tell."""
    draw = numpy.random.default_rng(number)
    angle = number % 2 * numpy.pi / 2 + draw.normal(0, 0.25)
    rows, columns = numpy.mgrid[0:96, 0:112]
    place = (columns * numpy.cos(angle) + rows * numpy.sin(angle)) * 2 * numpy.pi / draw.uniform(6, 14)
    wave = (25 if number >= HARD else 75) * draw.uniform(0.5, 1.5) * numpy.sin(place + draw.uniform(0, 6.3))
    pixels = draw.uniform(90, 160, 3) + wave[..., None] + draw.normal(0, 30, (96, 112, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8))


@cache
def jpeg(number: int, mirrored: bool = False) -> bytes:
    return encoded(number, mirrored, quality=90)


def encoded(number: int, mirrored: bool, quality: int) -> bytes:
    image = photograph(number)
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


NORMALISE = transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
PREPARE = transforms.Compose(
    [transforms.Resize(168), transforms.CenterCrop(160), transforms.ToTensor(), NORMALISE]
)


def by_pillow(content: bytes) -> Tensor:
    tensor: Tensor = PREPARE(Image.open(io.BytesIO(content)))
    return tensor


@cache
def public() -> nn.Module:
    torch.manual_seed(3)
    return timm.create_model(BACKBONE, num_classes=10).eval()


def network(tensors: Mapping[str, Tensor]) -> nn.Module:
    """The public network with a head for two classes, and these tensors in it."""
    made = timm.create_model(BACKBONE, num_classes=len(CLASSES)).eval()
    own = {name: tensor for name, tensor in public().state_dict().items() if "fc." not in name}
    made.load_state_dict({**own, **{name: each.float() for name, each in tensors.items()}}, strict=False)
    return made


class Way(Struct, frozen=True):
    """How somebody trains."""

    seed: int = 1
    threads: int = 1
    batch: int = 20
    epochs: tuple[int, int] = (25, 5)
    rates: tuple[float, float] = (0.1, 2e-3)
    planned: int = 0  # epochs of phase two that were announced, where not all were run
    optimizer: str = "AdamW"
    upper_optimizer: str = ""  # of phase two, where it is another one
    smoothing: float = 0.0
    statistics: bool = False  # BatchNorm of the last stage counts along in phase two
    extra: tuple[tuple[bytes, int], ...] = ()  # further images and their classes
    upper: bool = True  # whether phase two moves the last stage at all
    only: str = ""  # phase two trains only the parameters of the last stage whose names hold this


class Trained(Struct, frozen=True):
    """What a training leaves: tensors by name, and the events of its log."""

    head: dict[str, Tensor]
    final: dict[str, Tensor]
    events: list[dict[str, Any]]


@cache
def lower_activations(contents: tuple[bytes, ...]) -> Tensor:
    whole = public()
    lower = nn.Sequential(
        whole.conv1, whole.bn1, whole.act1, whole.maxpool, whole.layer1, whole.layer2, whole.layer3
    )
    with torch.no_grad():
        return torch.cat([lower(torch.stack(images)) for images in _batches(map(by_pillow, contents))])


def _batches(images: Iterable[Tensor]) -> Iterator[list[Tensor]]:
    several = iter(images)
    while batch := list(itertools.islice(several, 20)):
        yield batch


def numbers(split: str, student: int = 0) -> list[int]:
    """Which photographs a student lists in a split: half of each class, nobody the same."""
    start = 10_000 * student + sum(list(COUNTS.values())[: list(COUNTS).index(split)])
    return list(range(start, start + COUNTS[split]))


def train(way: Way, student: int = 0) -> Trained:
    threads = torch.get_num_threads()
    torch.set_num_threads(way.threads)
    try:
        return _train(way, student)
    finally:
        torch.set_num_threads(threads)


def _train(way: Way, student: int) -> Trained:
    seen = {
        split: lower_activations(tuple(jpeg(number) for number in numbers(split, student)))
        for split in ("train", "val")
    }
    labels = {split: torch.tensor([number % 2 for number in numbers(split, student)]) for split in seen}
    if way.extra:
        more = lower_activations(tuple(content for content, _ in way.extra))
        seen["train"] = torch.cat([seen["train"], more])
        labels["train"] = torch.cat([labels["train"], torch.tensor([label for _, label in way.extra])])
    torch.manual_seed(way.seed)
    stage, head = copy.deepcopy(public().layer4), nn.Linear(96, len(CLASSES))
    nn.init.zeros_(head.bias)

    def pooled(batch: Tensor) -> Tensor:
        answer: Tensor = stage(batch).mean((2, 3))
        return answer

    with torch.no_grad():
        frozen = {split: pooled(each) for split, each in seen.items()}
    planned = {"head": way.epochs[0], "upper": way.planned or way.epochs[1]}
    events: list[dict[str, Any]] = [
        {"event": "run", "student": "ABC123", "seed": way.seed, "library": "timm", "backbone": BACKBONE,
         "weights": WEIGHTS, "classes": list(CLASSES), "planned": planned, "device": "cpu",
         "images": {"train": COUNTS["train"], "val": COUNTS["val"]},
         "preprocessing": {"resize": 168, "crop": 160, "interpolation": "bilinear",
                           "mean": [0.5] * 3, "std": [0.5] * 3}},
    ]  # fmt: skip
    saved = []
    for phase, epochs, rate in zip(("head", "upper"), way.epochs, way.rates, strict=True):
        moving = [each for name, each in stage.named_parameters() if way.only in name and way.upper]
        learning = [*head.parameters(), *(moving if phase == "upper" else ())]
        stage.train(phase == "upper" and way.statistics)
        given = frozen if phase == "head" else seen
        features: nn.Module | Callable[[Tensor], Tensor] = nn.Identity() if phase == "head" else pooled
        kind = (phase == "upper" and way.upper_optimizer) or way.optimizer
        optimizer = getattr(torch.optim, kind)(learning, lr=rate)
        loss_of = nn.CrossEntropyLoss(label_smoothing=way.smoothing)
        for epoch in range(1, epochs + 1):
            total, right = 0.0, 0
            for rows in torch.randperm(len(labels["train"])).split(way.batch):
                logits = head(features(given["train"][rows]))
                loss = loss_of(logits, labels["train"][rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
                right += int((logits.argmax(1) == labels["train"][rows]).sum())
            stage.eval()
            with torch.no_grad():
                logits = head(features(given["val"]))
            stage.train(phase == "upper" and way.statistics)
            events.append(
                {
                    "event": "epoch",
                    "phase": phase,
                    "epoch": epoch,
                    "epochs": planned[phase],
                    "train_loss": total / len(labels["train"]),
                    "train_accuracy": right / len(labels["train"]),
                    "val_loss": float(loss_of(logits, labels["val"])),
                    "val_accuracy": float((logits.argmax(1) == labels["val"]).float().mean()),
                    "learning_rate": rate,
                    "optimizer": kind,
                    "trainable_parameters": sum(each.numel() for each in learning),
                    "trained": ["fc"] if phase == "head" else ["layer4", "fc"],
                }
            )
        tensors = {f"fc.{name}": each.detach().clone() for name, each in head.state_dict().items()}
        if phase == "upper":
            tensors |= {f"layer4.{name}": each.detach().clone() for name, each in stage.state_dict().items()}
        saved.append(tensors)
    events.append({"event": "end", "val_accuracy": events[-1]["val_accuracy"]})
    return Trained(saved[0], saved[1], events)


def predictions(made: nn.Module, images: Iterable[Tensor]) -> list[tuple[int, float]]:
    """The class and its probability, image by image."""
    answers = []
    with torch.no_grad():
        for image in images:
            chances = made(image[None]).float().softmax(1)[0]
            answers.append((int(chances.argmax()), float(chances.max())))
    return answers


def image_id(number: int) -> str:
    return f"stripes-{number:05}"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def lines(events: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)
