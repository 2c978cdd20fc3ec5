"""The check `training_log`: the declared log of a contract, and whatever a free-form repository holds."""

# ruff: noqa: E501 - the lines of a log are as long as they are

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from grader.checks.training_log import TrainingLog
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding
from grader.submission import Submission
from tests.conftest import CONTRACT, Folder, Make

LOG = "logs/train.jsonl"
HEAD = {
    "event": "run", "seed": 1, "device": "cpu", "backbone": "resnet18",
    "planned": {"head": 2, "upper": 3}, "images": {"train": 800, "val": 200},
}  # fmt: skip


def epoch(phase: str, number: int, accuracy: float = 0.9, **other: Any) -> dict[str, Any]:
    of, trainable = {"head": (2, 1026), "upper": (3, 8_394_754)}[phase]
    return {
        "event": "epoch", "phase": phase, "epoch": number, "epochs": of, "train_loss": 0.5, "train_accuracy": 0.8,
        "val_loss": 0.4, "val_accuracy": accuracy, "learning_rate": 0.001, "trainable_parameters": trainable,
    } | other  # fmt: skip


EPOCHS = [epoch("head", 1), epoch("head", 2), epoch("upper", 1), epoch("upper", 2), epoch("upper", 3, 0.965)]
END = {"event": "end", "val_accuracy": 0.965, "seconds": 60.0}


def findings(
    submit: Make, events: Iterable[dict[str, Any]], accuracy: float = 0.965, **files: str
) -> list[Finding]:
    results = json.dumps({"test_accuracy": accuracy, "test_images": 200, "seconds": 1.0})
    log = "".join(json.dumps(event) + "\n" for event in events)
    everything = {"submission.toml": CONTRACT, LOG: log, "results.json": results, **files}
    check = TrainingLog()
    return list(check.judge(check.collect(submit(everything))))


def errors(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.message, finding.where) for finding in found if finding.level == "error"]


def test_a_whole_log_passes_without_a_word(submit: Make) -> None:
    assert findings(submit, [HEAD, *EPOCHS, END]) == []


def test_a_log_that_is_cut_within_a_phase_names_what_is_missing(submit: Make) -> None:
    assert errors(findings(submit, [HEAD, *EPOCHS[:3]])) == [
        ("the phase upper shows 1 of 3 planned epochs: 2, 3 are missing", f"{LOG}:4")
    ]


def test_a_log_that_is_cut_between_the_phases_names_the_phase(submit: Make) -> None:
    assert errors(findings(submit, [HEAD, *EPOCHS[:2]])) == [
        ("the log ends here: the phase upper with its 3 planned epochs is missing", f"{LOG}:3")
    ]


def test_a_line_taken_out_of_the_middle_is_missed_even_before_an_end(submit: Make) -> None:
    assert errors(findings(submit, [HEAD, *EPOCHS[:3], EPOCHS[4], END])) == [
        ("the phase upper shows 2 of 3 planned epochs: 2 is missing", f"{LOG}:5")
    ]


def test_upper_layers_before_the_head(submit: Make) -> None:
    found = errors(findings(submit, [HEAD, *EPOCHS[2:], *EPOCHS[:2], END]))
    assert found == [("the phase upper stands before the phase head, expected after it", f"{LOG}:6")]


def test_a_training_that_was_appended_counts_alone(submit: Make) -> None:
    assert findings(submit, [HEAD, *EPOCHS[:2], HEAD, *EPOCHS, END]) == []
    again = errors(findings(submit, [HEAD, *EPOCHS, END, HEAD, *EPOCHS[:1]]))
    assert [message for message, _ in again] == [
        "the phase upper stands before the phase head, expected after it",
        "the phase head shows 1 of 2 planned epochs: 2 is missing",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_no_number(submit: Make, value: float) -> None:
    events = [HEAD, *EPOCHS[:4], epoch("upper", 3, 0.965, train_loss=value), END]
    assert errors(findings(submit, events)) == [("a logged value is not a finite number", f"{LOG}:6")]


def test_a_second_phase_that_trains_no_more_than_the_first(submit: Make) -> None:
    upper = [epoch("upper", number, 0.965, trainable_parameters=1026) for number in (1, 2, 3)]
    assert errors(findings(submit, [HEAD, *EPOCHS[:2], *upper, END])) == [
        ("the phase upper trains 1,026 parameters, no more than the 1,026 of the phase head", f"{LOG}:4")
    ]


def test_a_small_inflation_is_left_to_the_accuracys_own_check(submit: Make) -> None:
    assert findings(submit, [HEAD, *EPOCHS, END], accuracy=0.995) == []


def test_a_claim_that_the_validation_rules_out(submit: Make) -> None:
    weak = [epoch("upper", number, 0.8) for number in (1, 2, 3)]
    ((message, where),) = errors(findings(submit, [HEAD, *EPOCHS[:2], *weak, END], accuracy=0.975))
    assert message.startswith(
        "the claimed test accuracy 0.9750 (195 of 200) does not fit the logged validation accuracy 0.8000 of 200"
    )
    assert where == f"{LOG}:6"


def test_the_best_network_may_be_the_one_that_was_evaluated(submit: Make) -> None:
    events = [HEAD, *EPOCHS[:3], epoch("upper", 2, 0.975), epoch("upper", 3, 0.8), END]
    assert findings(submit, events, accuracy=0.975) == []


def test_a_missing_log_is_the_students_trouble(submit: Make) -> None:
    with pytest.raises(SubmissionError, match=r"logs/train\.jsonl is not in the commit") as trouble:
        TrainingLog().collect(submit({"submission.toml": CONTRACT}))
    assert trouble.value.missing


def test_a_broken_contract_is_not_taken_for_none(submit: Make) -> None:
    with pytest.raises(SubmissionError):
        TrainingLog().collect(submit({"submission.toml": "schema = "}))


def test_an_empty_log(submit: Make) -> None:
    assert errors(findings(submit, [])) == [(f"{LOG}: no epoch of a training can be read", LOG)]


def test_another_grammar_than_the_starters(submit: Make) -> None:
    log = "".join(
        f"Phase {phase}\n" + "".join(
            f"Epoch {i}/2 train loss: 0.5 val loss: 0.4 train acc: 0.9{phase} val acc: 0.9{i}\n" for i in (1, 2)
        )
        for phase in (1, 2)
    )  # fmt: skip
    assert findings(submit, [], **{LOG: log}) == []


def test_one_run_without_phases_cannot_be_decided(submit: Make) -> None:
    with pytest.raises(NotMeasured, match="one run without names of phases"):
        findings(submit, [], **{LOG: "Epoch 1/1 train loss: 0.5 val acc: 0.9\n"})


def freeform(submit: Make, **files: str) -> list[Finding]:
    check = TrainingLog()
    measured = check.collect(submit({name.replace("__", "."): text for name, text in files.items()}))
    return list(check.judge(measured))


BAR = "25/25 [==============================] - 9s - loss: 0.5 - accuracy: 0.8 - val_loss: 0.4 - val_accuracy: 0.91\n"


def test_free_form_finds_the_log_in_a_notebook(submit: Make) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["Epoch 1/1\n", BAR]}
    cell = {"cell_type": "code", "source": "fit()", "outputs": [output], "execution_count": None}
    (found,) = freeform(submit, train__ipynb=json.dumps({"nbformat": 4, "cells": [cell]}))
    assert (found.level, found.message, found.where) == (
        "note", "1 of 1 epochs, validation accuracy 0.91", "train.ipynb#c0",
    )  # fmt: skip


def test_free_form_says_where_a_log_was_cut(submit: Make) -> None:
    (found,) = freeform(
        submit, out__txt="Epoch 1/2\n" + BAR + "Epoch 2/2\n" + BAR.replace("25/25 [", "20/25 [")
    )
    assert (found.level, found.message, found.where) == (
        "warning", "1 of 2 epochs, validation accuracy 0.91: the log ends in the middle", "out.txt:4",
    )  # fmt: skip


def test_free_form_without_any_log(submit: Make) -> None:
    assert errors(freeform(submit, README__md="# Cats\n", notes__txt="nothing\n")) == [
        ("none of the 2 files and notebooks looked into shows an epoch", "")
    ]


def test_free_form_logged_elsewhere(submit: Make) -> None:
    files = {"train__py": "import wandb\nwandb.init()\n", "loss_curve__png": "x"}
    assert errors(freeform(submit, **files)) == [
        (
            "no epoch is logged as text; what may show the training: a picture (loss_curve.png), a dashboard (wandb, imported in train.py)",
            "",
        )
    ]


def test_free_form_with_an_unreadable_notebook_cannot_be_decided(submit: Make) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    with pytest.raises(NotMeasured, match=r"train\.ipynb is a Git LFS pointer"):
        freeform(submit, train__ipynb=pointer)


def test_a_readme_that_contradicts_itself_is_a_warning(submit: Make) -> None:
    found = freeform(
        submit, README__md="Test accuracy: 0.9933\n\nTest accuracy: 0.50\n", run__log="Epoch 1/1\n" + BAR
    )
    assert [(f.level, f.message, f.where) for f in found][0] == (
        "warning", "the accuracy is 0.9933 at README.md:1, but 0.50 here", "README.md:3",
    )  # fmt: skip
    assert errors(found) == []


@pytest.mark.parametrize(("claim", "impossible"), [("0.9750", False), ("0.9733", True)])
def test_a_claim_is_a_whole_number_of_the_test_images(submit: Make, claim: str, impossible: bool) -> None:
    """195 of 200 test images are 0.9750; 0.9733 would be 194.66 of them."""
    output = {"output_type": "stream", "name": "stdout", "text": "Found 200 images belonging to 2 classes.\n"}
    cell = {"cell_type": "code", "source": "test = g.flow_from_directory('d/test')", "outputs": [output]}
    book = json.dumps({"nbformat": 4, "cells": [cell]})
    found = freeform(
        submit, README__md=f"Test accuracy: {claim}\n", a__ipynb=book, run__log="Epoch 1/1\n" + BAR
    )
    told = [each.message for each in found if each.level == "warning"]
    assert told == [f"the accuracy {claim} is no whole number of 200 images"] * impossible


def test_evidence_survives_the_way_through_a_file(submit: Make) -> None:
    check = TrainingLog()
    log = "".join(json.dumps(event) + "\n" for event in [HEAD, *EPOCHS, END])
    collected = check.collect(submit({"submission.toml": CONTRACT, LOG: log}))
    assert msgspec.json.decode(msgspec.json.encode(collected), type=type(collected)) == collected


def test_a_readme_that_states_another_accuracy_than_the_evaluation(submit: Make) -> None:
    readme = "Test accuracy: 0.96\n\nIn the end the accuracy is 0.93.\n"
    found = findings(submit, [HEAD, *EPOCHS, END], 0.965, **{"README.md": readme})
    assert [(f.level, f.message, f.where) for f in found] == [
        ("note", "the accuracy 0.93 is stated without the images it was measured on", "README.md:3"),
    ]  # fmt: skip
    other = findings(submit, [HEAD, *EPOCHS, END], 0.965, **{"README.md": "Test accuracy: 0.98"})
    assert [(f.level, f.message) for f in other] == [
        ("warning", "the test accuracy 0.98 is none of those that were measured")
    ]


class Lacking(Folder):
    """A source that lists a file and does not have it, as a snapshot without its large files."""

    def sizes(self) -> dict[str, int]:
        return dict.fromkeys(super().sizes(), -1)

    def read(self, path: str) -> bytes:
        raise NotMeasured(f"the content of {path} is not in the repository that was fetched")


def test_content_that_the_source_lacks_cannot_be_decided(submit: Make) -> None:
    empty = submit({})
    submission = Submission(
        Lacking({"train.ipynb": "{}", "README.md": "x"}), empty.timeline, "", empty.surroundings
    )
    check = TrainingLog()
    with pytest.raises(NotMeasured, match=r"the content of train\.ipynb is not in the repository"):
        list(check.judge(check.collect(submission)))


def test_a_validation_accuracy_that_its_images_cannot_give(submit: Make) -> None:
    (found,) = findings(submit, [HEAD, *EPOCHS[:4], epoch("upper", 3, 0.967), END])
    assert (found.level, found.where) == ("warning", f"{LOG}:6")
    assert found.message == "the validation accuracy 0.967 is no whole number of the log's 200 images"


@pytest.mark.parametrize("images", [0, -5, 10**12])
def test_a_claim_on_an_impossible_number_of_images_is_left_to_others(submit: Make, images: int) -> None:
    results = json.dumps({"test_accuracy": 0.5, "test_images": images})
    assert findings(submit, [HEAD, *EPOCHS, END], **{"results.json": results}) == []


def test_files_that_were_not_looked_into_are_told(submit: Make) -> None:
    """Any of the others could be the log."""
    files = {f"train_{number}.txt": "loss 0.5" for number in range(403)}
    with pytest.raises(NotMeasured, match="3 files beyond the first 400 that may be logs"):
        check = TrainingLog()
        list(check.judge(check.collect(submit(files))))
