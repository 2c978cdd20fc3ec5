"""The families of networks that the homework names, each through `make train`, in both phases."""

import json

import pytest
import safetensors.torch
import torch
from finetune import data, preprocess, train
from finetune.parts import weights
from finetune.preprocess import Preprocessing

from tests.student.families import FAMILIES

FLAGS = ["--epochs-head", "1", "--epochs-upper", "1", "--views", "1", "--learning-rate-upper", "1e-2"]


TORCHVISION = [family for family in FAMILIES if "timm" not in family.name]


@pytest.fixture(params=TORCHVISION, ids=lambda family: family.name)
def family(request, project, edit, monkeypatch):
    """(a network, what phase two trains) of a project with images far smaller than real ones: half a gigabyte
    of weights would prove no more.
    """
    network, side = request.param.network(), request.param.side
    small = Preprocessing(side, side, "bilinear", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    monkeypatch.setattr(weights, "network", lambda _: network)
    monkeypatch.setattr(preprocess, "of_weights", lambda _: small)
    model = {"library": '"torchvision"', "upper_layers": json.dumps(request.param.upper)}
    edit(project / "submission.toml", **model, train="3", val="1", test="1")
    return network, request.param.upper


def test_both_phases_of_each_family(family, project, call, capsys):
    network, upper = family
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    last = weights.head(network)
    data.main()
    call(train, *FLAGS)

    assert "cannot be cut" not in capsys.readouterr().out
    kept = list((project / "data/cache/activations").iterdir())
    assert len(kept) == 4  # of training and validation images, at the boundary and below the head
    events = [json.loads(line) for line in (project / "logs/train.jsonl").read_text().splitlines()]
    assert [event.get("phase") for event in events] == [None, "head", "upper", None]
    head = safetensors.torch.load_file(project / "head.safetensors")
    assert set(head) == {f"{last}.weight", f"{last}.bias"}
    learning = tuple(f"{layer}." for layer in (*upper, last))
    whole = safetensors.torch.load_file(project / "model.safetensors")
    assert set(head) < set(whole) <= {name for name in before if name.startswith(learning)}
    assert all(tensor.isfinite().all() for tensor in whole.values())
    for name, tensor in network.state_dict().items():  # the very network that was trained
        if not name.startswith(learning):
            assert torch.equal(tensor, before[name]), name
