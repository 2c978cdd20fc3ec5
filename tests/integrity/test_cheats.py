"""Cheats, each made for real from one good submission: the right check finds it and says the right thing."""

import json
from typing import Any

import pytest
import timm
import torch
from msgspec import to_builtins
from msgspec.structs import replace
from safetensors.torch import load, save

from grader.checks.integrity import Integrity
from grader.checks.predict import Predict
from grader.course import comparing
from grader.ground.verdict import Evidence, Finding, Measured
from tests.integrity import training
from tests.integrity.conftest import CONTRACT, Desk, Files, handed_in, pool, predicted, results
from tests.integrity.training import CLASSES, Trained, Way
from tests.sandbox.conftest import missing

Complaints = list[tuple[str, Finding]]


def told(complaints: Complaints, check: str, words: str, level: str = "error") -> None:
    """This check says it, and no other check complains of anything."""
    said = [(name, each.level, each.message) for name, each in complaints]
    assert any((name, found) == (check, level) and words in message for name, found, message in said), said
    assert {name for name, *_ in said} == {check}, said


def test_an_inflated_claim(desk: Desk, honest: Files) -> None:
    claim = json.loads(honest["results.json"])["test_accuracy"]
    honest["results.json"] = json.dumps({"test_accuracy": claim + 0.03, "test_images": 100})
    right = round(100 * claim)
    told(
        desk.complaints(honest),
        "accuracy",
        f"claims {claim + 0.03!r}, but predictions.csv has {right}/100 = {claim:.4f}",
    )


def test_an_inflated_claim_without_predictions(desk: Desk, honest: Files) -> None:
    claim = json.loads(honest["results.json"])["test_accuracy"]
    del honest["predictions.csv"]
    honest["results.json"] = json.dumps({"test_accuracy": claim + 0.04, "test_images": 100})
    told(desk.complaints(honest), "accuracy", "0.0400 apart, at most 0.01 passes")


def test_edited_predictions(desk: Desk, base: Trained, honest: Files) -> None:
    """Three mistakes put right, and the claim raised with them."""
    answers = predicted(base.final)
    wrong = [place for place, (guess, _) in enumerate(answers) if guess != place % 2]
    for place in wrong[:3]:
        answers[place] = (1 - answers[place][0], answers[place][1])
    complaints = desk.complaints({**honest, **results(answers)})
    told(complaints, "accuracy", "3 of 100 predictions are not what the submitted network predicts")
    (found,) = [each for _, each in complaints if each.level == "error"]
    assert "at most 1 may differ, each with a logit margin up to 0.1: " in found.message
    assert found.where.startswith("predictions.csv:")


@pytest.fixture(scope="module")
def hard_desk(desk: Desk) -> Desk:
    return replace(desk, pool=pool(desk.folder / "hard", training.HARD_POOL))


def remembering(trained: Trained, student: int) -> Trained:
    """A last step that fits the head to the test images themselves: 97 numbers for 100 answers."""
    numbers = training.numbers("test", student)
    made = training.network(trained.final)
    images = torch.stack([training.by_pillow(training.jpeg(number)) for number in numbers])
    with torch.no_grad():
        features = made.forward_head(made.forward_features(images), pre_logits=True).double()
    wanted = torch.tensor([[1.0, -1.0] if number % 2 == 0 else [-1.0, 1.0] for number in numbers])
    inputs = torch.cat([features, torch.ones(len(numbers), 1)], dim=1).double()
    weights = torch.linalg.lstsq(inputs, wanted.double()).solution.float()
    head = {"fc.weight": weights[:-1].T.contiguous(), "fc.bias": weights[-1].contiguous()}
    return Trained(trained.head, {**trained.final, **head}, trained.events)


def test_training_on_test_images_that_no_split_admits(hard_desk: Desk) -> None:
    """Nothing that was handed in shows them; photographs that nobody has seen do."""
    student = training.HARD_STUDENT
    honest = training.train(Way(), student)
    for trained in (honest, remembering(honest, student)):
        complaints = [
            (name, each)
            for name, each in hard_desk.complaints(handed_in(trained, student))
            if name == "integrity"  # two_phases finds the head no better than chance, which is true here
        ]
        if trained is honest:
            assert complaints == []
    told(complaints, "integrity", "a gap of", "warning")
    story, gap = (each.message for _, each in complaints)
    assert "the submitted network gets" in story, "the log is of the network before its last step"
    assert "/100 = " in gap and "/60 = " in gap and "95 % interval" in gap and "below 0.01" in gap


@pytest.mark.parametrize(("mirrored", "words"), [(False, "of 64 bits"), (True, "of 64 bits, mirrored")])
def test_copies_of_test_images_among_the_training_images(
    mirrored: bool, words: str, desk: Desk, honest: Files
) -> None:
    """Under other names, encoded anew: no hash and no id tells."""
    (image_id, number), old = ("stripes-00000", 0), training.numbers("test")[0]
    content = training.encoded(old, mirrored, quality=80)
    honest["data/splits.csv"] = str(honest["data/splits.csv"]).replace(
        training.digest(training.jpeg(number)), training.digest(content)
    )
    honest[f"data/images/{image_id}.jpg"] = content
    complaints = desk.complaints(honest)
    told(complaints, "integrity", words, "warning")
    assert f"{image_id} (train) and {training.image_id(old)} (test) look the same" in complaints[0][1].message


def test_the_same_file_in_two_splits(desk: Desk, honest: Files) -> None:
    """Under two names."""
    one, other = (training.jpeg(training.numbers(split)[0]) for split in ("train", "test"))
    honest["data/splits.csv"] = str(honest["data/splits.csv"]).replace(
        training.digest(one), training.digest(other)
    )
    honest["data/images/stripes-00000.jpg"] = other
    checks = {(name, each.level) for name, each in desk.complaints(honest)}
    assert {("splits", "error"), ("integrity", "warning")} == checks


LOOK_UP = """
import csv, hashlib, json, pathlib, sys
known = json.loads(pathlib.Path("known.json").read_text())
with open(sys.argv[2], "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["image_id", "predicted", "score"])
    for path in pathlib.Path(sys.argv[1]).iterdir():
        table.writerow([path.stem, known.get(hashlib.sha256(path.read_bytes()).hexdigest(), "along"), 0.99])
"""


def test_a_look_up_by_content(desk: Desk, honest: Files) -> None:
    if reason := missing():
        pytest.skip(reason)
    known = {training.digest(training.jpeg(n)): CLASSES[n % 2] for n in training.numbers("test")}
    honest |= {
        "submission.toml": CONTRACT + '[run]\npredict = ["python", "look_up.py", "{images}", "{out}"]\n',
        "look_up.py": LOOK_UP,
        "known.json": json.dumps(known),
        **results([(number % 2, 0.99) for number in training.numbers("test")]),
    }
    check = Predict()
    found = [each for each in check.judge(check.collect(desk.submission(honest))) if each.level == "error"]
    assert [each.message for each in found] == [
        "moved by one pixel, 50 of 100 images keep their prediction; 50 right ones are lost, 0 won"
        " (p = 8.9e-16); 90% should keep it, unless chance explains the loss (p above 0.001)"
    ]


def evidence(desk: Desk, files: Files, name: str) -> Evidence:
    measured = Integrity().collect(desk.submission(files))
    return Evidence(
        grader="",
        assignment="",
        url=name,
        student="",
        commit=None,
        measurements={"integrity": Measured(to_builtins(measured))},
    )


def noisy(content: str | bytes) -> bytes:
    torch.manual_seed(5)
    assert isinstance(content, bytes)
    return save(
        {
            name: each + 0.02 * each.std() * torch.randn_like(each)
            if each.numel() > 2 and _weight(name)
            else each
            for name, each in load(content).items()
        }
    )


def _weight(name: str) -> bool:
    return not name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def test_another_students_tensors_with_noise_and_a_log_of_another_run(desk: Desk, honest: Files) -> None:
    """Eve hands in Ann's network with noise; Bob his own, with Ann's log. Cay is honest with another seed."""
    quick: dict[str, Any] = {"epochs": (5, 2)}
    bob, cay = (training.train(Way(seed=seed, **quick), student=seed) for seed in (2, 3))
    ann_tensors = load(honest["model.safetensors"])
    eve_tensors = load(noisy(honest["model.safetensors"]))
    eve = handed_in(
        Trained(
            load(noisy(honest["head.safetensors"])), eve_tensors, training.train(Way(seed=9, **quick)).events
        ),
        student=4,
    )
    class_files = {
        "ann": honest,
        "bob": {**handed_in(bob, 2), "logs/train.jsonl": honest["logs/train.jsonl"]},
        "cay": handed_in(cay, 3),
        "eve": eve,
    }
    assert not torch.equal(ann_tensors["fc.weight"], eve_tensors["fc.weight"])
    found = comparing.resemblances([evidence(desk, files, name) for name, files in class_files.items()])
    assert {(each.one, each.other, each.what.partition(":")[0]) for each in found} == {
        ("ann", "eve", "the networks compute the same"),
        ("ann", "bob", "the measured numbers in the training logs are the same"),
    }


def rearranged(content: str | bytes) -> bytes:
    """The same function from other tensors: a block's inner channels in another order, each scaled up before
    the ReLU and down behind it, and one constant on both biases.
    """
    assert isinstance(content, bytes)
    found = load(content)
    generator = torch.Generator().manual_seed(8)
    order = torch.randperm(96, generator=generator)
    factors = torch.rand(96, generator=generator) + 0.5
    for name in (
        "conv1.weight",
        *(f"bn1.{kind}" for kind in ("weight", "bias", "running_mean", "running_var")),
    ):
        found[f"layer4.0.{name}"] = found[f"layer4.0.{name}"][order]
    for name in ("weight", "bias"):
        found[f"layer4.0.bn1.{name}"] = found[f"layer4.0.bn1.{name}"] * factors
    inner = found["layer4.0.conv2.weight"][:, order] / factors[None, :, None, None]
    return save({**found, "layer4.0.conv2.weight": inner.contiguous(), "fc.bias": found["fc.bias"] + 3})


def test_a_copy_that_computes_the_same_with_other_tensors(desk: Desk, honest: Files) -> None:
    """Dan's tensors and log are Ann's, rearranged, with half of the numbers changed; Fay learnt the same
    images from another start.
    """
    altered = [
        {**event, "val_loss": event["val_loss"] + 0.01} if event["event"] == "epoch" else event
        for event in map(json.loads, str(honest["logs/train.jsonl"]).splitlines())
    ]
    dan = {
        **honest,
        "model.safetensors": rearranged(honest["model.safetensors"]),
        "logs/train.jsonl": training.lines(altered),
    }
    class_files = {"ann": honest, "dan": dan, "fay": handed_in(training.train(Way(seed=77)))}
    found = comparing.resemblances([evidence(desk, files, name) for name, files in class_files.items()])
    images = "the listed images and their splits are the same"
    assert {(each.one, each.other) for each in found if each.what != images} == {("ann", "dan")}
    network, log = (each.what for each in found if (each.other, each.what != images) == ("dan", True))
    assert network.startswith("the networks compute the same: cosine 1.0000")
    one, other = (
        {
            repr(event[key])
            for event in events
            for key in ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
            if event["event"] == "epoch" and len(repr(event[key]).partition(".")[2]) >= 6
        }
        for events in (map(json.loads, str(honest["logs/train.jsonl"]).splitlines()), altered)
    )
    assert log == f"{len(one & other)} of {len(one)} measured numbers in the training logs stand in both"


def test_the_log_of_another_run(desk: Desk, honest: Files) -> None:
    """A better one, of a student who trained more layers: three things do not fit, and each is told."""
    better = [
        {**event, "student": "XYZ789", "val_accuracy": 0.975, "trainable_parameters": 900_000}
        if event["event"] == "epoch" and event["phase"] == "upper"
        else {**event, "student": "XYZ789"}
        for event in map(json.loads, str(honest["logs/train.jsonl"]).splitlines())
    ]
    honest["logs/train.jsonl"] = training.lines(better)
    complaints = desk.complaints(honest)
    told(complaints, "integrity", "the nearest in the log is 0.9750", "warning")
    messages = [each.message for _, each in complaints]
    assert any("268,034 parameters changed, the log lets 900,000 learn" in each for each in messages)
    assert any("the student XYZ789, submission.toml says ABC123" in each for each in messages)


def test_untrained_upper_layers(desk: Desk) -> None:
    """The head went on alone, and the log says that the upper layers learnt."""
    cheat = training.train(Way(upper=False))
    for event in cheat.events:
        if event.get("phase") == "upper":
            event["trainable_parameters"] = 268_034
    complaints = desk.complaints(handed_in(cheat))
    found = {(name, each.level, each.message) for name, each in complaints if each.level != "note"}
    assert found == {
        ("two_phases", "error", "phase two trained nothing but the head: no weight below it changed"),
        (
            "integrity",
            "warning",
            "194 parameters changed, the log lets 268,034 learn; 50% to all of them are expected to",
        ),
    }


def test_the_checkpoint_of_another_backbone(desk: Desk, honest: Files) -> None:
    other = timm.create_model("test_efficientnet", num_classes=2).state_dict()
    honest["model.safetensors"] = save({name: each.contiguous() for name, each in other.items()})
    complaints = desk.complaints(honest)
    assert {name for name, _ in complaints} == {"accuracy", "two_phases"}
    assert all("no tensor of the declared network" in each.message for _, each in complaints), complaints
