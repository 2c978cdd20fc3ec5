"""The check `splits`: counts, balance, and images that stand twice."""

from collections.abc import Iterable

import pytest

from grader.checks.splits import SplitCounts, Splits
from tests.conftest import CONTRACT, Make

SMALL = Splits(train=2, val=1, test=1)
RIGHT = [
    *(("d1", "Dog", "train"), ("d2", "Dog", "train"), ("d3", "Dog", "val"), ("d4", "Dog", "test")),
    *(
        ("c1", "Coffee", "train"),
        ("c2", "Coffee", "train"),
        ("c3", "Coffee", "val"),
        ("c4", "Coffee", "test"),
    ),
]


def measured(
    submit: Make, rows: Iterable[tuple[str, str, str]], hashes: dict[str, str] | None = None
) -> SplitCounts:
    lines = [f"{name},{label},{split},{(hashes or {}).get(name, name)}" for name, label, split in rows]
    table = "\n".join(["image_id,label,split,sha256", *lines]) + "\n"
    return SMALL.collect(submit({"submission.toml": CONTRACT, "data/splits.csv": table}))


def messages(counts: SplitCounts) -> list[str]:
    return [finding.message for finding in SMALL.judge(counts) if finding.level == "error"]


def test_the_right_numbers_pass(submit: Make) -> None:
    counts = measured(submit, RIGHT)
    assert counts.counts == {
        "Coffee": {"train": 2, "val": 1, "test": 1},
        "Dog": {"train": 2, "val": 1, "test": 1},
    }
    assert messages(counts) == []


def test_one_image_too_few_names_class_and_split(submit: Make) -> None:
    assert messages(measured(submit, [row for row in RIGHT if row[0] != "d4"])) == [
        "data/splits.csv: Dog: 0 test images, expected 1"
    ]


def test_an_image_in_two_splits_names_both_lines(submit: Make) -> None:
    # C4 on the last line is c4 of line 9 in other letters; the test count of Coffee stays right.
    rows = [row for row in RIGHT if row[0] != "c1"] + [("C4", "Coffee", "train")]
    assert messages(measured(submit, rows)) == ["the image C4 stands in test and in train (lines 8 and 9)"]


def test_the_same_bytes_under_another_name_are_the_same_image(submit: Make) -> None:
    assert messages(measured(submit, RIGHT, {"d1": "same", "c4": "same"})) == [
        "the image c4 stands in train and in test (lines 2 and 9)"
    ]


def test_absent_hashes_are_not_equal_hashes(submit: Make) -> None:
    assert messages(measured(submit, RIGHT, {name: "" for name, *_ in RIGHT})) == []


def test_a_label_that_nobody_declared(submit: Make) -> None:
    rows = [*RIGHT, ("x1", "Cat", "train")]
    assert messages(measured(submit, rows)) == [
        "data/splits.csv has labels that submission.toml does not declare: Cat"
    ]


@pytest.mark.parametrize(("tolerance", "expected"), [(0, 1), (1, 0)])
def test_the_tolerance_is_a_setting(submit: Make, tolerance: int, expected: int) -> None:
    check = Splits(train=2, val=1, test=2, tolerance=tolerance)
    counts = measured(submit, [*RIGHT, ("c5", "Coffee", "test")])
    assert len(list(check.judge(counts))) == expected
