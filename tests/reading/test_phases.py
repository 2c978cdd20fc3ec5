"""The two phases in code: freezing, training, unfreezing, a new optimiser, training, in every framework."""

import json
from collections.abc import Mapping

import pytest
import torch
from safetensors.torch import save

from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured
from grader.reading import phases
from tests.conftest import Make

FREEZE = "for p in model.parameters():\n    p.requires_grad = False\n"
HEAD = "model.fc = nn.Linear(512, 2)\n"
ADAM = "opt = torch.optim.Adam(p for p in model.parameters() if p.requires_grad)\n"
LOOP = "for x, y in loader:\n    criterion(model(x), y).backward()\n    opt.step()\n"
UPPER = "for p in model.layer4.parameters():\n    p.requires_grad = True\n"
TORCH = "import torch\nfrom torch import nn\n"

KERAS = """\
base = keras.applications.VGG16(include_top=False)
base.trainable = False
model.compile(optimizer="adam", loss="bce")
model.fit(train, epochs=5)
base.trainable = True
for layer in base.layers[:-4]:
    layer.trainable = False
{}model.fit(train, epochs=5)
"""
COMPILE = "model.compile(optimizer=Adam(1e-5), loss='bce')\n"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (TORCH + FREEZE + HEAD + ADAM + LOOP + UPPER + ADAM + LOOP, "yes"),
        (TORCH + FREEZE + HEAD + ADAM + LOOP + UPPER + LOOP, "doubtful"),
        (TORCH + FREEZE + HEAD + ADAM + LOOP, "no"),
        (TORCH + ADAM + LOOP, "no"),
        (TORCH + UPPER + FREEZE + HEAD + ADAM + LOOP + ADAM + LOOP, "no"),  # frozen for good
        (TORCH + FREEZE + "for p in model.fc.parameters():\n    p.requires_grad = "
                          "True\n" + ADAM + LOOP, "no"),
        (KERAS.format(COMPILE), "yes"),
        (KERAS.format(""), "doubtful"),
        ("learn.freeze()\nlearn.fit_one_cycle(2)\nlearn.unfreeze()\nlearn.fit_one_cycle(2)\n", "yes"),
        ("learn = vision_learner(dls, resnet34)\nlearn.fine_tune(3)\n", "in a library"),
        ("trainer = pl.Trainer(callbacks=[BackboneFinetuning(5)])\ntrainer.fit(model, "
         "data)\n", "in a library"),
        ("model.backbone.freeze()\ntrainer.fit(model, data)\nmodel.backbone.unfreeze()\n"
         "trainer.fit(model, data)\n", "yes"),
        (TORCH + "timm.utils.freeze(model)\n".replace("timm", "import timm\ntimm") + ADAM + LOOP
         + "timm.utils.unfreeze(model, ['blocks.5'])\n" + ADAM + LOOP, "yes"),
        ("print('nothing is trained here')\n", "no training"),
    ],
)  # fmt: skip
def test_verdicts(submit: Make, source: str, verdict: str) -> None:
    assert phases.find(submit({"train.py": source})).verdict == verdict


def test_steps_stand_where_they_are_and_in_order(submit: Make) -> None:
    found = phases.find(submit({"train.py": KERAS.format(COMPILE)}))
    assert [(step.kind, step.where) for step in found.steps] == [
        ("freeze", "train.py:2"), ("train", "train.py:4"), ("unfreeze", "train.py:5"),
        ("optimiser", "train.py:8"), ("train", "train.py:9"),
    ]  # fmt: skip
    assert (found.layers, found.whole) == ("base, without base.layers[:-4]", False)


def test_functions_and_methods_are_followed_over_modules(submit: Make) -> None:
    files = {
        "net.py": "class Net(nn.Module):\n    def freeze_base(self):\n        for p in "
        "self.base.parameters():\n"
        "            p.requires_grad = False\n    def free_top(self):\n        for p in "
        "self.base[7:].parameters():\n"
        "            p.requires_grad = True\n",
        "train.py": "import torch\nfrom net import Net\ndef run(model):\n    opt = "
        "torch.optim.SGD(model.parameters(), 1)\n"
        "    loss.backward()\n"
        "model = Net()\nmodel.freeze_base()\nrun(model)\nmodel.free_top()\nrun(model)\n",
    }
    found = phases.find(submit(files))
    assert (found.verdict, found.layers) == ("yes", "self.base[7:].parameters()")


def test_layers_by_their_number_are_not_the_whole_network(submit: Make) -> None:
    upper = (
        "for index in range(start, 9):\n    for p in model.features[index].parameters():\n"
        "        p.requires_grad = True\n"
    )
    found = phases.find(submit({"train.py": TORCH + FREEZE + HEAD + ADAM + LOOP + upper + ADAM + LOOP}))
    assert (found.verdict, found.whole) == ("yes", False)


def test_unfreezing_at_an_epoch(submit: Make) -> None:
    source = TORCH + FREEZE + ADAM + (
        "for epoch in range(10):\n    if epoch == 5:\n        for p in model.layer4.parameters():\n"
        "            p.requires_grad = True\n        opt = torch.optim.Adam(model.parameters())\n    "
        "loss.backward()\n"
    )  # fmt: skip
    assert phases.find(submit({"train.py": source})).verdict == "yes"


WHOLE = (
    TORCH
    + """\
from torchvision import datasets, models, transforms
loader = torch.utils.data.DataLoader(datasets.ImageFolder("train", transforms.ToTensor()))
criterion = nn.CrossEntropyLoss()
model = models.resnet18(weights="DEFAULT")
"""
)


def outcome(submit: Make, files: Mapping[str, str | bytes]) -> list[tuple[str, str]]:
    check = TwoPhases()
    return [
        (each.level, each.where) for each in check.judge(check.collect(submit(files))) if each.level != "note"
    ]


def test_the_check_without_a_contract(submit: Make) -> None:
    assert outcome(submit, {"train.py": KERAS.format(COMPILE)}) == []
    assert outcome(submit, {"train.py": WHOLE + FREEZE + ADAM + LOOP}) == [("error", "train.py:8")]
    whole = WHOLE + FREEZE + ADAM + LOOP + FREEZE.replace("False", "True") + ADAM + LOOP
    assert outcome(submit, {"train.py": whole}) == [("warning", "train.py:14")]
    with pytest.raises(NotMeasured, match="cannot be read: b.ipynb"):
        outcome(submit, {"train.py": WHOLE + ADAM + LOOP, "b.ipynb": "broken"})


def test_a_log_with_one_training_contradicts_code_with_two(submit: Make) -> None:
    log = "Epoch 1/1 train loss: 0.5 val acc: 0.9\n"
    assert outcome(submit, {"train.py": KERAS.format(COMPILE), "train.log": log}) == [
        ("warning", "train.log:1")
    ]


def cell(source: str, *epochs: str) -> dict[str, object]:
    text = "".join(f"Epoch {at}/{len(epochs)}\n{line}\n" for at, line in enumerate(epochs, 1))
    output = {"output_type": "stream", "name": "stdout", "text": text}
    return {"cell_type": "code", "source": source, "outputs": [output] if epochs else []}


def test_the_logs_of_the_cells_that_train(submit: Make) -> None:
    """Each phase's cell shows its own training: 1 epoch to 0.91, then 2 epochs to 0.97."""
    bar = "25/25 [====] - 9s - loss: 0.5 - accuracy: 0.8 - val_loss: 0.4 - val_accuracy: {}"
    first, second = KERAS.format(COMPILE).split("base.trainable = True\n")
    cells = [
        cell(first, bar.format("0.91")),
        cell(f"base.trainable = True\n{second}", bar.format("0.95"), bar.format("0.97")),
    ]
    check = TwoPhases()
    found = list(check.judge(check.collect(submit({"a.ipynb": json.dumps({"nbformat": 4, "cells": cells})}))))
    assert [(each.message, each.where) for each in found[-2:]] == [
        ("the log of phase one: 1 of 1 epochs, validation accuracy 0.91", "a.ipynb#c0"),
        ("the log of phase two: 2 of 2 epochs, validation accuracy 0.97", "a.ipynb#c1"),
    ]


def test_weights_beside_the_code(submit: Make) -> None:
    def told(files: dict[str, str | bytes]) -> tuple[str, str]:
        check = TwoPhases()
        last = list(check.judge(check.collect(submit({"train.py": KERAS.format(COMPILE), **files}))))[-1]
        return last.level, last.message

    assert told({"a.h5": b"12345"}) == (
        "note",
        "the phases were not compared with the weights (a.h5, 0.0 MB): "
        "only two safetensors files are compared",
    )
    head, final = (save({"body": torch.ones(2), "upper": torch.full((2,), at)}) for at in (1.0, 2.0))
    assert told({"a.safetensors": head, "b.safetensors": final}) == (
        "note", "1 of 2 tensors differ between a.safetensors and b.safetensors, such as upper"
    )  # fmt: skip


def test_weights_that_nothing_changed(submit: Make) -> None:
    same = save({"body": torch.ones(2)})
    files: dict[str, str | bytes] = {"a.safetensors": same, "b.safetensors": same}
    check = TwoPhases()
    found = list(check.judge(check.collect(submit({"train.py": KERAS.format(COMPILE), **files}))))
    assert found[-1].level == "warning"
    assert found[-1].message.endswith(
        "holds the same 1 tensors as a.safetensors: nothing was trained between"
    )
