"""The page lesson.py learns what `make train --plain` learns, number by number; so does its notebook."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from finetune import data, train

from scripts import lesson_notebook

nbformat = pytest.importorskip("nbformat", reason="needs the package nbformat")

FLAGS = ["--plain", "--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8"]
CHANGED = {
    "epochs_head=3": "epochs_head=1",
    "epochs_upper=8": "epochs_upper=2",
    "batch_size=32": "batch_size=8",
}


def shortened(text):
    """The page with fewer epochs, as a student would change it."""
    for old, new in CHANGED.items():
        assert old in text
        text = text.replace(old, new)
    return text


def numbers(folder):
    """What the log says, without times."""
    events = [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]
    return [
        {key: value for key, value in event.items() if key not in ("time", "seconds")} for event in events
    ]


def tensors(folder):
    return [safetensors.torch.load_file(folder / name) for name in ("head.safetensors", "model.safetensors")]


def test_the_page_learns_what_plain_training_learns(project, call, edit):
    """With a hidden layer and dropout, so that everything random is compared too."""
    edit(project / "submission.toml", head="[16]", dropout="0.3")
    data.main()
    call(train, *FLAGS)
    log, learnt = numbers(project), tensors(project)
    for name in ("head.safetensors", "model.safetensors", "logs/train.jsonl"):
        (project / name).unlink()
    page = project / "finetune/lesson.py"
    page.write_text(shortened(page.read_text()))
    runpy.run_path(str(page), run_name="__main__")
    assert numbers(project) == log
    for one, other in zip(tensors(project), learnt, strict=True):
        assert one.keys() == other.keys()
        for name, tensor in one.items():
            assert torch.equal(tensor, other[name]), name


def test_the_notebook_is_made_from_the_page():
    made = lesson_notebook.notebook((lesson_notebook.STUDENT / "finetune/lesson.py").read_text())
    assert made == (lesson_notebook.STUDENT / "lesson.ipynb").read_text(), "python scripts/lesson_notebook.py"
    nbformat.validate(nbformat.reads(made, 4))


def test_the_notebook_runs_in_a_kernel(project, environment):
    nbclient = pytest.importorskip("nbclient", reason="needs the package nbclient")
    data.main()
    path = project / "lesson.ipynb"
    content = nbformat.reads(shortened(path.read_text()), 4)
    client = nbclient.NotebookClient(content, timeout=600, resources={"metadata": {"path": str(project)}})
    client.execute(env=environment)
    printed = "".join(output.get("text", "") for cell in content.cells for output in cell.get("outputs", []))
    assert "phase upper epoch 2/2" in printed
    assert "test accuracy " in printed
    assert [event["event"] for event in numbers(project)] == ["run", "epoch", "epoch", "epoch", "end"]


def test_the_page_goes_on_a_page_and_explains_itself():
    lines = (Path(lesson_notebook.STUDENT) / "finetune/lesson.py").read_text().splitlines()
    told = sum(line.lstrip().startswith("#") or "  # " in line for line in lines)
    assert len([line for line in lines if line.strip() and not line.startswith("# %%")]) <= 120
    assert told > 0.25 * len(lines)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (["lesson.py"], "data/splits.csv is not here; run `make data` first"),
        (["train.py", "--epochs-head", "0"], "--epochs-head is 0; it should be 1 or more"),
    ],
)
def test_the_run_button_of_an_editor_works_and_says_what_is_missing(project, environment, program, told):
    """python finetune/train.py, from any folder, as editors start it."""
    command = [sys.executable, str(project / "finetune" / program[0]), *program[1:]]
    done = subprocess.run(
        command, cwd=project.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, f"Stopped: {told}\n")
