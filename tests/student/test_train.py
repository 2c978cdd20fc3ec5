"""`make train`: what it writes, and that interrupting it costs nothing."""

import json
import math
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import safetensors.torch
import timm
import torch
from finetune import data, preprocess, train
from finetune.parts import pixels
from finetune.parts.checkpoint import Run
from finetune.parts.problem import Problem, in_words
from finetune.speed import frozen

from tests.student import programs

FLAGS = ["--epochs-head", "2", "--epochs-upper", "7", "--batch-size", "2"]  # slow enough to be killed
ONE_EACH = ["--epochs-head", "1", "--epochs-upper", "1", "--batch-size", "8"]


def events(folder):
    return [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]


def without_times(folder):
    return [{key: event[key] for key in event if key not in ("time", "seconds")} for event in events(folder)]


def log_holds(folder, words):
    log = folder / "logs/train.jsonl"
    return log.exists() and words in log.read_text()


def test_the_log_tells_the_whole_run(finished):
    run, *epochs, end = events(finished)
    assert run["event"] == "run"
    assert run["planned"] == {"head": 1, "upper": 2}
    assert run["images"] == {"train": 24, "val": 8}
    assert run["preprocessing"]["crop"] == 160
    assert run["classes"] == ["even", "odd"]
    assert run["device"] in ("cpu", "cuda", "mps")
    assert [(event["phase"], event["epoch"], event["epochs"]) for event in epochs] == [
        ("head", 1, 1),
        ("upper", 1, 2),
        ("upper", 2, 2),
    ]
    for event in epochs:
        assert 0 <= event["train_accuracy"] <= 1
        assert (event["val_accuracy"] * 8).is_integer()
        assert math.isfinite(event["train_loss"]) and math.isfinite(event["val_loss"])
        assert event["time"][-6] in "+-"
    network = timm.create_model("test_efficientnet", num_classes=2)
    head = sum(p.numel() for p in network.classifier.parameters())
    upper = sum(
        p.numel() for layer in (network.blocks[4], network.conv_head, network.bn2) for p in layer.parameters()
    )
    assert [event["trainable_parameters"] for event in epochs] == [head, head + upper, head + upper]
    assert epochs[0]["trained"] == ["classifier"]
    assert epochs[1]["trained"] == ["blocks.4", "conv_head", "bn2", "classifier"]
    assert end["event"] == "end"
    assert end["val_accuracy"] == epochs[-1]["val_accuracy"]
    readable = (finished / "logs/train.log").read_text().splitlines()
    assert len(readable) == 5
    assert run["head"] == "256 -> 2 (starts zero)"
    assert run["augmentation"].startswith("a random part with 70 to 100 % of the area, 50 % of the views")
    assert epochs[0]["optimizer"].startswith("AdamW, weight decay 0.0001")
    assert end["kept_epoch"] == 2
    assert f"val loss {epochs[0]['val_loss']:.4f}" in readable[1]


def test_the_checkpoints_hold_what_changed_and_nothing_else(finished, weights):
    pretrained = safetensors.torch.load_file(weights / "timm-test_efficientnet-r160_in1k.safetensors")
    head = safetensors.torch.load_file(finished / "head.safetensors")
    assert set(head) == {"classifier.weight", "classifier.bias"}
    assert head["classifier.weight"].shape[0] == 2
    assert head["classifier.weight"].any()
    whole = safetensors.torch.load_file(finished / "model.safetensors")
    assert all(name.startswith(("blocks.4.", "conv_head.", "bn2.", "classifier.")) for name in whole)
    assert "blocks.4.0.bn1.running_mean" in whole
    for name, tensor in whole.items():
        if not name.startswith("classifier."):
            assert not torch.equal(tensor, pretrained[name])


def test_killing_a_run_at_any_time_costs_nothing(project, environment):
    data.main()
    # Each run in a process of its own: how many threads a sum is made by shows in its last bit.
    assert programs.ended(project, environment, "train", *FLAGS) == 0
    head, whole = (project / "head.safetensors").read_bytes(), (project / "model.safetensors").read_bytes()
    log = without_times(project)
    for left in ("data/training.state", "logs/train.jsonl"):
        (project / left).unlink()
    for kill, phase, status in ((signal.SIGKILL, "head", -signal.SIGKILL), (signal.SIGINT, "upper", 130)):
        process = programs.started(project, environment, "train", *FLAGS)
        while not log_holds(project, f'"phase": "{phase}"'):
            assert process.is_alive()
            time.sleep(0.005)
        os.kill(process.pid, kill)
        process.join()
        assert process.exitcode == status
        assert ("it goes on where it stopped" in (project / "complaint.txt").read_text()) == (status == 130)
        assert not (project / "model.safetensors").exists()
        assert 0 < sum(event["event"] == "epoch" for event in events(project)) < 9  # killed on the way
    assert programs.ended(project, environment, "train", *FLAGS) == 0
    assert (project / "head.safetensors").read_bytes() == head
    assert (project / "model.safetensors").read_bytes() == whole
    assert without_times(project) == log


def test_killing_a_run_while_frozen_layers_run_costs_nothing(project, environment):
    data.main()
    flags = ["--epochs-head", "1", "--epochs-upper", "1"]
    assert programs.ended(project, environment, "train", *flags) == 0
    whole = (project / "model.safetensors").read_bytes()
    for left in ("model.safetensors", "data/training.state"):
        (project / left).unlink()
    shutil.rmtree(project / "data/cache")
    process = programs.started(project, environment, "train", *flags)
    while not list((project / "data/cache").glob("activations/*/*.safetensors")):
        time.sleep(0.001)
        assert process.is_alive()
    process.kill()
    process.join()
    kept = list((project / "data/cache").glob("activations/*/*.safetensors"))
    written = [path.stat().st_mtime_ns for path in kept]
    assert programs.ended(project, environment, "train", *flags) == 0
    assert (project / "model.safetensors").read_bytes() == whole
    assert [path.stat().st_mtime_ns for path in kept] == written


@pytest.mark.parametrize("views", ["2", "fresh"])
def test_plain_training_gives_the_same(project, call, views, monkeypatch):
    """But for rounding, of which we keep little here: all digits of the activations, not three."""
    monkeypatch.setattr(torch.Tensor, "half", torch.Tensor.float)
    data.main()
    flags = ["--epochs-head", "2", "--epochs-upper", "3", "--batch-size", "8", "--views", views]
    results = []
    for flag in ([], ["--plain"]):
        call(train, *flags, *flag)
        results.append((events(project), safetensors.torch.load_file(project / "head.safetensors")))
    (fast_events, fast), (plain_events, plain) = results
    for one, other in zip(fast_events[1:-1], plain_events[1:-1], strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-3)
        assert one["val_loss"] == pytest.approx(other["val_loss"], rel=1e-3)
        assert one["trained"] == other["trained"]
    assert fast.keys() == plain.keys()
    # The weights of phase two are compared in test_frozen.py. AdamW takes whole steps even where a gradient
    # is nothing but rounding, so here only what the network does is the same.
    for name, tensor in plain.items():
        assert torch.allclose(fast[name], tensor, rtol=1e-3, atol=1e-5), name


def test_a_second_run_on_the_same_images_runs_no_frozen_layer(handed_out, call, monkeypatch):
    def never(path):
        raise AssertionError(f"{path} is decoded again")

    monkeypatch.setattr(preprocess, "load", never)
    monkeypatch.setattr(pixels, "shrunk", never)
    call(train, "--epochs-head", "2", "--epochs-upper", "1", "--learning-rate-head", "5e-3")
    assert [event["event"] for event in events(handed_out)] == ["run", *["epoch"] * 3, "end"]


def test_a_network_that_cannot_be_cut_is_trained_plainly(project, call, monkeypatch, capsys):
    def uncuttable(*_):
        raise frozen.Uncuttable("it asks for the weather")

    data.main()
    monkeypatch.setattr(frozen, "cut", uncuttable)
    call(train, "--epochs-head", "1", "--epochs-upper", "1")
    assert "as with --plain; it cannot be cut: it asks for the weather" in capsys.readouterr().out
    assert not (project / "data/cache/activations").exists()
    assert (project / "model.safetensors").exists()


def test_a_finished_run_is_not_repeated(handed_out, call, capsys):
    before = (handed_out / "logs/train.jsonl").read_bytes()
    call(train, "--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8")
    assert "finished already" in capsys.readouterr().out
    assert (handed_out / "logs/train.jsonl").read_bytes() == before


def test_what_was_deleted_or_replaced_by_hand_is_trained_again(handed_out, call):
    flags = ["--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8"]
    whole = (handed_out / "model.safetensors").read_bytes()
    (handed_out / "logs/train.jsonl").unlink()
    call(train, *flags)
    assert [event["event"] for event in events(handed_out)] == ["run", *["epoch"] * 3, "end"]
    (handed_out / "model.safetensors").write_bytes((handed_out / "head.safetensors").read_bytes())
    call(train, *flags)
    assert (handed_out / "model.safetensors").read_bytes() == whole


def interrupted(_: Run) -> None:
    """As by Ctrl-C. A signal would not do: what is started in the background may have them ignored."""
    raise KeyboardInterrupt


def test_interrupted_between_the_last_epoch_and_the_end(handed_out, call, monkeypatch):
    """make then deletes the network, which it takes for half a file."""
    call(train, *ONE_EACH)
    whole, log = (handed_out / "model.safetensors").read_bytes(), without_times(handed_out)
    (handed_out / "data/training.state").unlink()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Run, "end", interrupted)
        call(train, *ONE_EACH)
    (handed_out / "model.safetensors").unlink()
    call(train, *ONE_EACH)
    assert (handed_out / "model.safetensors").read_bytes() == whole
    assert without_times(handed_out) == log


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("path", ["data/training.state", "head.safetensors", "model.safetensors"])
def test_a_full_disk_is_a_sentence_and_the_same_command_goes_on(path, handed_out, call):
    names = ("head.safetensors", "model.safetensors", "logs/train.jsonl", "data/training.state")
    before = {name: (handed_out / name).read_bytes() for name in names}
    full = handed_out / f"{path}.part"  # what is written first, and then becomes the file
    full.symlink_to("/dev/full")
    with pytest.raises((OSError, RuntimeError)) as caught:
        call(train, *ONE_EACH)
    assert in_words(caught.value).startswith("the disk is full; make room")
    if path == "data/training.state":  # the first file that training writes: the last run is as it was
        assert {name: (handed_out / name).read_bytes() for name in names} == before
    else:
        assert not (handed_out / path).exists(), "half of it would look like the whole"
    full.unlink()
    call(train, *ONE_EACH)
    assert events(handed_out)[-1]["event"] == "end"


def test_a_mistake_leaves_the_last_run_as_it_was(handed_out, call, edit):
    before = (handed_out / "model.safetensors").read_bytes()
    edit(handed_out / "submission.toml", upper_layers='["layer4"]')
    with pytest.raises(Problem, match='the network has no layer "layer4"'):
        call(train, "--epochs-head", "1", "--epochs-upper", "2", "--batch-size", "8")
    assert (handed_out / "model.safetensors").read_bytes() == before
    assert events(handed_out)[-1]["event"] == "end"


def test_other_settings_start_a_new_run(handed_out, call):
    before = (handed_out / "model.safetensors").read_bytes()
    call(train, "--epochs-head", "1", "--epochs-upper", "1")
    assert [event["event"] for event in events(handed_out)] == ["run", "epoch", "epoch", "end"]
    assert (handed_out / "model.safetensors").read_bytes() != before


def test_a_loss_that_is_no_number_stops_the_run(project, call):
    data.main()
    with pytest.raises(
        Problem, match="the loss became (inf|nan) at a learning rate of .*; try one ten times smaller"
    ):
        call(train, "--learning-rate-head", "1e30", "--epochs-head", "5", "--batch-size", "8")
    assert not (project / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--epochs-head 0", "--epochs-head is 0; it should be 1 or more"),
        ("--epochs-head two", '--epochs-head is "two"; it should be a whole number, such as 5'),
        ("--epochs-head fresh", '--epochs-head is "fresh"; it should be a whole number, such as 5'),
        ("--batch-size 2.5", '--batch-size is "2.5"; it should be a whole number, such as 5'),
        ("--views -1", '--views is -1; it should be 1 or more, or "fresh"'),
        ("--views new", '--views is "new"; it should be a whole number, such as 5 or fresh'),
        (
            "--learning-rate-head small",
            '--learning-rate-head is "small"; it should be a number, such as 0.001',
        ),
        ("--optimizer Adm", '--optimizer is "Adm"; it should be one of AdamW, Adam, SGD, '),
        ("--label-smoothing 1", "--label-smoothing is 1.0; it should be less than 1"),
        ("--patience -1", "--patience is -1; it should be 0 or more"),
        ("--lr 0", "--learning-rate-upper is 0.0; it should be more than 0"),
        ("--learning-rate-upper -1", "--learning-rate-upper is -1.0; it should be more than 0"),
        ("--weight-decay nan", "--weight-decay is nan; it should be 0 or more"),
        ("--epoch-uper 5", "there is no setting --epoch-uper; did you mean --epochs-upper?"),
        ("--epochs 0", "--epochs-upper is 0; it should be 1 or more"),
        ("--learning 5", "ambiguous option: --learning could match --learning-rate-head, "),
        ("--views", "argument --views: expected one argument; the option --help lists all settings"),
        ("7", "there is no setting 7; there are --epochs-head, --epochs-upper, --batch-size, "),
    ],
)
def test_a_setting_that_cannot_be_is_told(call, flags, told):
    with pytest.raises(Problem) as problem:
        call(train, *flags.split())
    assert str(problem.value).startswith(told)


def test_what_is_missing_is_told(project, call, run):
    done = run(project, "train")
    assert done.returncode == 1
    assert done.stderr == "Stopped: data/splits.csv is not here; run `make data` first\n"
    data.main()
    (project / "data/images").rename(project / "elsewhere")
    with pytest.raises(Problem, match="data/images/ lacks 24 images"):
        call(train)
