"""The starter's own programs in the sandbox: what they say here is what the student handed in."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from tests.contract.conftest import RUBRIC, Homework
from tests.repository.building import commit
from tests.sandbox.conftest import missing

LANES = """
[checks.predict]
points = 0
required = false
"""


def test_the_programs_of_an_honest_student_agree_with_what_was_handed_in(homework: Homework) -> None:
    if reason := missing():
        pytest.skip(reason)
    rubric: Path = homework.folder.with_name("small.toml")
    rubric.write_text(RUBRIC + LANES)
    verdict = homework.grade_by_command()
    assert (verdict["outcome"], verdict["points"]) == ("passed", {"min": 100, "max": 100, "of": 100})
    messages = {
        each["check"]: [(finding["level"], finding["message"]) for finding in each["findings"]]
        for each in verdict["results"]
    }
    assert [level for level, _ in messages["predict"]] == ["note"] * 3, messages["predict"]
    assert (
        "note",
        "0 of 100 predictions differ; at most 1 may, each with a logit margin up to 0.1",
    ) in messages["predict"]
    (measured,) = [pair for pair in messages["preprocessing"] if "measured on a probe image" in pair[1]]
    assert measured[0] == "note" and "size 160x160" in measured[1]


def with_noise(folder: Path) -> None:
    """Another student's tensors, moved a little so that no hash finds them."""
    path = folder / "model.safetensors"
    torch.manual_seed(7)
    tensors = {
        name: tensor + 1e-3 * tensor.std() * torch.randn_like(tensor) if tensor.numel() > 1 else tensor
        for name, tensor in safetensors.torch.load_file(path).items()
    }
    safetensors.torch.save_file(tensors, path)


def test_a_class_finds_the_copy_and_evaluates_everybody_at_once(homework: Homework, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(homework.folder, copied, symlinks=True)
    with_noise(copied)
    commit(copied)
    (tmp_path / "small.toml").write_text(RUBRIC + LANES.replace("predict", "integrity"))
    (tmp_path / "roster.csv").write_text(f"student,url\nANN,{homework.folder}\nBOB,{copied}\n")
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    grader = [sys.executable, "-m", "grader"]
    options = ["--assignment", str(tmp_path / "small.toml"), "--weights", str(homework.weights)]
    evidence = tmp_path / "evidence" / "small"
    done = subprocess.run(
        [*grader, "class", str(tmp_path / "roster.csv"), "--evidence-dir", str(evidence.parent), *options],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "cache" / "grader" / "evaluations").iterdir())) == 2
    with (evidence / "gradebook.csv").open(newline="", encoding="utf-8-sig") as file:
        ann, _ = csv.DictReader(file)
    assert (ann["accuracy"], ann["integrity"]) == ("passed", "passed"), ann

    files = sorted(map(str, evidence.glob("*.json")))
    compared = subprocess.run([*grader, "compare", *files], capture_output=True, text=True, check=True)
    assert "the networks compute the same: cosine 1.0000" in compared.stdout
    assert "3 resemblances among 2 submissions" in compared.stdout
