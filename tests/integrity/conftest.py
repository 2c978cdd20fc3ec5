"""Hands the small homework in and grades it: the real checks and workers, in this process."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec import Struct
from safetensors.torch import save, save_file
from torch import Tensor, nn

from grader import checks, engine
from grader.assignment import Assignment, Criterion
from grader.ground.verdict import Evidence, Finding, Measurement, Outcome, Result
from grader.submission import Submission
from tests.conftest import contract, submission
from tests.integrity import training
from tests.integrity.training import CLASSES, Trained, Way

SETTINGS: Mapping[str, dict[str, Any]] = {
    "splits": {"classes": 2, "train": 40, "val": 20, "test": 50},
    "preprocessing": {}, "two_phases": {}, "training_log": {}, "accuracy": {}, "integrity": {},
}  # fmt: skip

CONTRACT = contract(
    CLASSES, library="timm", backbone=training.BACKBONE, weights=training.WEIGHTS, upper_layers=["layer4"]
)

PREPARE = """\
from torchvision import datasets, transforms

prepare = transforms.Compose([
    transforms.Resize(168), transforms.CenterCrop(160), transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
images = datasets.ImageFolder("data/images", prepare)
"""

Files = dict[str, str | bytes]


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


def predicted(tensors: Mapping[str, Tensor], student: int = 0) -> list[tuple[int, float]]:
    contents = tuple(training.jpeg(number) for number in training.numbers("test", student))
    made = training.network(tensors)
    if all(name.startswith(("layer4.", "fc.")) for name in tensors):  # what lies below is computed once
        made = nn.Sequential(made.layer4, made.global_pool, made.fc)  # type: ignore[arg-type]
        return training.predictions(made, training.lower_activations(contents))
    return training.predictions(made, map(training.by_pillow, contents))


def results(answers: Sequence[tuple[int, float]], student: int = 0) -> Files:
    """predictions.csv and results.json."""
    numbers = training.numbers("test", student)
    rows = [
        (training.image_id(number), CLASSES[number % 2], CLASSES[guess], score)
        for number, (guess, score) in zip(numbers, answers, strict=True)
    ]
    right = sum(label == guess for _, label, guess, _ in rows)
    return {
        "predictions.csv": table(("image_id", "label", "predicted", "score"), rows),
        "results.json": json.dumps({"test_accuracy": right / len(rows), "test_images": len(rows)}),
    }


def handed_in(trained: Trained, student: int = 0) -> Files:
    """All files of a submission."""
    listed = [(number, split) for split in training.COUNTS for number in training.numbers(split, student)]
    rows = [
        (training.image_id(number), CLASSES[number % 2], split, training.digest(training.jpeg(number)))
        for number, split in listed
    ]
    return {
        "submission.toml": CONTRACT,
        "prepare.py": PREPARE,
        "data/splits.csv": table(("image_id", "label", "split", "sha256"), rows),
        **{f"data/images/{training.image_id(n)}.jpg": training.jpeg(n) for n, _ in listed},
        "logs/train.jsonl": training.lines(trained.events),
        "head.safetensors": save(trained.head),
        "model.safetensors": save(trained.final),
        **results(predicted(trained.final, student), student),
    }


class Desk(Struct, frozen=True):
    """Where submissions are graded. `folder` keeps the cache and the public weights."""

    folder: Path
    pool: Path

    def submission(self, files: Files) -> Submission:
        weights = self.folder / "weights"
        return submission(self.folder, files, weights=weights, pool=self.pool, device="cpu")

    def measure(self, files: Files) -> dict[str, Measurement]:
        return engine.measure_all(ASSIGNMENT, self.submission(files)).measurements

    def grade(self, files: Files) -> dict[str, Result]:
        evidence = Evidence(
            grader="", assignment="", url="", student="", commit=None, measurements=self.measure(files)
        )
        judged: dict[str, Result] = {}
        for name, criterion in CRITERIA.items():
            outcome, findings = engine.decide(criterion, evidence.measurements[name], judged)
            judged[name] = Result(
                check=name,
                outcome=outcome,
                points=engine.worth(outcome, 1),
                required=True,
                looked_for="",
                findings=findings,
            )
        return judged

    def complaints(self, files: Files) -> list[tuple[str, Finding]]:
        """Every error and warning, and the notes of what did not pass, with the name of the check."""
        return [
            (name, finding)
            for name, result in self.grade(files).items()
            for finding in result.findings
            if finding.level != "note" or result.outcome is not Outcome.PASSED
        ]


CRITERIA = {
    name: Criterion(name, checks.TABLE[name](**settings), 1.0, True) for name, settings in SETTINGS.items()
}
ASSIGNMENT = Assignment(id="a", title="A", points=len(CRITERIA), criteria=tuple(CRITERIA.values()))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "weights").mkdir()
    save_file(
        training.public().state_dict(),
        folder / "weights" / f"timm-{training.BACKBONE}-{training.WEIGHTS}.safetensors",
    )
    return Desk(folder, pool(folder / "pool", training.POOL))


def pool(folder: Path, numbers: Sequence[int]) -> Path:
    for number in numbers:
        place = folder / CLASSES[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.jpg").write_bytes(training.jpeg(number))
    return folder


@pytest.fixture(scope="session")
def base() -> Trained:
    torch.set_num_threads(1)
    return training.train(Way())


@pytest.fixture(scope="session")
def good_files(base: Trained) -> Files:
    return handed_in(base)


@pytest.fixture
def honest(good_files: Files) -> Files:
    """To be changed in one way."""
    return dict(good_files)


@pytest.fixture(autouse=True)
def in_this_process(workers_here: None) -> None:
    """Sandbox and workers have tests of their own; what is tried here is what the checks conclude."""
