"""Cutting networks where learning begins: the parts together are the whole, also for learning."""

import copy

import pytest
import torch
from finetune import backbone
from finetune.backbone import Backbone
from finetune.parts import weights
from finetune.speed import folding, frozen
from torch import nn

from tests.student.families import FAMILIES

SMALLEST = next(family for family in FAMILIES if family.name == "efficientnet of timm")


def network_of(family, upper=()):
    """In double precision."""
    network = family.network().double()
    return Backbone(network, weights.head(network), upper or family.upper, {})


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_both_phases_give_what_the_whole_network_gives(family):
    """In double precision: outputs, gradients, and the weights after steps of training."""
    model, side, upper = network_of(family), family.side, family.upper
    whole = copy.deepcopy(model.network)
    halves = frozen.halves(model, side)
    images, labels = torch.rand(2, 3, side, side, dtype=torch.double), torch.tensor([0, 1])
    for phase, learning in (("head", (model.head,)), ("upper", (*upper, model.head))):
        results = []
        for network, part, once in (
            (whole, whole, ()),
            (model.network, halves[phase].learning, halves[phase].frozen),
        ):
            torch.manual_seed(1)
            backbone.freeze_all_but(network, learning)
            trained = [(key, p) for key, p in network.named_parameters() if p.requires_grad]
            assert {key.rpartition(".")[0].startswith(learning) for key, _ in trained} == {True}
            given = images
            with torch.no_grad():
                for layers in once:
                    given = layers(given)
            optimizer = torch.optim.SGD([p for _, p in trained], lr=1e-4)
            for _ in range(2):
                loss = nn.functional.cross_entropy(part(given), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            results.append((loss.detach(), {key: (p.grad, p.detach()) for key, p in trained}))
        (loss, plain), (fast_loss, fast) = results
        assert abs(loss - fast_loss) < 1e-10
        assert plain.keys() == fast.keys()
        largest = max(float(gradient.abs().max()) for gradient, _ in plain.values())
        for key, (gradient, weight) in plain.items():
            assert (gradient - fast[key][0]).abs().max() < 1e-10 * max(largest, 1)
            assert torch.allclose(weight, fast[key][1], rtol=0, atol=1e-10)
    # Nothing else moved: running statistics of the layers that learnt did so alike.
    for key, tensor in whole.state_dict().items():
        assert torch.allclose(tensor.double(), model.network.state_dict()[key].double(), rtol=0, atol=1e-9), (
            key
        )


def test_frozen_layers_are_not_touched_by_the_trial():
    model = network_of(SMALLEST)
    before = {key: tensor.clone() for key, tensor in model.network.state_dict().items()}
    state = torch.get_rng_state()
    frozen.halves(model, 64)
    assert torch.equal(torch.get_rng_state(), state)
    for key, tensor in model.network.state_dict().items():
        assert torch.equal(tensor, before[key])


def test_large_frozen_layers_in_double_precision_without_a_copy(monkeypatch):
    """As VGG16's fully connected ones: the same outputs and gradients, and the original as it was."""
    monkeypatch.setattr(frozen, "LARGE", 50)  # three rows at a time
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 2), nn.Flatten(), nn.Linear(16, 7), nn.Tanh(), nn.Linear(7, 2))
    model = Backbone(network, "4", ("0",), {})
    before = copy.deepcopy(network.state_dict())
    in_double = frozen._double(model)
    plain = copy.deepcopy(network).double()
    images = torch.rand(3, 3, 3, 3, dtype=torch.double)
    assert type(in_double[2]) is not nn.Linear
    assert torch.allclose(in_double(images), plain(images), rtol=0, atol=1e-14)
    tokens = torch.rand(3, 5, 16, dtype=torch.double)
    assert torch.allclose(in_double[2](tokens), plain[2](tokens), rtol=0, atol=1e-14)
    for each in (in_double, plain):
        each(images).square().sum().backward()
    assert torch.allclose(in_double[0].weight.grad, plain[0].weight.grad, rtol=0, atol=1e-14)
    for name, tensor in network.state_dict().items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, before[name])


def test_a_network_that_asks_for_sizes_while_it_runs_is_not_cut():
    class Asks(nn.Module):
        def __init__(self):
            super().__init__()
            self.lower, self.head = nn.Conv2d(3, 4, 1), nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.lower(x).mean((2, 3)) if x.shape[-1] > 3 else x.sum((2, 3)))

    with pytest.raises(frozen.Uncuttable, match="cannot write down its steps"):
        frozen.halves(Backbone(Asks().double(), "head", ("lower",), {}), 8)


def test_parts_that_differ_from_the_whole_are_found(monkeypatch):
    """Such as by a folding that is wrong: a cut is believed only after it has been tried."""
    model = network_of(SMALLEST)
    right = folding._fold

    def wrong(convolution, norm):
        right(convolution, norm)
        convolution.bias.data += 1e-6

    monkeypatch.setattr(folding, "_fold", wrong)
    with pytest.raises(frozen.Uncuttable, match="the parts differ from the whole by .*e-0"):
        frozen.halves(model, 64)


def test_no_boundary_where_the_first_layer_learns():
    model = network_of(SMALLEST, ("conv_stem", "blocks"))
    with pytest.raises(frozen.Uncuttable, match="its first layer learns already"):
        frozen.halves(model, 64)
