"""The pretrained network: get it, give it a new head, and say which of its layers learn.

image -> [ lower layers: edges, textures ] -> [ upper layers: parts of objects ] -> [ head: our classes ]
          always frozen                        learn in phase two                  learns in both phases
"""

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from torch import Tensor, nn

from finetune.parts import weights
from finetune.parts.problem import Problem
from finetune.submission import Model

# By default phase two trains the last layers that hold this share of the parameters below the classifier.
UPPER_SHARE = 0.2


@dataclass(frozen=True)
class Backbone:
    """A network with a new head. `head` and `upper` are names of layers, as in its state_dict."""

    network: nn.Module
    head: str
    upper: tuple[str, ...]
    pretrained: dict[str, str]  # a hash of every tensor as it was before training: a copy can be half a GB


def build(model: Model, classes: int) -> Backbone:
    """The pretrained network with a head for our number of classes."""
    network = weights.network(model)
    head = _replace_head(network, classes)
    upper = _checked(network, model.upper_layers) or _default_upper(network, head)
    pretrained = {name: _hash(tensor) for name, tensor in network.state_dict().items()}
    return Backbone(network, head, upper, pretrained)


def freeze_all_but(network: nn.Module, learning: tuple[str, ...]) -> int:
    """Let only the layers named in `learning` learn; returns how many parameters that are.

    Frozen has two sides. A frozen parameter gets no gradient. A frozen layer is also in evaluation mode: a
    BatchNorm layer in training mode would still move its running mean and variance with every batch, and
    dropout would still drop. Call this again after every `network.train()` or `network.eval()`.
    """
    network.eval()
    for name, layer in network.named_modules():
        if belongs(name, learning):
            layer.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(belongs(name, learning))
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def changed(backbone: Backbone) -> dict[str, Tensor]:
    """The tensors that training changed, and the new head. All others are those of the public weights."""
    return {
        name: tensor.detach().cpu().contiguous()
        for name, tensor in backbone.network.state_dict().items()
        if belongs(name, (backbone.head,)) or _hash(tensor) != backbone.pretrained[name]
    }


def _hash(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.cpu().contiguous().numpy()).hexdigest()


def restore(backbone: Backbone, path: Path) -> None:
    """Load tensors that `changed` gave into the network."""
    if not path.exists():
        raise Problem(f"{path} is not here; run `make train` first")
    tensors = safetensors.torch.load_file(path)
    expected = backbone.network.state_dict()
    for name, tensor in tensors.items():
        if name not in expected or tensor.shape != expected[name].shape:
            raise Problem(
                f"{path} does not fit the network that submission.toml describes: {name}; run `make train`"
            )
    backbone.network.load_state_dict(tensors, strict=False)


def _replace_head(network: nn.Module, classes: int) -> str:
    """Put a new last layer in the place of the old one, and return its name.

    It starts at zero: every class is equally likely, so the first loss is exactly log(classes), and nothing
    random is left in the network.
    """
    name = weights.head(network)
    old = network.get_submodule(name)
    new: nn.Module
    if isinstance(old, nn.Linear):
        new = nn.Linear(old.in_features, classes)
    else:  # SqueezeNet's head is a convolution with a 1 x 1 kernel
        new = nn.Conv2d(old.in_channels, classes, kernel_size=1)
    for parameter in new.parameters():
        nn.init.zeros_(parameter)
    parent, _, own = name.rpartition(".")
    setattr(network.get_submodule(parent), own, new)
    return name


def stages(network: nn.Module) -> list[str]:
    """The steps of a network from its input to its output, such as conv1, bn1, layer1, ..., layer4, fc.

    Networks nest their layers in many ways, but all number what repeats: layer4, blocks.6, features.18,
    Mixed_7c. So a layer with a number in its name is a step; one without is opened, down to single layers.
    """

    def steps(layer: nn.Module, name: str) -> list[str]:
        own = name.rpartition(".")[2]
        inner = [
            (child, part) for child, part in layer.named_children() if any(True for _ in part.parameters())
        ]
        if not inner or any(letter.isdigit() for letter in own):
            return [name]
        return [step for child, part in inner for step in steps(part, f"{name}.{child}" if name else child)]

    return steps(network, "")


def _default_upper(network: nn.Module, head: str) -> tuple[str, ...]:
    """The last steps that hold UPPER_SHARE of the parameters below the classifier, and what follows them.

    Of a classifier of several layers, as VGG's, all but the head stay frozen: they are general features too,
    and 120 of VGG16's 138 million parameters. timm has them outside, as pre_logits.
    """
    classifier = (head.partition(".")[0], "pre_logits")
    sizes = {
        step: sum(p.numel() for p in network.get_submodule(step).parameters())
        for step in stages(network)
        if not belongs(step, classifier)
    }
    upper: list[str] = []
    for step in reversed(sizes):
        upper.insert(0, step)
        if sum(sizes[name] for name in upper) >= UPPER_SHARE * sum(sizes.values()):
            break
    return tuple(upper)


def _checked(network: nn.Module, names: tuple[str, ...]) -> tuple[str, ...]:
    known = [
        name for name, layer in network.named_modules() if name and any(True for _ in layer.parameters())
    ]
    for name in names:
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known, 3)) or ", ".join(stages(network))
            raise Problem(
                f'submission.toml: [model] upper_layers: the network has no layer "{name}"; it has {near}'
            )
    return names


def belongs(name: str, layers: tuple[str, ...]) -> bool:
    """Whether a parameter or a layer is one of these layers or lies inside of one."""
    return any(name == layer or name.startswith(f"{layer}.") for layer in layers)
