"""Attacks on the rule itself: what makes a comparison mean nothing, or keeps it from being made."""

import json
from collections.abc import Callable
from functools import partial

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import load, save

from grader import engine
from grader.checks import integrity
from grader.checks.integrity import Twins
from grader.ground.verdict import Outcome
from grader.running import holdout
from grader.workers.messages import Change
from grader.workers.parts import children
from tests.integrity import training
from tests.integrity.conftest import ASSIGNMENT, CONTRACT, CRITERIA, Desk, Files, predicted, results
from tests.integrity.training import CLASSES, Trained


def graded(desk: Desk, files: Files, check: str = "accuracy") -> tuple[Outcome, list[str]]:
    """The outcome of this check alone, and all that it says."""
    alone = replace(ASSIGNMENT, criteria=(CRITERIA[check],))
    measurements = engine.measure_all(alone, desk.submission(files)).measurements
    outcome, findings = engine.decide(CRITERIA[check], measurements[check], {})
    return outcome, [each.message for each in findings]


@pytest.mark.parametrize("names", [("along", "along"), ("along", "")])
def test_two_classes_of_one_name(names: tuple[str, str], desk: Desk, honest: Files) -> None:
    """Whatever the network predicts has the right name, or none."""
    honest["submission.toml"] = CONTRACT.replace(json.dumps(CLASSES), json.dumps(names))
    for path in ("data/splits.csv", "predictions.csv"):
        honest[path] = str(honest[path]).replace("across", names[1]).replace("along", names[1])
    honest["results.json"] = json.dumps({"test_accuracy": 1.0, "test_images": 100})
    outcome, said = graded(desk, honest)
    assert outcome is Outcome.FAILED
    assert said == [f"submission.toml: classes is 'along', {names[1]!r}, expected names that differ"]


def overflowing(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Finite values, of which one logit becomes infinite."""
    weight = torch.zeros_like(tensors["fc.weight"])
    weight[0] = 3e38
    return {**tensors, "fc.weight": weight}


def beyond_fp32(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {**tensors, "fc.bias": torch.tensor([1e300, 0.0], dtype=torch.float64)}


@pytest.mark.parametrize("change", [overflowing, beyond_fp32])
def test_numbers_that_no_answer_can_hold(
    change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]], desk: Desk, honest: Files
) -> None:
    content = honest["model.safetensors"]
    assert isinstance(content, bytes)
    honest["model.safetensors"] = save(change(load(content)))
    outcome, said = graded(desk, honest)
    assert outcome is Outcome.FAILED and "not finite" in said[0], said


def upper(tensors: dict[str, torch.Tensor], change: Callable[[torch.Tensor], torch.Tensor]) -> bytes:
    """The head of a training, and the published upper layers with their weights changed so."""
    public = training.public().state_dict()
    moved = {
        name: change(public[name]) if "running" not in name and "num_batches" not in name else public[name]
        for name in tensors
        if name.startswith("layer4.")
    }
    return save({**{name: each for name, each in tensors.items() if name.startswith("fc.")}, **moved})


def next_number(weights: torch.Tensor) -> torch.Tensor:
    return torch.nextafter(weights, torch.full_like(weights, torch.inf))


def dust(weights: torch.Tensor) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    return weights + 1e-6 * torch.randn(weights.shape, generator=generator)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (next_number, "moved no weight below the head by more than 1 units in the last place"),
        (
            dust,
            "the log says AdamW with a rate of at least 0.002 in phase two, but no weight",
        ),
    ],
)
def test_upper_layers_that_only_look_trained(
    change: Callable[[torch.Tensor], torch.Tensor], said: str, desk: Desk, base: Trained, honest: Files
) -> None:
    """The log is that of a real training; its upper layers were thrown away."""
    honest["model.safetensors"] = upper(base.final, change)
    outcome, found = graded(desk, honest, "two_phases")
    assert outcome is Outcome.FAILED and any(said in each for each in found), found


def test_an_image_left_out_hides_no_edited_prediction(desk: Desk, base: Trained, honest: Files) -> None:
    answers = predicted(base.final)
    wrong = [place for place, (guess, _) in enumerate(answers) if guess != place % 2]
    for place in wrong[:3]:
        answers[place] = (1 - answers[place][0], answers[place][1])
    # Not committed, and not in the cache: nobody has listed this photograph before.
    hidden = training.numbers("test")[-1]
    content = training.encoded(hidden, mirrored=False, quality=89)
    honest["data/splits.csv"] = str(honest["data/splits.csv"]).replace(
        training.digest(training.jpeg(hidden)), training.digest(content)
    )
    del honest[f"data/images/{training.image_id(hidden)}.jpg"]
    outcome, said = graded(desk, honest)
    assert outcome is Outcome.INCONCLUSIVE and "1 test images are not here" in said[-1], said
    outcome, said = graded(desk, {**honest, **results(answers)})
    assert outcome is Outcome.FAILED
    assert any("3 of 99 predictions are not what the submitted network predicts" in each for each in said)


def test_one_easy_picture_many_times_over(desk: Desk, honest: Files) -> None:
    """Under other names, encoded anew: no hash and no id tells."""
    first, *others = training.numbers("test")[:6:2]
    text = str(honest["data/splits.csv"])
    for number, quality in zip(others, (80, 85), strict=True):
        content = training.encoded(first, mirrored=False, quality=quality)
        text = text.replace(training.digest(training.jpeg(number)), training.digest(content))
        honest[f"data/images/{training.image_id(number)}.jpg"] = content
    honest["data/splits.csv"] = text
    names = [f"{training.image_id(number)} (test)" for number in (first, *others)]
    found = integrity._twins(desk.submission(honest))
    assert isinstance(found, Twins) and found.absent == 0
    assert {(twin.one, twin.other) for twin in found.first} == {
        (names[0], names[1]),
        (names[0], names[2]),
        (names[1], names[2]),
    }


def test_images_that_nobody_could_compare_are_told(desk: Desk, honest: Files) -> None:
    """Training images that are kept back cannot be copies of test images, as far as anybody sees."""
    for number in training.numbers("train")[:5]:
        content = training.encoded(number, mirrored=False, quality=70)
        honest["data/splits.csv"] = str(honest["data/splits.csv"]).replace(
            training.digest(training.jpeg(number)), training.digest(content)
        )
        del honest[f"data/images/{training.image_id(number)}.jpg"]
    found = integrity._twins(desk.submission(honest))
    assert isinstance(found, Twins) and (found.absent, found.of) == (5, 220)


def test_another_source_than_the_tables_are_of_is_told(desk: Desk, honest: Files) -> None:
    listed = integrity._listed(desk.submission(honest), "somewhere")
    assert [each.message for each in integrity._judge_listed(listed)] == [
        "the tables of Open Images were not looked into: the declared source is folder"
    ]


def test_pictures_of_ones_own_do_not_become_those_of_a_data_source(desk: Desk, honest: Files) -> None:
    """Graded once as a folder's, then declared to be digits: nothing may be answered from memory."""
    assert graded(desk, honest)[0] is Outcome.PASSED
    honest["submission.toml"] = CONTRACT.replace('"folder"', '"digits"')
    outcome, said = graded(desk, honest)
    assert outcome is Outcome.INCONCLUSIVE and "none of these 100 images can be had" in said[-1], said


def test_a_checkpoint_among_the_images_is_no_known_one(desk: Desk, base: Trained, honest: Files) -> None:
    """What a network said about images is kept, but not for the network that takes its place."""
    path = "data/images/model.safetensors"
    honest["submission.toml"] = f'{CONTRACT}checkpoint = "{path}"\n'
    flipped = {name: -each if "fc." in name else each for name, each in base.final.items()}
    tallies = []
    for tensors in (base.final, flipped):
        honest[path] = save(tensors)
        submission = desk.submission(honest)
        tallies += holdout.tallies(submission, partial(holdout.validation, submission))
    good, bad = tallies
    assert good.total == bad.total == 40 and good.right + bad.right == 40, tallies


def test_more_test_images_than_a_class_can_wait_for(desk: Desk, honest: Files) -> None:
    listed = "".join(f"i{number},along,test,{number:064x}\n" for number in range(10_001))
    honest["data/splits.csv"] = f"image_id,label,split,sha256\n{listed}"
    assert graded(desk, honest) == (
        Outcome.FAILED,
        ["data/splits.csv lists 10,001 test images, at most 10,000 are evaluated"],
    )


def test_an_answer_that_cannot_be_read_costs_no_other_answer() -> None:
    gap = [lambda: Change("a", False, False, float("inf")), lambda: Change("b", False, False, 1.0)]
    assert [each and each.name for each in children.answers(gap, Change, 2)] == [None, "b"]
