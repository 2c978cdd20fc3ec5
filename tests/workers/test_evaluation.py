"""The whole way: a submission, the real sandbox, the real worker, and the checks on what it measured.

What an edit of the homework changes is looked at with the worker in the test's own process.
"""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import save

from grader.checks.accuracy import Accuracy
from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding
from grader.running import evaluation
from tests.workers.conftest import Homework, prepared


def judged(check: Any, homework: Homework, folder: Path, **edits: bytes) -> list[Finding]:
    return list(check.judge(check.collect(homework.submission(folder, **edits))))


def errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level == "error"]


HERE = pytest.mark.usefixtures("workers_here")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the tests of the unchanged homework: it is evaluated once."""
    return tmp_path_factory.mktemp("kept")


def test_predictions_equal_those_of_a_plain_loop(homework: Homework, kept: Path) -> None:
    submission, steps = homework.submission(kept), []
    submission.surroundings = replace(submission.surroundings, progress=lambda *step: steps.append(step))
    found = evaluation.run(submission)
    assert ("fetching images", "24 of 24") in steps
    assert steps[-3:] == [("predicting images", f"{done} of 24") for done in (8, 16, 24)]

    images = torch.stack([prepared(content) for content in homework.pictures.values()])
    for checkpoint, tensors in (
        (found.final, {**homework.head, **homework.upper}),
        (found.phase_one, homework.head),
    ):
        with torch.no_grad():
            logits = homework.network(tensors)(images)
        first, second = logits.topk(2).values.T
        predicted = found.predicted(checkpoint)
        assert list(predicted) == list(homework.pictures)
        assert [each.predicted for each in predicted.values()] == logits.argmax(1).tolist()
        margins = torch.tensor([each.margin for each in predicted.values()])
        assert torch.allclose(margins, first - second, atol=1e-4)
        probabilities = torch.tensor([each.probability for each in predicted.values()])
        assert torch.allclose(probabilities, logits.softmax(1).amax(1), atol=1e-5)


def test_changed_tensors_are_told_apart(homework: Homework, kept: Path) -> None:
    found = evaluation.run(homework.submission(kept))
    assert {change.name for change in found.phase_one.examined.changed} == {"fc.weight", "fc.bias"}
    final = {change.name: change for change in found.final.examined.changed}
    assert final.keys() == {"fc.weight", "fc.bias", *homework.upper}
    name = next(iter(homework.upper))
    largest = float((homework.upper[name] - homework.pretrained[name]).abs().max())
    assert final[name].largest == pytest.approx(largest)
    assert not final[name].head and final["fc.bias"].head


def no_process(*_: object, **__: object) -> None:
    raise AssertionError("a process was started, though the answer is kept")


def test_an_honest_homework_passes_and_checking_it_again_starts_no_process(
    homework: Homework, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in (Accuracy(), TwoPhases()):
        assert errors(judged(check, homework, kept)) == []

    monkeypatch.setattr(subprocess, "Popen", no_process)
    (accuracy, _) = judged(Accuracy(), homework, kept)
    # The interval of 24 of 24 by hand: 1 / (1 + 1.96**2 / 24) = 0.862
    assert "24/24 = 1.0000 (95 % interval 0.862 to 1.000)" in accuracy.message


@HERE
def test_tensors_tell_about_the_phases_what_the_accuracy_does_not(homework: Homework, tmp_path: Path) -> None:
    lower = homework.pretrained["layer1.0.conv1.weight"].clone()
    lower[0, 0, 0, 0] += 1e-4
    edits = {
        "model_dot_safetensors": save({**homework.head, **homework.upper, "layer1.0.conv1.weight": lower}),
        "head_dot_safetensors": save({name: torch.zeros_like(each) for name, each in homework.head.items()}),
    }
    assert errors(judged(Accuracy(), homework, tmp_path, **edits)) == []
    changed, untrained = errors(judged(TwoPhases(), homework, tmp_path, **edits))
    assert changed.message == "layer1.0.conv1.weight (largest change 0.0001) below the upper layers changed"
    assert changed.where == "model.safetensors"
    assert untrained.message == "the head was never trained in phase one: all its values are 0"
    assert untrained.where == "head.safetensors"


@HERE
def test_a_refused_checkpoint_is_the_students_trouble(homework: Homework, tmp_path: Path) -> None:
    submission = homework.submission(
        tmp_path,
        model_dot_safetensors=homework.files["model.safetensors"][:-50],
        head_dot_safetensors=b"\x80\x02 and so on",
    )
    found = evaluation.run(submission)
    with pytest.raises(SubmissionError, match=r"^model.safetensors is not a whole safetensors file"):
        found.final.usable()
    with pytest.raises(SubmissionError, match=r"^head.safetensors is a pickle"):
        found.phase_one.usable()


@HERE
def test_without_the_head_the_accuracy_is_still_reproduced(homework: Homework, tmp_path: Path) -> None:
    submission = homework.submission(tmp_path)
    del submission._files._files["head.safetensors"]  # type: ignore[attr-defined]
    submission._sizes.pop("head.safetensors")
    assert errors(list(Accuracy().judge(Accuracy().collect(submission)))) == []
    with pytest.raises(SubmissionError) as trouble:
        TwoPhases().collect(submission)
    assert trouble.value.missing and trouble.value.where == "head.safetensors"


@HERE
def test_a_picture_with_another_content_is_named(homework: Homework, tmp_path: Path) -> None:
    (found,) = errors(
        judged(Accuracy(), homework, tmp_path, **{"data__images__picture-003_dot_png": b"other bytes"})
    )
    assert found.message == "picture-003 has another sha256 in the data source"
    assert found.where == "data/splits.csv:5"


def test_what_cannot_be_built_here_is_nobodys_fault(homework: Homework, tmp_path: Path) -> None:
    contract = homework.files["submission.toml"].decode()
    for edited, reason in (
        (contract.replace('library = "timm"', 'library = "tfhub"'), "networks of tfhub are not built here"),
        (contract.replace("test_resnet", "test_resnets"), "timm has no pretrained backbone"),
    ):
        with pytest.raises(NotMeasured, match=reason):
            evaluation.run(homework.submission(tmp_path, submission_dot_toml=edited.encode()))
