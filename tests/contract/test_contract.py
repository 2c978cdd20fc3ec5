"""Student and grader agree: a right submission gets full points, one change makes exactly one check fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from grader import sandbox
from grader.sandbox import Ended, Worker
from tests.contract.conftest import LATE, Homework
from tests.repository.building import IN_TIME, commit, dated, git

# The command as it is, with its sandbox, is in test_lanes.py.
pytestmark = pytest.mark.usefixtures("workers_here")

PREPARES = 'preprocess = ["python", "-m", "finetune.preprocess", "--images", "{images}", "--out", "{out}"]'


@pytest.fixture
def homework(homework: Homework) -> Homework:
    """Its program prepares no probe images, which takes longer than all other checks together."""
    homework.replace("submission.toml", PREPARES, "")
    git(homework.folder, "commit", "-q", "--all", "--amend", "--no-edit", environment=dated(IN_TIME))
    return homework


def failures(verdict: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The checks that did not pass, with their findings."""
    return {
        each["check"]: [finding for finding in each["findings"] if finding["level"] != "note"]
        or each["findings"]
        for each in verdict["results"]
        if each["outcome"] != "passed"
    }


def test_a_right_submission_gets_full_points(homework: Homework) -> None:
    verdict = homework.grade()
    assert failures(verdict) == {}
    assert verdict["points"] == {"min": 100, "max": 100, "of": 100}
    assert verdict["outcome"] == "passed"
    stated = json.loads(homework.read("results.json"))["test_accuracy"]
    reproduced = next(each for each in verdict["results"] if each["check"] == "accuracy")["findings"]
    assert f"= {stated:.4f}" in reproduced[0]["message"]


def test_the_unchanged_submission_is_not_evaluated_again(
    homework: Homework, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert homework.grade()["outcome"] == "passed"
    asked: list[str] = []
    answered = sandbox.run_worker

    def noted(worker: Worker, **limits: Any) -> Ended:
        asked.append(worker.module)
        return answered(worker, **limits)

    monkeypatch.setattr(sandbox, "run_worker", noted)
    assert homework.grade()["outcome"] == "passed"
    assert set(asked) == {"read_document"}


def move_a_test_image_to_train(homework: Homework) -> None:
    homework.replace("data/splits.csv", ",test,", ",train,")
    homework.evaluate_again()


def drop_a_test_image(homework: Homework) -> None:
    lines = homework.read("data/splits.csv").splitlines(keepends=True)
    lines.remove(next(line for line in lines if ",odd,test," in line))
    homework.write("data/splits.csv", "".join(lines))
    homework.evaluate_again()


def list_an_image_twice(homework: Homework) -> None:
    lines = homework.read("data/splits.csv").splitlines(keepends=True)
    test = next(line for line in lines if ",odd,test," in line)
    train = next(place for place, line in enumerate(lines) if ",odd,train," in line)
    lines[train] = test.replace(",test,", ",train,")
    homework.write("data/splits.csv", "".join(lines))


def use_a_wrong_mean(homework: Homework) -> None:
    homework.replace("finetune/preprocess.py", "mean=preprocessing.mean", "mean=(0.4, 0.5, 0.5)")


def cut_the_log_short(homework: Homework) -> None:
    lines = homework.read("logs/train.jsonl").splitlines(keepends=True)
    homework.write("logs/train.jsonl", "".join(lines[:-3]))


def inflate_the_accuracy(homework: Homework) -> None:
    summary = json.loads(homework.read("results.json"))
    summary["test_accuracy"] = round(summary["test_accuracy"] + 0.03, 4)
    homework.write("results.json", json.dumps(summary))


def improve_the_predictions(homework: Homework) -> None:
    """Consistently: three wrong predictions put right, the claim raised by 0.03, the report written anew."""
    lines = homework.read("predictions.csv").splitlines()
    wrong = [place for place, line in enumerate(lines) if place and line.split(",")[1] != line.split(",")[2]]
    assert len(wrong) >= 3, "the tiny network should make a few mistakes"
    for place in wrong[:3]:
        image, label, _, score = lines[place].split(",")
        lines[place] = ",".join([image, label, label, score])
    homework.write("predictions.csv", "\n".join(lines) + "\n")
    summary = json.loads(homework.read("results.json"))
    summary["correct"] += 3
    summary["test_accuracy"] = summary["correct"] / summary["test_images"]
    homework.write("results.json", json.dumps(summary))
    report = homework.folder / "report.pdf"
    report.unlink()
    homework.report_again()


def leave_the_head_untrained(homework: Homework) -> None:
    path = homework.folder / "head.safetensors"
    tensors = safetensors.torch.load_file(path)
    safetensors.torch.save_file({name: torch.zeros_like(each) for name, each in tensors.items()}, path)


def train_a_lower_layer(homework: Homework) -> None:
    path = homework.folder / "model.safetensors"
    tensors = safetensors.torch.load_file(path)
    weights = safetensors.torch.load_file(next(homework.weights.glob("*.safetensors")))
    tensors["conv_stem.weight"] = weights["conv_stem.weight"] * 1.01
    safetensors.torch.save_file(tensors, path)
    homework.evaluate_again()


def cut_the_checkpoint(homework: Homework) -> None:
    path = homework.folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("mutate", "check", "where", "words"),
    [
        (move_a_test_image_to_train, "splits", "data/splits.csv", "test images, expected 50"),
        (drop_a_test_image, "splits", "data/splits.csv", "odd: 49 test images, expected 50"),
        (list_an_image_twice, "splits", "data/splits.csv:", "stands in train and in test"),
        (use_a_wrong_mean, "preprocessing", "finetune/preprocess.py:", "0.4"),
        (cut_the_log_short, "training_log", "logs/train.jsonl", "upper"),
        (inflate_the_accuracy, "accuracy", "results.json", "claims"),
        (improve_the_predictions, "accuracy", "predictions.csv:", "not what the submitted network predicts"),
        (leave_the_head_untrained, "two_phases", "head.safetensors", "never trained"),
        (train_a_lower_layer, "two_phases", "model.safetensors", "conv_stem.weight"),
    ],
)
def test_one_mutation_fails_exactly_one_check_and_names_the_place(
    homework: Homework, mutate: Callable[[Homework], None], check: str, where: str, words: str
) -> None:
    mutate(homework)
    commit(homework.folder)
    verdict = homework.grade()
    failed = failures(verdict)
    assert list(failed) == [check], failed
    assert verdict["outcome"] == "failed"
    assert any(where in each["where"] and words in each["message"] for each in failed[check]), failed


def test_a_missing_report_fails_the_required_files_and_blocks_its_own_check(homework: Homework) -> None:
    (homework.folder / "report.pdf").unlink()
    commit(homework.folder)
    outcomes = {each["check"]: each["outcome"] for each in homework.grade()["results"]}
    assert outcomes.pop("required_files") == "failed"
    assert outcomes.pop("report") == "blocked"
    assert set(outcomes.values()) == {"passed"}


def test_a_late_commit_fails_the_deadline_alone(homework: Homework) -> None:
    git(homework.folder, "commit", "-q", "--amend", "--no-edit", environment=dated(LATE))
    verdict = homework.grade()
    assert list(failures(verdict)) == ["deadline"]
    assert verdict["commit"] is None
    assert verdict["looked_at"]["status"] == "NOTHING_BEFORE_DEADLINE"


def test_work_after_the_deadline_is_not_looked_at(homework: Homework) -> None:
    cut_the_log_short(homework)
    commit(homework.folder, when=LATE)
    assert failures(homework.grade()) == {}


def test_a_truncated_checkpoint_is_told_and_nothing_breaks(homework: Homework) -> None:
    cut_the_checkpoint(homework)
    commit(homework.folder)
    verdict = homework.grade()
    assert set(failures(verdict)) == {"two_phases", "accuracy"}
    assert all(each["outcome"] != "broken" for each in verdict["results"])
    for findings in failures(verdict).values():
        assert any("model.safetensors" in each["where"] for each in findings)


def test_without_the_weights_it_is_inconclusive_and_never_a_pass(homework: Homework, tmp_path: Path) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    verdict = homework.grade("--weights", str(empty), cache=empty)
    open_checks = {each["check"] for each in verdict["results"] if each["outcome"] == "inconclusive"}
    assert open_checks == {"accuracy", "two_phases"}
    assert verdict["points"] == {"min": 60, "max": 100, "of": 100}
    assert verdict["outcome"] == "inconclusive"
