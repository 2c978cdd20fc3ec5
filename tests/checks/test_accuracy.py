"""The check `accuracy`: the rule on evidence made by hand."""

import json

import msgspec
import pytest
from msgspec.structs import replace

from grader.checks.accuracy import Accuracy
from grader.checks.accuracy_measured import AccuracyMeasured, Evaluated, Image, Place
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Unmeasured
from tests.conftest import CONTRACT, Make


def image(number: int, predicted: str, reproduced: str, margin: float = 3.0) -> Image:
    """Every image is a Dog; the lines of predictions.csv count from 2."""
    return Image(f"i{number}", "Dog", "Dog", predicted, number + 2, reproduced, margin)


def evidence(wrong: int = 5, flips: tuple[float, ...] = (), total: int = 200) -> AccuracyMeasured:
    """`wrong` images are Cats for both sides; the flips are Dogs for the student only, with these margins."""
    both_wrong = [image(number, "Cat", "Cat") for number in range(wrong)]
    flipped = [image(wrong + number, "Dog", "Cat", margin) for number, margin in enumerate(flips)]
    right = [image(number, "Dog", "Dog") for number in range(wrong + len(flips), total)]
    return AccuracyMeasured(
        predictions="predictions.csv",
        summary="results.json",
        splits="data/splits.csv",
        claimed=(total - wrong) / total,
        claimed_images=total,
        images=(*both_wrong, *flipped, *right),
        source="openimages",
        evaluated=Evaluated("images prepared as timm says, fp32, on cpu"),
    )


def errors(measured: AccuracyMeasured, check: Accuracy | None = None) -> list[tuple[str, str]]:
    return [(each.message, each.where) for each in findings(measured, check) if each.level == "error"]


def findings(measured: AccuracyMeasured, check: Accuracy | None = None) -> list[Finding]:
    return list((check or Accuracy()).judge(measured))


def test_a_pass_says_the_reproduced_accuracy_with_its_interval() -> None:
    first, second = findings(evidence())
    # 195 of 200 by E. B. Wilson's formula: 0.9428 to 0.9893
    assert first.message == (
        "reproduced test accuracy: 195/200 = 0.9750 (95 % interval 0.943 to 0.989);"
        " images prepared as timm says, fp32, on cpu"
    )
    assert second.message == "0 of 200 predictions differ; at most 2 may, each with a logit margin up to 0.1"


@pytest.mark.parametrize(
    ("flips", "passes"),
    [((), True), ((0.05,), True), ((0.05, 0.0999), True), ((0.05, 0.05, 0.05), False), ((0.11,), False),
     ((3.0,), False), ((0.0, 0.2), False)],
)  # fmt: skip
def test_two_of_two_hundred_may_differ_within_the_margin(flips: tuple[float, ...], passes: bool) -> None:
    assert (errors(evidence(flips=flips)) == []) is passes


def test_every_number_that_decides_is_told() -> None:
    found = findings(evidence(flips=(0.05, 0.5, 3.0)))
    assert found[0].message.startswith("reproduced test accuracy: 192/200 = 0.9600")
    assert (found[1].level, found[1].message, found[1].where) == (
        "error",
        "3 of 200 predictions are not what the submitted network predicts; at most 2 may differ,"
        " each with a logit margin up to 0.1: 2 exceed it",
        "predictions.csv:8",
    )
    assert found[2].message == ("i6: predictions.csv says Dog, reproduced is Cat with a logit margin of 0.5")


def test_the_settings_are_the_rule() -> None:
    assert errors(evidence(flips=(0.4, 0.4)), Accuracy(margin=0.5)) == []
    assert errors(evidence(flips=(0.05,)), Accuracy(disagreements=0.0))
    assert errors(evidence(flips=(0.05,), total=99)), "1 % of 99 images is none"


def test_declared_half_precision_widens_the_margin_only() -> None:
    assert errors(evidence(flips=(0.4, 0.4))) != []
    assert errors(replace(evidence(flips=(0.4, 0.4)), mixed=True)) == []
    assert errors(replace(evidence(flips=(0.4, 0.4, 0.4)), mixed=True)) != []
    assert errors(replace(evidence(flips=(0.6,)), mixed=True)) != []


def test_where_the_way_of_resizing_is_untold_nobody_is_accused() -> None:
    unstated = replace(evidence(flips=(3.0,)), unstated="the log does not say it")
    with pytest.raises(NotMeasured, match="1 of 200 predictions differ, but the log does not say it"):
        findings(unstated)
    with pytest.raises(NotMeasured, match="0.0350 apart, but the log does not say it"):
        findings(replace(only_a_number(0.94), unstated="the log does not say it"))
    assert errors(replace(evidence(), unstated="the log does not say it")) == []


@pytest.mark.parametrize(
    ("claimed", "passes"),
    [(0.975, True), (0.9750001, False), (0.9749, False), (0.97, False), (1.005, False), (0.945, False)],
)
def test_the_claim_is_the_accuracy_of_the_predictions(claimed: float, passes: bool) -> None:
    assert (errors(replace(evidence(), claimed=claimed)) == []) is passes


def test_a_claim_may_be_rounded_to_three_digits_or_more() -> None:
    two_thirds = replace(evidence(wrong=2, total=6), claimed=0.667)
    assert errors(two_thirds) == []
    assert errors(replace(two_thirds, claimed=0.66667)) == []
    assert errors(replace(two_thirds, claimed=0.6666)) != []
    assert errors(replace(two_thirds, claimed=0.67)) != []


def test_an_inflated_claim_is_told_with_both_numbers() -> None:
    assert errors(replace(evidence(), claimed=1.0)) == [
        ("results.json claims 1.0, but predictions.csv has 195/200 = 0.9750 (95 % interval 0.943 to 0.989)",
         "results.json")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message", "where"),
    [
        ({"claimed_images": 199}, "results.json says 199 test images, data/splits.csv lists 200",
         "results.json"),
        ({"foreign": (Place("x", 9),)}, "x is no test image, or stands here twice (1 such lines)",
         "predictions.csv:9"),
        ({"missing": (Place("x", 9), Place("y", 10))},
         "x is not in the data source (2 such test images)", "data/splits.csv:9"),
        ({"different": (Place("x", 9),)}, "x has another sha256 in the data source", "data/splits.csv:9"),
        ({"unreadable": (Place("x", 9),)}, "x is no JPEG, PNG, WebP or BMP picture", "data/splits.csv:9"),
    ],
)  # fmt: skip
def test_what_does_not_belong_together(changes: dict[str, object], message: str, where: str) -> None:
    assert errors(replace(evidence(), **changes)) == [(message, where)]


def test_an_image_without_a_prediction_and_one_with_another_label() -> None:
    measured = evidence(wrong=0)
    bare = Image("i0", "Dog", reproduced="Dog")
    assert (f"1 test images have no prediction: {bare.image_id}", "predictions.csv") in errors(
        replace(measured, images=(bare, *measured.images[1:]))
    )
    relabelled = replace(measured.images[0], stated_label="Cat")
    assert errors(replace(measured, images=(relabelled, *measured.images[1:]))) == [
        ("i0 is labelled Cat, data/splits.csv says Dog", "predictions.csv:2")
    ]


def test_without_torch_nothing_is_passed_and_a_wrong_claim_still_fails() -> None:
    bare = replace(evidence(), evaluated=Unmeasured("torch is not installed here", "pip install"))
    with pytest.raises(NotMeasured, match="^not reproduced: torch is not installed here$"):
        findings(bare)
    judging = Accuracy().judge(replace(bare, claimed=1.0))
    assert next(judging).level == "error"
    with pytest.raises(NotMeasured):
        next(judging)


def test_an_empty_prediction_is_none_even_where_the_label_is_empty_too() -> None:
    """It would count as right, and be compared with nothing."""
    measured = evidence(wrong=0)
    bare = Image("i0", label="", stated_label="", predicted="", line=2, reproduced="Cat", margin=3.0)
    assert ("1 test images have no prediction: i0", "predictions.csv") in errors(
        replace(measured, images=(bare, *measured.images[1:]))
    )


def test_missing_photographs_of_ones_own_are_nobodys_fault() -> None:
    with pytest.raises(NotMeasured, match="1 test images are not here, such as x"):
        findings(replace(evidence(), source="folder", missing=(Place("x", 9),)))


def only_a_number(claimed: float) -> AccuracyMeasured:
    """Reproduced is 195/200 = 0.975, and there is no predictions.csv."""
    bare = tuple(replace(each, line=0, predicted="", stated_label="") for each in evidence().images)
    return replace(evidence(), predictions="", claimed=claimed, images=bare)


@pytest.mark.parametrize("claimed", [0.975, 0.965, 0.985])
def test_a_number_alone_passes_within_a_point(claimed: float) -> None:
    assert errors(only_a_number(claimed)) == []


@pytest.mark.parametrize("claimed", [0.964, 0.99, 0.945])
def test_a_number_alone_is_undecided_to_three_points(claimed: float) -> None:
    with pytest.raises(NotMeasured, match="0.9750: .* apart, at most 0.01 passes, above 0.03 fails"):
        findings(only_a_number(claimed))


def test_a_number_alone_fails_beyond() -> None:
    assert errors(only_a_number(0.94)) == [
        ("claimed 0.9400, reproduced 0.9750: 0.0350 apart, at most 0.01 passes", "results.json")
    ]


TABLES = {
    "submission.toml": CONTRACT.replace("torchvision", "tfhub"),  # is not built, so nothing is evaluated
    "data/splits.csv": "image_id,label,split,sha256\na,Dog,test,0\nb,Coffee,test,1\nc,Dog,train,2\n",
    "predictions.csv": "image_id,label,predicted,score\na,Dog,Dog,0.9\nb,Coffee,Dog,0.8\nb,Coffee,Dog,0.8\n",
    "results.json": json.dumps({"test_accuracy": 0.5, "test_images": 2, "more": []}),
    "model.safetensors": b"",
}


def test_collect_joins_the_tables_and_survives_as_json(submit: Make) -> None:
    measured = Accuracy().collect(submit(TABLES))
    assert measured.images == (Image("a", "Dog", "Dog", "Dog", 2), Image("b", "Coffee", "Coffee", "Dog", 3))
    assert measured.foreign == (Place("b", 4),)
    assert measured.evaluated == Unmeasured(
        "networks of tfhub are not built here, but of torchvision, timm and keras"
    )
    assert Accuracy.restore(json.loads(msgspec.json.encode(measured))) == measured


def test_collect_without_predictions_and_without_a_claim(submit: Make) -> None:
    files = {path: content for path, content in TABLES.items() if path != "predictions.csv"}
    assert Accuracy().collect(submit(files)).predictions == ""
    with pytest.raises(SubmissionError) as trouble:
        Accuracy().collect(submit({**TABLES, "results.json": b"{}"}))
    assert trouble.value.where == "results.json"
