"""Accuracies stated in texts: where, of which split, and whether they fit together."""

from textwrap import dedent

import pytest

from grader.reading import logs
from grader.reading.logs import claims


def stated(text: str) -> list[tuple[str, str, str]]:
    return [
        (claim.where, claim.value.split, claim.value.printed)
        for claim in logs.in_text("README.md", dedent(text).lstrip("\n"))
    ]


@pytest.mark.parametrize(
    ("line", "split", "printed"),
    [
        ("Test accuracy: 0.9750", "test", "0.9750"),
        ("- **Test accuracy**: `97.5%`", "test", "97.5"),
        ("The network reaches an accuracy of 97.5 % on the test set.", "test", "97.5"),
        ("We achieved 97.5% accuracy on 200 test images.", "test", "97.5"),
        ("It has a 97.5% test accuracy", "test", "97.5"),
        ("Accuracy of the network on the 10000 test images: 55 %", "test", "55"),
        ("Final validation accuracy = 0.865", "val", "0.865"),
        ("Accuracy: 93%", "", "93"),
    ],
)
def test_prose(line: str, split: str, printed: str) -> None:
    assert stated(line) == [("README.md:1", split, printed)]


@pytest.mark.parametrize(
    "line",
    [
        "Test loss: 0.25",
        "Balanced accuracy: 0.9",
        "F1: 0.93",
        "accuracy_comparison.png",
        "about 98-99% of it",
    ],
)
def test_what_states_no_accuracy(line: str) -> None:
    assert stated(line) == []


TABLE = """
    | Model | Validation Accuracy | Test Accuracy | Time |
    |-------|--------------------:|--------------:|------|
    | plain | 0.7030 | 0.7289 | 4 min |
    | tuned | 0.9400 | **0.9409** | 95 min |
    """


def test_a_table_names_its_models_so_different_values_are_no_contradiction() -> None:
    found = logs.in_text("README.md", dedent(TABLE).lstrip("\n"))
    assert [(c.where, c.subject, c.value.split, c.value.printed) for c in found] == [
        ("README.md:3", "plain", "val", "0.7030"), ("README.md:3", "plain", "test", "0.7289"),
        ("README.md:4", "tuned", "val", "0.9400"), ("README.md:4", "tuned", "test", "0.9409"),
    ]  # fmt: skip
    assert list(claims.contradictions(found)) == []


def test_a_pasted_report_contradicts_the_headline() -> None:
    found = logs.in_text(
        "README.md",
        dedent("""
        76/76 ━━━━━━━━━━━━━━━━━━━━ 3s 41ms/step - accuracy: 0.9941 - loss: 0.0194
        Test Accuracy: 0.9933

                      precision    recall  f1-score   support
                cats       0.50      1.00      0.67       601
            accuracy                           0.50      1203
        """).lstrip("\n"),
    )
    ((first, second),) = claims.contradictions(found)
    assert (first.where, second.where) == ("README.md:2", "README.md:6")
    assert list(claims.impossible(found, {"test": 1203})) == []  # 1195/1203 = 0.99335


def test_an_accuracy_that_no_number_of_images_gives() -> None:
    found = logs.in_text(
        "README.md", "Test accuracy: 0.973\nValidation accuracy: 0.97\n97.3% accuracy on 200 test images"
    )
    assert [(claim.where, n) for claim, n in claims.impossible(found, {"test": 200})] == [
        ("README.md:1", 200), ("README.md:3", 200),
    ]  # fmt: skip


def test_truncated_claims_are_supported_by_what_was_measured() -> None:
    bar = "50/50 [==============================] - 2s - loss: 0.2166 - acc: 0.9410\n"
    measured = claims.in_logs(logs.read("run.log", (bar + "Test accuracy: 0.9409999847\n").encode()))
    found = logs.in_text("README.md", "Test accuracy: 0.9409\nTest accuracy: 0.9500\n")
    assert [claim.where for claim in claims.unsupported(found, measured)] == ["README.md:2"]


def test_a_claim_knows_its_section() -> None:
    """Two networks, each under its own heading."""
    text = "# Cats\nTest accuracy: 0.99\n\n## CIFAR\nTest accuracy: 0.85\n"
    assert [claim.section for claim in logs.in_text("README.md", text)] == ["# Cats", "## CIFAR"]


@pytest.mark.parametrize(
    ("line", "images"),
    [
        ("an accuracy of 86 % on 4,998 test samples", 4998),
        ("an accuracy of 86 % on 998 test samples", 998),
        ("an accuracy of 86 %, and 1,2 pictures", None),
    ],
)
def test_thousands_are_written_with_commas(line: str, images: int | None) -> None:
    assert [claim.images for claim in logs.in_text("README.md", line)] == [images]


def test_a_model_is_named_before_the_split() -> None:
    found = logs.in_text("README.md", "From Feature Extractor Cell Images Model Test accuracy: 0.965")
    assert [(claim.value.split, claim.value.printed) for claim in found] == [("test", "0.965")]
