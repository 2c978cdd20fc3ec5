"""The pretrained network: get it, give it a new head, and say which of its layers learn.

image -> [ lower layers: edges, textures ] -> [ upper layers: parts of objects ] -> [ head: our classes ]
          always frozen                        learn in phase two                  learns in both phases
"""

import difflib
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from finetune.parts import weights
from finetune.parts.problem import Problem
from finetune.submission import Model

# By default phase two trains the last layers that hold this share of the parameters below the classifier.
UPPER_SHARE = 0.2


@dataclass(frozen=True)
class Backbone:
    """A network with a new head. `head` and `upper` are names of layers, as in its state_dict: the head of
    ResNet-50 is called "fc", and its upper layers by default "layer4".
    """

    network: nn.Module
    head: str
    upper: tuple[str, ...]
    pretrained: dict[str, str]  # a hash of every tensor as it was before training: a copy can be half a GB


def build(model: Model, classes: int, seed: int = 0) -> Backbone:
    """The pretrained network with a head for our number of classes. Hidden layers start by `seed`."""
    network = weights.network(model)  # as its makers published it; torchvision or timm download it once
    head = replace_head(network, classes, model, seed)
    upper = _checked(network, model.upper_layers) or default_upper(network, head)
    pretrained = {name: _hash(tensor) for name, tensor in network.state_dict().items()}
    return Backbone(network, head, upper, pretrained)


def freeze_all_but(network: nn.Module, learning: tuple[str, ...]) -> None:
    """Let the layers named in `learning` learn, with all that is inside of them, and nothing else.

    Frozen has two sides. A frozen parameter gets no gradient. A frozen layer is also in evaluation mode: a
    BatchNorm layer in training mode would still move its running mean and variance with every batch, and
    dropout would still drop. Call this again after every `network.train()` or `network.eval()`.
    """
    network.eval().requires_grad_(False)  # first everything: evaluation mode, and no gradients ...
    for name in learning:
        network.get_submodule(name).train().requires_grad_()  # ... then back for what learns


def changed(backbone: Backbone) -> dict[str, Tensor]:
    """The tensors that training changed, and the new head. All others are those of the public weights."""
    # ResNet-50 has 94 MB, of which phase two changes 60. The grader compares them with the public weights: a
    # frozen layer in this list would show that it was not frozen.
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
    try:
        # Numbers with names and shapes: no code can hide in there.
        tensors = safetensors.torch.load_file(path)
    except safetensors.SafetensorError as error:
        raise Problem(
            f"{path} is damaged or no file of safetensors ({error}); delete it and run `make train`"
        ) from error
    expected = backbone.network.state_dict()
    for name, tensor in tensors.items():
        if name not in expected or tensor.shape != expected[name].shape:
            raise Problem(
                f"{path} does not fit the network that submission.toml describes: {name}; run `make train`"
            )
    # strict=False: what is not in the file keeps the pretrained values that it has.
    backbone.network.load_state_dict(tensors, strict=False)


def replace_head(network: nn.Module, classes: int, model: Model, seed: int) -> str:
    """Put a new head in the place of the last layer, and return its name.

    The old head tells the 1,000 classes of ImageNet apart; ours has an output for each of our own classes.
    """
    name = weights.head(network)
    old = network.get_submodule(name)
    # The head takes what the layers below make of an image, ResNet-50's 2048 numbers, and weighs them up anew
    # for each class. SqueezeNet's is a convolution with a 1 x 1 kernel; all others are linear layers.
    inputs = old.in_features if isinstance(old, nn.Linear) else old.in_channels
    layer = nn.Linear if isinstance(old, nn.Linear) else functools.partial(nn.Conv2d, kernel_size=1)
    with torch.random.fork_rng(devices=[]):  # the draws below leave the random numbers of training alone
        torch.default_generator.manual_seed(seed)
        new = new_head(layer, inputs, classes, model)
    network.set_submodule(name, new)
    return name


def new_head(layer: Callable[[int, int], nn.Module], inputs: int, classes: int, model: Model) -> nn.Module:
    """One layer, or several: linear -> ReLU -> dropout, for each size in `model.head`, then a last one.

    The last layer starts at zero: every class is equally likely, so the first loss is exactly log(classes).
    Hidden layers must not: where all weights are zero, nothing reaches the layers above, no gradient comes
    back, and nothing ever learns. So they keep the random start that PyTorch gives them.
    """
    parts: list[nn.Module] = []
    for size in model.head:
        # Without ReLU between them, two linear layers would be no more than one.
        parts += [layer(inputs, size), nn.ReLU(), nn.Dropout(model.dropout)]
        inputs = size
    if model.dropout and not model.head:
        # Each step of training has to do without other features: the head cannot rely on a few of them.
        parts.append(nn.Dropout(model.dropout))
    # No softmax at the end: cross-entropy wants the plain sums (logits), from which it computes more exactly.
    last = layer(inputs, classes)
    for parameter in last.parameters():
        nn.init.zeros_(parameter)
    return nn.Sequential(*parts, last) if parts else last


def in_words(head: nn.Module) -> str:
    """What a head consists of, as it is: for the log and the report."""
    words = []
    for layer in head.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            start = "zero" if not layer.weight.any() else "random"
            words.append(f"{layer.weight.shape[1]} -> {layer.weight.shape[0]} (starts {start})")
        elif not any(layer.children()) and not (isinstance(layer, nn.Dropout) and not layer.p):
            words.append(f"dropout {layer.p:g}" if isinstance(layer, nn.Dropout) else type(layer).__name__)
    return ", ".join(words)


def stages(network: nn.Module) -> list[str]:
    """The steps of a network from its input to its output, such as conv1, bn1, layer1, ..., layer4, fc.

    Networks nest their layers in many ways, but all number what repeats: layer4, blocks.6, features.18,
    Mixed_7c. So a layer with a number in its name is a step; one without is opened, down to single layers.
    """

    def steps(layer: nn.Module, name: str) -> list[str]:
        # print(network) shows the whole tree that is walked here.
        own = name.rpartition(".")[2]
        inner = [
            (child, part) for child, part in layer.named_children() if any(True for _ in part.parameters())
        ]
        if not inner or any(letter.isdigit() for letter in own):
            return [name]
        return [step for child, part in inner for step in steps(part, f"{name}.{child}" if name else child)]

    return steps(network, "")


def default_upper(network: nn.Module, head: str) -> tuple[str, ...]:
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
    # From the top down: the higher a layer, the more it knows of ImageNet's classes and the less of pictures
    # in general, so the more there is to gain. A fifth is few enough not to learn 800 photographs by heart.
    upper: list[str] = []
    for step in reversed(sizes):
        upper.insert(0, step)
        if sum(sizes[name] for name in upper) >= UPPER_SHARE * sum(sizes.values()):
            break
    return tuple(upper)


def _checked(network: nn.Module, names: tuple[str, ...]) -> tuple[str, ...]:
    # A layer without parameters, such as ReLU or pooling, has nothing to learn: naming it is a mistake.
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
    # With the dot: layer4.0.conv1 lies inside of layer4, and layer40 does not.
    return any(name == layer or name.startswith(f"{layer}.") for layer in layers)
