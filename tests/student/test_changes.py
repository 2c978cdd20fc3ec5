"""Changes that the homework invites: they work, the log tells them, and what cannot work is told."""

import json
import math

import IPython
import pytest
import safetensors.torch
import torch
from finetune import backbone, data, preprocess, runs, status, train
from finetune.parts import advice, checkpoint, curves, devices, options
from finetune.parts.problem import Problem
from finetune.speed.frozen import Halves
from finetune.submission import Model
from PIL import Image
from torch import nn

QUICK = ["--epochs-head", "1", "--epochs-upper", "1", "--batch-size", "8"]


def events(folder):
    return [json.loads(line) for line in (folder / "logs/train.jsonl").read_text().splitlines()]


def with_head(hidden, dropout=0.0, seed=1):
    return backbone.build(
        Model("timm", "test_efficientnet", "r160_in1k", head=hidden, dropout=dropout), 2, seed
    )


def test_a_head_with_hidden_layers_starts_at_equal_odds_and_learns_what_one_layer_cannot():
    """Exclusive or: no straight line parts these classes."""
    inputs = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    labels = torch.tensor([0, 0, 1, 1])
    last = []
    for hidden in ((16, 8), ()):
        torch.manual_seed(1)
        head = backbone.new_head(nn.Linear, 2, 2, Model("timm", "any", "any", head=hidden))
        optimizer = torch.optim.AdamW(head.parameters(), lr=0.05)
        losses = []
        for _ in range(150):
            loss = nn.functional.cross_entropy(head(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[0] == pytest.approx(math.log(2), abs=1e-6)
        last.append(losses[-1])
    assert last[0] < 0.05
    assert last[1] > 0.6


@pytest.mark.usefixtures("project")
def test_hidden_layers_start_the_same_for_the_same_seed_and_leave_random_numbers_alone():
    network, wanted = nn.Sequential(nn.Linear(3, 1000)), Model("timm", "any", "any", head=(8,))
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    backbone.replace_head(network, 2, wanted, 1)
    assert torch.equal(torch.rand(1), expected)
    one, other, third = with_head((8,)), with_head((8,)), with_head((8,), seed=2)
    layers = [type(layer).__name__ for layer in with_head((16, 8), 0.5).network.classifier]
    assert layers == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert torch.equal(one.network.classifier[0].weight, other.network.classifier[0].weight)
    assert not torch.equal(one.network.classifier[0].weight, third.network.classifier[0].weight)
    told = backbone.in_words(one.network.classifier)
    assert told == "256 -> 8 (starts random), ReLU, 8 -> 2 (starts zero)"


@pytest.mark.parametrize("optimizer", sorted(train.OPTIMIZERS))
def test_every_optimiser_trains_and_is_told_as_it_ran(tmp_path, optimizer):
    settings = train.Settings(optimizer=optimizer, learning_rate_head=0.1)
    network = nn.Linear(3, 2)
    phase = train.Phase("head", ("",), 1, 0.1, tmp_path, Halves((), network))
    found = train.new_optimizer(network, phase, settings)
    before = network.weight.detach().clone()
    network(torch.ones(1, 3)).square().sum().backward()
    found.step()
    assert not torch.equal(network.weight, before)
    assert checkpoint.in_words(found).startswith(f"{optimizer}, ")
    assert ("momentum 0.9" in checkpoint.in_words(found)) == (optimizer in ("SGD", "RMSprop"))


def test_early_stopping_waits_as_asked_and_the_best_epoch_is_handed_in(project, call, monkeypatch):
    """With validation values given by hand: the smallest loss is in epoch 2, so 2 + 2 are trained."""
    data.main()
    values = iter([(0.6, 0.5), (0.5, 0.5), (0.4, 0.75), (0.45, 0.625), (0.5, 0.75), (0.3, 1.0)])
    kept = {}
    measure, changed = train.measure, backbone.changed

    def given(network, batches):
        measure(network, batches)
        return next(values)

    def remembered(model):
        tensors = changed(model)
        kept[len(kept)] = {name: tensor.clone() for name, tensor in tensors.items()}
        return tensors

    monkeypatch.setattr(train, "measure", given)
    monkeypatch.setattr(backbone, "changed", remembered)
    call(train, *QUICK, "--epochs", "5", "--patience", "2", "--keep-best")
    log = events(project)
    assert [event["event"] for event in log] == ["run", *["epoch"] * 5, "early_stopping", "end"]
    assert log[-1]["kept_epoch"] == 2
    assert log[-1]["val_accuracy"] == 0.75
    saved = safetensors.torch.load_file(project / "model.safetensors")
    after_epoch_two = kept[3]  # after phase one's epoch, at its end, and after epochs 1 and 2 of phase two
    assert all(torch.equal(saved[name], after_epoch_two[name]) for name in saved)
    assert (project / "logs/train.log").read_text().count("stopped early, after epoch 4") == 1


def test_label_smoothing_is_in_the_loss_of_training_alone():
    """Of the probability q of the right class, smoothing by s makes -(1 - s/2) log q - s/2 log(1 - q)."""
    network = nn.Linear(1, 2)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[2.0], [0.0]]))
        network.bias.zero_()
    batch = [(torch.ones(1, 1), torch.tensor([0]))]
    q = 1 / (1 + math.exp(-2))
    for smoothing in (0.0, 0.4):
        settings = train.Settings(label_smoothing=smoothing)
        loss, _ = train.train_epoch(network, torch.optim.SGD(network.parameters(), lr=0), batch, settings)
        share = smoothing / 2
        assert loss == pytest.approx(-(1 - share) * math.log(q) - share * math.log(1 - q), abs=1e-6)
        assert train.measure(network, batch)[0] == pytest.approx(-math.log(q), abs=1e-6)


def test_who_freezes_nothing_is_told_before_training():
    network = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    assert checkpoint.before_training(backbone.Backbone(network, "2", (), {})) == []
    (told,) = checkpoint.before_training(backbone.Backbone(network, "2", ("0",), {}))
    assert "asks for the lower ones to stay frozen: leave some out of upper_layers" in told


def test_label_smoothing_is_in_the_training_that_asks_for_it(project, call):
    """Of a head of zeros the loss is log(2) with or without; afterwards 0.5 pulls it up."""
    data.main()
    losses = []
    for smoothing in ("0", "0.5"):
        call(train, *QUICK, "--label-smoothing", smoothing, "--epochs-head", "8", "--lr-head", "0.1")
        losses.append([event for event in events(project) if event["event"] == "epoch"][7]["train_loss"])
    assert losses[1] > losses[0]


@pytest.mark.usefixtures("project")
def test_training_tells_that_its_loss_does_not_move(call, capsys):
    data.main()
    call(train, "--epochs-head", "3", "--epochs", "1", "--batch-size", "24", "--lr-head", "1e-9")
    told = capsys.readouterr().out
    assert told.count("The training loss has stayed at 0.693 for two epochs: nothing is learnt.") == 1
    assert "a learning rate that is far too small" in told


def test_a_loss_that_does_not_move_is_told_once_with_its_likely_cause():
    told = {"phase": "head", "train_loss": 0.6931, "train_accuracy": 0.5, "learning_rate": 1e-9}
    epochs = [{"event": "epoch", **told} for _ in range(5)]
    lines = [line for number in range(1, 6) for line in advice.after_epoch(epochs[:number])]
    assert len(lines) == 1
    assert lines[0].startswith("The training loss has stayed at 0.693 for two epochs: nothing is learnt.")
    assert "a learning rate that is far too small (it is 1e-09)" in lines[0]


@pytest.mark.parametrize(
    ("training", "validation", "told"),
    [(1.0, 0.82, "overfitting"), (0.9, 0.85, ""), (0.6, 0.6, "underfitting")],
)
def test_a_gap_is_named_with_what_to_try(training, validation, told):
    epoch = {"event": "epoch", "train_accuracy": training, "val_accuracy": validation, "train_loss": 0.6}
    lines = advice.after_training([{"event": "run"}, epoch, {"event": "end"}])
    assert bool(lines) == bool(told)
    assert told in "".join(lines)


def test_an_augmentation_of_one_s_own_is_not_told_as_the_starter_s(monkeypatch):
    assert preprocess.augmentation_in_words().endswith("50 % of the views mirrored")

    def augmented(*_):
        """Turned by up to ten degrees."""

    monkeypatch.setattr(preprocess, "augmented", augmented)
    told = preprocess.augmentation_in_words()
    assert told == "the author's own, `augmented` in finetune/preprocess.py: Turned by up to ten degrees."


def test_mixed_precision_is_told_where_there_is_a_card_for_it(project, call):
    data.main()
    call(train, *QUICK, "--mixed")
    assert events(project)[0].get("precision") == ("mixed" if devices.can_mix() else None)


def test_threads_are_those_that_are_free(tmp_path, monkeypatch):
    """Of four cores one is idle: two looks at the counters of Linux, 100 ticks apart for each core."""
    looks = iter(["cpu 100 0 0 100 0 0 0 0\n", "cpu 400 0 0 190 10 0 0 0\n"])
    counters = tmp_path / "stat"
    counters.write_text("")
    monkeypatch.setattr(devices, "STATISTICS", counters)
    monkeypatch.setattr(type(counters), "read_text", lambda _: next(looks))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(devices.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    assert devices.free_threads() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert devices.free_threads() == 4


def test_runs_are_compared_by_what_differs(handed_out, call, capsys):
    call(train, *QUICK, "--optimizer", "sgd")
    capsys.readouterr()
    runs.main()
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 5
    assert "optimizer AdamW" in told[1] and "epochs_upper 2" in told[1]
    assert "optimizer SGD" in told[2] and "epochs_upper 1" in told[2]
    assert "batch_size" not in told[1]
    page = (handed_out / "data/runs/index.html").read_text()
    assert page.count("<polyline") == 4
    with Image.open(curves.FILE) as picture:
        assert picture.size == (960, 300)


def test_status_says_what_is_done_and_what_is_next(handed_out, capsys):
    status.main()
    told = capsys.readouterr().out
    assert [line.split()[:2] for line in told.splitlines()[:4]] == [
        ["data", "done"],
        ["train", "done"],
        ["evaluate", "done"],
        ["report", "done"],
    ]
    assert "no repository" in told
    (handed_out / "results.json").unlink()
    status.main()
    told = capsys.readouterr().out
    assert told.splitlines()[2].split()[1:3] == ["not", "yet"]
    assert told.splitlines()[3].split()[1] == "stale,"
    assert "Next: make evaluate" in told


def test_keras_is_pointed_to_its_own_page(project, call, edit):
    edit(project / "submission.toml", library='"keras"')
    data.main()
    with pytest.raises(Problem, match="other-frameworks/README.md shows how to hand in"):
        call(train)
    assert (project / "other-frameworks/README.md").is_file()


def test_a_notebook_s_kernel_has_arguments_of_its_own(monkeypatch):
    monkeypatch.setattr("sys.argv", ["kernel", "-f", "kernel-1.json"])
    with pytest.raises(Problem, match="-f"):
        options.read(train.Settings, "")
    monkeypatch.setattr(IPython, "get_ipython", lambda: "a shell")
    assert options.read(train.Settings, "") == train.Settings()
