"""Pretrained networks that a program builds: library, name and weights, from the call that builds them."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from grader.preprocessing import affine
from grader.preprocessing.affine import Affine
from grader.preprocessing.references import Reference, Unknown, accepted, names
from grader.programs import UNKNOWN, Reader
from grader.programs.bindings import argument, called

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HUB_WORDS = (
    "image",
    "imagenet",
    "feature",
    "classification",
    "efficientnet",
    "mobilenet",
    "resnet",
    "inception",
)
LEARNERS = ("vision_learner", "cnn_learner", "create_cnn")


class Backbone(Struct, frozen=True):
    """A network with pretrained weights. `pretrained` is False where it starts from random weights.

    `references` are empty where nobody publishes how these weights want their images.
    """

    library: str
    name: str
    weights: str
    where: str
    pretrained: bool
    references: tuple[Reference, ...] = ()

    @property
    def framework(self) -> str:
        return "keras" if self.library in ("keras", "tfhub") else "torch"

    @property
    def shown(self) -> str:
        return f"{self.name} {self.weights}".strip()


def find(reader: Reader) -> tuple[Backbone, ...]:
    """Every backbone that the program builds, in the order of its sources and lines."""
    built = tuple(backbone for call in reader.calls() for backbone in _read(reader, call))
    return built or tuple(backbone for call in reader.calls() for backbone in _by_file_name(reader, call))


def wanted(reference: Reference) -> Affine:
    """What the weights want, as values of a pixel."""
    return affine.standard(reference.mean, reference.std, reference.order)


def _read(reader: Reader, call: ast.Call) -> Iterator[Backbone]:
    name = reader.dotted(call.func)
    where = reader.place(call)
    package, _, last = name.rpartition(".")
    if package.startswith("torchvision.models") and last in ("get_model", *names("torchvision")):
        yield _torchvision(reader, call, where, last)
    elif name.startswith("timm") and last == "create_model":
        yield _timm(reader, call, where)
    elif "applications" in package.split(".") and last in names("keras"):
        yield _keras(reader, call, where, last)
    elif name.startswith("tensorflow_hub") and last in ("KerasLayer", "load", "Module"):
        yield from _hub(reader, call, where)
    elif name == "torch.hub.load":
        yield from _torch_hub(reader, call, where)
    elif called(call) in LEARNERS and ("fastai" in name or not name):
        yield _fastai(reader, call, where)
    elif last == "from_pretrained" and ("efficientnet_pytorch" in name or "ForImageClassification" in name):
        yield _from_pretrained(reader, call, where, name)


def _torchvision(reader: Reader, call: ast.Call, where: str, name: str) -> Backbone:
    if name == "get_model":
        given = reader.value(argument(call, 0, "name"))
        name = given.lower() if isinstance(given, str) else ""
    old = reader.value(argument(call, 0, "pretrained")) if call.args or _has(call, "pretrained") else UNKNOWN
    if old is True:
        return _known("torchvision", name, "IMAGENET1K_V1", where)
    weights = _weights(reader, argument(call, -1, "weights") or (call.args[0] if call.args else None))
    if weights == "DEFAULT" or weights.startswith("IMAGENET"):
        return _known("torchvision", name, weights, where)
    return Backbone("torchvision", name, weights, where, pretrained=weights not in ("", "None"))


def _weights(reader: Reader, node: ast.expr | None) -> str:
    """`"IMAGENET1K_V1"`, or the last part of `ResNet18_Weights.DEFAULT`; "" where nothing is said."""
    if node is None:
        return ""
    node = reader.expression(node)
    if isinstance(node, ast.Attribute):
        return node.attr
    value = reader.value(node)
    if isinstance(value, str):
        return value.rpartition(".")[2]
    return "None" if value is None or value is False else "?"


def _timm(reader: Reader, call: ast.Call, where: str) -> Backbone:
    model = reader.value(argument(call, 0, "model_name"))
    pretrained = reader.value(argument(call, 1, "pretrained"))
    if not isinstance(model, str):
        return Backbone("timm", "", "", where, pretrained is True)
    name, _, tag = model.removeprefix("hf_hub:timm/").partition(".")
    if pretrained is not True:
        return Backbone("timm", name, tag, where, pretrained=False)
    return _known("timm", name, tag or "default", where)


def _keras(reader: Reader, call: ast.Call, where: str, name: str) -> Backbone:
    node = argument(call, 1, "weights")
    weights = reader.value(node) if node is not None else "imagenet"
    if weights == "imagenet":
        return _known("keras", name, "imagenet", where)
    return Backbone("keras", name, str(weights or ""), where, pretrained=weights is not None)


def _hub(reader: Reader, call: ast.Call, where: str) -> Iterator[Backbone]:
    """Image modules of TensorFlow Hub share one signature: values of 0..1, with the module's own size."""
    address = reader.value(argument(call, 0, "handle"))
    if not isinstance(address, str) or not any(word in address for word in HUB_WORDS):
        return
    size = re.search(r"(?<!\d)(\d{3})(?!\d)", address)
    reference = Reference(
        resize=0, crop=int(size[1]) if size else 0, fit="", interpolation="", mean=(0, 0, 0), std=(1, 1, 1),
        order="rgb", source="TensorFlow Hub's common signature of image modules",
    )  # fmt: skip
    yield Backbone("tfhub", "/".join(address.rstrip("/").split("/")[-4:]), "", where, True, (reference,))


def _torch_hub(reader: Reader, call: ast.Call, where: str) -> Iterator[Backbone]:
    repository, model = (reader.value(argument(call, at)) for at in (0, 1))
    if isinstance(repository, str) and repository.startswith("pytorch/vision") and isinstance(model, str):
        given = reader.value(argument(call, -1, "pretrained")) is True
        weights = _weights(reader, argument(call, -1, "weights"))
        if given or weights:
            yield _known("torchvision", model, "IMAGENET1K_V1" if given else weights, where)


def _fastai(reader: Reader, call: ast.Call, where: str) -> Backbone:
    """fastai takes torchvision's function, or the name of a timm model."""
    node = argument(call, 1, "arch", "base_arch")
    if reader.value(argument(call, -1, "pretrained")) is False or node is None:
        return Backbone("torchvision", "", "", where, pretrained=False)
    model = reader.value(node)
    if isinstance(model, str):
        return _known("timm", model.partition(".")[0], model.partition(".")[2] or "default", where)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _known("torchvision", name, "IMAGENET1K_V1", where)


def _by_file_name(reader: Reader, call: ast.Call) -> Iterator[Backbone]:
    """`load_model("InceptionV3_cats.h5")`, where the program that trained it is not there."""
    path = reader.value(argument(call, 0, "filepath", "path")) if called(call) == "load_model" else None
    if isinstance(path, str):
        squeezed = re.sub(r"[^a-z0-9]", "", path.rpartition("/")[2].lower())
        named = sorted((name for name in names("keras") if name.lower() in squeezed), key=len)
        if named:
            yield _known("keras", named[-1], "imagenet", reader.place(call))


def _from_pretrained(reader: Reader, call: ast.Call, where: str, name: str) -> Backbone:
    model = reader.value(argument(call, 0))
    shown = model if isinstance(model, str) else ""
    if "efficientnet_pytorch" not in name:
        return Backbone("huggingface", shown, "", where, pretrained=True)
    mean, std = IMAGENET
    reference = Reference(
        resize=0,
        crop=0,
        fit="",
        interpolation="",
        mean=mean,
        std=std,
        order="rgb",
        source="efficientnet_pytorch",
    )
    return Backbone("efficientnet_pytorch", shown, "", where, True, (reference,))


def _known(library: str, name: str, weights: str, where: str) -> Backbone:
    try:
        references = accepted(library, name, weights)
    except Unknown:
        references = ()
    return Backbone(library, name, weights, where, True, references)


def _has(call: ast.Call, keyword: str) -> bool:
    return any(each.arg == keyword for each in call.keywords)
