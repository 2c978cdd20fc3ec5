"""Networks that share layers predict what they predict alone, bit by bit, whatever they write into."""

import copy

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from grader.workers.parts import networks, reuse


class Overwriting(nn.Module):
    """Writes into the output of a shared layer, and into its input, as careless networks do."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.second = nn.Linear(4, 4)
        self.last = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(x)
        out = self.second(hidden)
        out += hidden
        hidden.relu_()
        logits: Tensor = self.last(out * hidden)
        return logits


def pair(network: nn.Module, changed: str) -> dict[str, nn.Module]:
    """The network, and the same with every tensor below `changed` moved a little."""
    other = copy.deepcopy(network)
    with torch.no_grad():
        for name, parameter in other.named_parameters():
            if name.startswith(changed):
                parameter += 0.01
    return {"one": network.eval(), "other": other.eval()}


def differing(pair: dict[str, nn.Module]) -> set[str]:
    one, other = (network.state_dict() for network in pair.values())
    return {name for name in one if not torch.equal(one[name], other[name])}


@pytest.mark.parametrize(
    ("network", "changed", "side"),
    [
        (lambda: timm.create_model("test_resnet", num_classes=2), "layer4", 64),
        (lambda: timm.create_model("test_efficientnet", num_classes=2), "blocks.2", 64),
        (lambda: timm.create_model("test_vit", num_classes=2), "blocks.5", 160),
        (lambda: torchvision.models.resnet18(num_classes=2), "layer3.0.downsample", 64),
        (lambda: torchvision.models.mobilenet_v3_small(num_classes=2), "features.9", 64),
        (lambda: torchvision.models.squeezenet1_1(num_classes=2), "features.12", 64),
        (lambda: torchvision.models.shufflenet_v2_x0_5(num_classes=2), "conv5", 64),
    ],
)
def test_sharing_changes_no_bit(network: object, changed: str, side: int) -> None:
    torch.manual_seed(0)
    trained = pair(network(), changed)  # type: ignore[operator]
    batches = [torch.randn(2, 3, side, side) for _ in range(2)]
    with torch.no_grad():
        alone = [each(batch.clone()) for batch in batches for each in trained.values()]
        reuse.share(trained, differing(trained))
        shared = [each(batch.clone()) for batch in batches for each in trained.values()]
    assert all(torch.equal(one, other) for one, other in zip(alone, shared, strict=True))


@pytest.mark.parametrize("changed", ["first", "second", "last"])
def test_what_was_overwritten_is_computed_again(changed: str) -> None:
    torch.manual_seed(0)
    trained = pair(Overwriting(), changed)
    batch = torch.randn(3, 4)
    with torch.no_grad():
        alone = [each(batch) for each in trained.values()]
        reuse.share(trained, differing(trained))
        shared = [each(batch) for each in trained.values()]
    assert all(torch.equal(one, other) for one, other in zip(alone, shared, strict=True))


def test_equal_layers_are_computed_once() -> None:
    trained = pair(nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2)), "2")
    calls: list[str] = []
    for network in trained.values():
        first = network.get_submodule("0")
        first.forward = lambda x, forward=first.forward: (calls.append("first"), forward(x))[1]
    reuse.share(trained, differing(trained))
    with torch.no_grad():
        batch = torch.randn(3, 4)
        for network in trained.values():
            network(batch)
    assert calls == ["first"]


def test_the_head_is_what_depends_on_the_number_of_classes() -> None:
    assert networks.head("timm", "test_resnet", 2) == {"fc.weight", "fc.bias"}
    assert networks.head("timm", "test_efficientnet", 2) == {"classifier.weight", "classifier.bias"}
    assert networks.head("torchvision", "vgg11", 2) == {"classifier.6.weight", "classifier.6.bias"}
    assert networks.head("torchvision", "squeezenet1_1", 2) == {"classifier.1.weight", "classifier.1.bias"}
    assert networks.head("torchvision", "inception_v3", 2) == {"fc.weight", "fc.bias"}


@pytest.mark.parametrize("name", ["hf-hub:someone/network", "local-dir:/tmp", "resnet50/../x", "maskrcnn"])
def test_only_names_of_the_library_are_built(name: str) -> None:
    for library in ("timm", "torchvision"):
        with pytest.raises(networks.Misfit):
            networks.build(library, name, 2)
