"""A real submission with a tiny network: dark and bright pictures, and a head trained to tell them apart."""

import csv
import hashlib
import io
import json
from pathlib import Path

import numpy
import pytest
import timm
import torch
from msgspec import Struct
from PIL import Image
from safetensors.torch import save, save_file
from torch import Tensor, nn

from grader.submission import Submission
from tests.conftest import contract, submission

BACKBONE, WEIGHTS = "test_resnet", "r160_in1k"
CLASSES = ("dark", "bright")
TESTS = 24
CONTRACT = contract(CLASSES, library="timm", backbone=BACKBONE, weights=WEIGHTS, upper_layers=["layer4"])


class Homework(Struct):
    """The files of a commit, and what belongs to them outside of it."""

    files: dict[str, bytes]
    weights: Path  # a folder
    pretrained: dict[str, Tensor]
    head: dict[str, Tensor]
    upper: dict[str, Tensor]
    pictures: dict[str, bytes]  # by image_id

    def submission(self, folder: Path, **edits: bytes) -> Submission:
        """`folder` keeps cache and scratch. `edits` replace files, with `__` for `/` and `_dot_` for `.`"""
        changed = {name.replace("__", "/").replace("_dot_", "."): content for name, content in edits.items()}
        return submission(folder, {**self.files, **changed}, weights=self.weights, device="cpu")

    def network(self, trained: dict[str, Tensor]) -> nn.Module:
        network = timm.create_model(BACKBONE, num_classes=len(CLASSES))
        network.load_state_dict({**self.pretrained, **trained}, strict=False)
        return network.eval()


def picture(number: int) -> bytes:
    """A noisy PNG file of odd size; even numbers are dark, odd ones bright."""
    noise = numpy.random.default_rng(number).integers(0, 60, (41 + number % 7, 57, 3))
    level = 20 if number % 2 == 0 else 170
    file = io.BytesIO()
    Image.fromarray((noise + level).astype(numpy.uint8)).save(file, format="PNG")
    return file.getvalue()


def prepared(content: bytes) -> Tensor:
    """As timm's data configuration of test_resnet says: by torchvision, not by our code."""
    from torchvision import transforms

    steps = [
        transforms.Resize(168, transforms.InterpolationMode.BILINEAR),
        transforms.CenterCrop(160),
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    ]
    tensor: Tensor = transforms.Compose(steps)(Image.open(io.BytesIO(content)).convert("RGB"))
    return tensor


def trained_head(features: Tensor, labels: Tensor) -> dict[str, Tensor]:
    head = nn.Linear(features.shape[1], 2)
    nn.init.zeros_(head.weight)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(features), labels).backward()
        optimizer.step()
    return {"fc.weight": head.weight.detach(), "fc.bias": head.bias.detach()}


@pytest.fixture(scope="session")
def homework(tmp_path_factory: pytest.TempPathFactory) -> Homework:
    torch.manual_seed(3)
    torch.set_num_threads(2)
    original = timm.create_model(BACKBONE).eval()
    pretrained = {name: tensor.clone() for name, tensor in original.state_dict().items() if "fc." not in name}
    folder = tmp_path_factory.mktemp("weights")
    save_file(original.state_dict(), folder / f"timm-{BACKBONE}-{WEIGHTS}.safetensors")
    (folder / f"timm-{BACKBONE}-{WEIGHTS}.safetensors").chmod(0o644)

    pictures = {f"picture-{number:03}": picture(number) for number in range(TESTS)}
    images = torch.stack([prepared(content) for content in pictures.values()])
    with torch.no_grad():
        features = original.forward_head(original.forward_features(images), pre_logits=True)
    labels = torch.arange(TESTS) % 2
    head = trained_head(features, labels)
    upper = {
        name: tensor + 1e-3 * torch.randn_like(tensor)
        for name, tensor in pretrained.items()
        if name.startswith("layer4") and "conv" in name
    }
    made = Homework({}, folder, pretrained, head, upper, pictures)
    with torch.no_grad():
        predicted = made.network({**head, **upper})(images).argmax(1)
    rows = [(name, CLASSES[number % 2]) for number, name in enumerate(pictures)]
    right = sum(CLASSES[guess] == label for guess, (_, label) in zip(predicted, rows, strict=True))
    made.files |= {
        "submission.toml": CONTRACT.encode(),
        "data/splits.csv": table(
            ("image_id", "label", "split", "sha256"),
            [(name, label, "test", hashlib.sha256(pictures[name]).hexdigest()) for name, label in rows],
        ),
        "predictions.csv": table(
            ("image_id", "label", "predicted", "score"),
            [(*row, CLASSES[guess], 0.9) for guess, row in zip(predicted, rows, strict=True)],
        ),
        "results.json": json.dumps({"test_accuracy": right / TESTS, "test_images": TESTS}).encode(),
        "head.safetensors": save(head),
        "model.safetensors": save({**head, **upper}),
        **{f"data/images/{name}.png": content for name, content in pictures.items()},
    }
    return made


def table(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()
