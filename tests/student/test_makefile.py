"""The Makefile: each step runs when it has to, and only then."""

import os
import re
import subprocess
import sys
import time

import pytest
from finetune.parts import files

from tests.student import programs


@pytest.fixture
def make(environment):
    def target(folder, *arguments):
        command = ["make", "--no-print-directory", f"PYTHON={sys.executable}", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return target


def steps(done):
    return re.findall(r"-m finetune\.(\w+)", done.stdout)


def test_nothing_is_done_twice(handed_out, make):
    assert steps(make(handed_out, "--dry-run", "report")) == []


def test_a_change_repeats_what_follows_from_it(handed_out, make):
    later = time.time() + 5
    for changed, repeated in (
        ("finetune/report.py", ["report"]),
        ("finetune/evaluate.py", ["evaluate", "report"]),
        ("model.safetensors", ["evaluate", "report"]),
        ("finetune/train.py", ["train", "evaluate", "report"]),
        ("submission.toml", ["data", "train", "evaluate", "report"]),
    ):
        before = (handed_out / changed).stat()
        os.utime(handed_out / changed, (later, later))
        assert steps(make(handed_out, "--dry-run", "report")) == repeated, changed
        os.utime(handed_out / changed, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(("program", "target"), [("train", "train"), ("report", "report")])
def test_a_change_of_any_program_that_a_step_loads_repeats_the_step(handed_out, make, program, target):
    loaded = programs.loaded_by(f"finetune.{program}")
    assert len(loaded) > 12
    later = time.time() + 5
    for name in loaded:
        path = handed_out / "finetune" / name
        before = path.stat()
        os.utime(path, (later, later))
        assert program in steps(make(handed_out, "--dry-run", target)), path
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_numbers_depend_on_every_program_that_training_loads():
    assert set(programs.loaded_by("finetune.train")) <= set(files.imported("train.py"))


def test_a_module_of_one_s_own_counts_too(handed_out, make):
    """As soon as training imports it, the network is trained again when it changes."""
    own = handed_out / "finetune/mixing.py"
    own.write_text("SHARE = 0.2\n")
    assert steps(make(handed_out, "--dry-run", "train")) == ["train"]
    program = handed_out / "finetune/train.py"
    program.write_text(
        program.read_text().replace("import safetensors.torch\n", "import finetune.mixing\n", 1)
    )
    look = "from finetune.parts import files; print(files.imported('train.py'))"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "'mixing.py'" in found.stdout


def test_the_cache_can_be_deleted(handed_out, make):
    (handed_out / "data/tables").mkdir()
    images = sorted((handed_out / "data/images").iterdir())
    assert (handed_out / "data/cache").is_dir()
    assert make(handed_out, "clean-cache").returncode == 0
    assert not (handed_out / "data/cache").exists()
    assert not (handed_out / "data/tables").exists()
    assert sorted((handed_out / "data/images").iterdir()) == images
    assert steps(make(handed_out, "--dry-run", "report")) == []


def test_touching_the_submission_does_not_train_again(handed_out, make):
    """The programs see for themselves that nothing has changed, and make is content afterwards."""
    os.utime(handed_out / "submission.toml")
    flags = "TRAIN_FLAGS=--epochs-head 1 --epochs-upper 2 --batch-size 8"
    done = make(handed_out, "train", flags)
    assert "complete already" in done.stdout
    assert "finished already" in done.stdout
    assert "is up to date" in make(handed_out, "model.safetensors").stdout


def test_broken_images_are_replaced_and_nothing_is_trained_again(handed_out, make):
    image = next((handed_out / "data/images").glob("*.bmp"))
    content = image.read_bytes()
    image.write_bytes(content[:20])
    assert make(handed_out, "data").returncode == 0
    assert image.read_bytes() == content
    os.utime(handed_out / "model.safetensors")
    assert steps(make(handed_out, "data", "model.safetensors")) == ["data"]


def test_a_check_makes_nothing(project, make):
    assert steps(make(project, "check", "--dry-run")) == ["submit"]


def test_other_settings_are_trained_although_a_network_is_there(handed_out, make):
    assert steps(make(handed_out, "--dry-run", "train")) == []
    assert steps(make(handed_out, "--dry-run", "train", "TRAIN_FLAGS=--views 2")) == ["train"]
    done = make(handed_out, "train", "TRAIN_FLAGS=--epochs-head 2 --epochs-upper 1 --batch-size 8")
    assert done.returncode == 0, done.stderr
    assert (handed_out / "logs/train.log").read_text().count(" phase head ") == 2
    assert steps(make(handed_out, "--dry-run", "report")) == ["evaluate", "report"]


def test_without_an_own_python_an_environment_is_set_up(project, environment):
    done = subprocess.run(
        ["make", "--dry-run", "data"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-m venv .venv" in done.stdout
    assert ".venv/bin/python -m finetune.data" in done.stdout


def test_clean_keeps_the_images(handed_out, make):
    assert make(handed_out, "clean").returncode == 0
    left = {path.name for path in handed_out.iterdir()}
    assert not left & {
        "logs",
        "model.safetensors",
        "head.safetensors",
        "predictions.csv",
        "results.json",
        "report.pdf",
    }
    assert (handed_out / "data/splits.csv").exists()
    assert any((handed_out / "data/images").glob("*.bmp"))


def test_help_names_every_step(project, make):
    done = make(project)
    assert done.returncode == 0
    for step in ("setup", "data", "train", "evaluate", "report", "check", "submit", "clean", "help"):
        assert f"  make {step} " in done.stdout


@pytest.mark.parametrize("target", ["data", "train", "evaluate", "report", "submit"])
def test_a_missing_declaration_is_told_in_a_sentence(handed_out, make, target):
    (handed_out / "submission.toml").unlink()
    done = make(handed_out, target)
    assert done.returncode == 2
    assert done.stderr.startswith("submission.toml is not here: it says what to train; git checkout")


def test_a_folder_in_the_place_of_a_file_is_told(handed_out, make):
    (handed_out / "submission.toml").unlink()
    (handed_out / "submission.toml").mkdir()
    done = make(handed_out, "status")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "Stopped: submission.toml is a folder; move it away, or give another place" in done.stderr
