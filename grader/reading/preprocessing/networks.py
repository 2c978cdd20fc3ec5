"""The networks that a program builds: library, name and weights, from the call that builds them."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from grader.ground.reference import Reference
from grader.reading.preprocessing.backbones import Backbone, known
from grader.reading.preprocessing.pipelines.fastai import LEARNERS
from grader.reading.preprocessing.pipelines.numbers import IMAGENET, PROCESSORS
from grader.reading.preprocessing.references import names
from grader.reading.programs import UNKNOWN, Reader, Source, argument, called
from grader.reading.programs.sources import calls

HUB_WORDS = ("image", "feature", "classification", "efficientnet", "mobilenet", "resnet", "inception")
UNTOLD = "?"  # weights that the program names, and reading cannot tell
# Who uses one of these may well have pretrained weights, however the call is written.
LIBRARIES = (
    "torchvision.models.", "timm.", "keras.applications.", "tensorflow.keras.applications.",
    "tensorflow_hub.",
    "transformers.", "torch.hub.load", "open_clip.", "clip.", "ultralytics.", "efficientnet_pytorch.",
    "pretrainedmodels.", "segmentation_models_pytorch.", "keras_cv.", "keras_hub.",
)  # fmt: skip
LOADS = ("load_state_dict", "load_weights", "load_model")
SAVES = ("save", "save_weights", "save_model", "save_pretrained", "ModelCheckpoint")


def find(reader: Reader) -> tuple[Backbone, ...]:
    """Every backbone that the program builds, in the order of its sources and lines."""
    built = tuple(backbone for _, backbone in made(reader))
    if any(backbone.pretrained for backbone in built):
        return built
    others = (*_mentioned(reader), *(each for call in reader.calls() for each in _by_file_name(reader, call)))
    return (*built, *others)


def made(reader: Reader) -> Iterator[tuple[ast.Call, Backbone]]:
    """Each call that builds a backbone, in the order of sources and lines."""
    return ((call, backbone) for call in reader.calls() for backbone in _read(reader, call))


def doubts(reader: Reader, saves: bool) -> Iterator[str]:
    """Where a program without a recognised backbone may still get pretrained weights.

    `saves`: some program of the submission saves weights, so those that it loads are its own.
    """
    for call in reader.calls():
        asked = argument(call, -1, "pretrained")
        weights = reader.value(argument(call, -1, "weights"))
        of_imagenet = isinstance(weights, str) and weights.lower().startswith("imagenet")
        asks = of_imagenet or (asked is not None and reader.value(asked) is not False)
        if reader.local_function(call.func) is not None:
            continue  # its own body says what it loads
        of_library = reader.dotted(call.func).startswith(LIBRARIES)
        if (
            called(call) == "set_weights"
            or (called(call) in LOADS and not saves)
            or ((asks or of_library) and not list(_read(reader, call)))
        ):
            yield reader.place(call)
    if not any(network.pretrained for _, network in made(reader)):
        yield from (each.where for each in _mentioned(reader))


def save(sources: Sequence[Source]) -> bool:
    """Whether any of the programs saves weights."""
    return any(called(call) in SAVES for source in sources for call in calls(source.tree))


def _mentioned(reader: Reader) -> Iterator[Backbone]:
    """`ResNet18_Weights.DEFAULT` in a table of networks, whose entry some name chooses."""
    for source in reader.program.sources:
        for node in ast.walk(source.tree or ast.Module([], [])):
            match node:
                case ast.Attribute(value=ast.Attribute(attr=owner) | ast.Name(id=owner), attr=weights):
                    name = owner.removesuffix("_Weights").lower()
                    if owner.endswith("_Weights") and name in names("torchvision"):
                        yield known("torchvision", name, weights, reader.place(node))


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
    elif last == "from_pretrained" and name.startswith(("efficientnet_pytorch", "transformers")):
        yield from _from_pretrained(reader, call, where, name)


def _torchvision(reader: Reader, call: ast.Call, where: str, name: str) -> Backbone:
    if name == "get_model":
        given = reader.value(argument(call, 0, "name"))
        name = given.lower() if isinstance(given, str) else ""
    flag = argument(call, -1, "pretrained") or (call.args[0] if call.args else None)
    old = _asked(reader, flag) if flag else False
    if old is True:
        return known("torchvision", name, "IMAGENET1K_V1", where)
    if old is UNKNOWN and argument(call, -1, "pretrained"):
        return Backbone("torchvision", name, UNTOLD, where, pretrained=True)
    weights = _weights(reader, argument(call, -1, "weights") or (call.args[0] if call.args else None))
    if weights == "DEFAULT" or weights.startswith("IMAGENET"):
        return known("torchvision", name, weights, where)
    return Backbone("torchvision", name, weights, where, pretrained=weights not in ("", "None"))


def _asked(reader: Reader, node: ast.expr | None) -> Any:
    """The value of a flag. Where one call denies pretrained weights, all have to: else it is UNKNOWN."""
    value = reader.value(node)
    denied = value is None or value is False
    return UNKNOWN if denied and node and any(told is not value for told in _told(reader, node)) else value


def _told(reader: Reader, node: ast.expr, depth: int = 4) -> Iterator[Any]:
    """What all calls of the functions around say."""
    given = reader.handed(node)
    if depth == 0 or given == (node,):
        yield reader.value(node)
        return
    for each in given:
        yield from _told(reader, each, depth - 1)


def _weights(reader: Reader, node: ast.expr | None) -> str:
    """`"IMAGENET1K_V1"`, or the last part of `ResNet18_Weights.DEFAULT`; "" where nothing is said."""
    if node is None:
        return ""
    several = reader.alternatives(node)
    if len(several) > 1:  # `weights = ... if pretrained else None`, written as branches
        found = [_weights(reader, each) for each in several if not isinstance(each, ast.Name)]
        return next((each for each in found if each not in ("", "None")), UNTOLD if not found else found[0])
    value = _asked(reader, node)
    node = reader.made(node)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(value, str):
        return value.rpartition(".")[2]
    return "None" if value is None or value is False else UNTOLD


def _timm(reader: Reader, call: ast.Call, where: str) -> Backbone:
    model = reader.value(argument(call, 0, "model_name"))
    pretrained = _asked(reader, argument(call, 1, "pretrained"))
    if not isinstance(model, str) or pretrained is UNKNOWN and argument(call, 1, "pretrained"):
        told = pretrained is not UNKNOWN or argument(call, 1, "pretrained") is None
        return Backbone("timm", "", "" if told else UNTOLD, where, pretrained is True or not told)
    name, _, tag = model.removeprefix("hf_hub:timm/").partition(".")
    if pretrained is not True:
        return Backbone("timm", name, tag, where, pretrained=False)
    return known("timm", name, tag or "default", where)


def _keras(reader: Reader, call: ast.Call, where: str, name: str) -> Backbone:
    node = argument(call, 1, "weights")
    weights = _asked(reader, node) if node is not None else "imagenet"
    if weights == "imagenet":
        return known("keras", name, "imagenet", where)
    return Backbone("keras", name, str(weights or ""), where, pretrained=weights is not None)


def _hub(reader: Reader, call: ast.Call, where: str) -> Iterator[Backbone]:
    """Image modules of TensorFlow Hub share one signature: values of 0..1, with the module's own size."""
    address = reader.value(argument(call, 0, "handle"))
    if not isinstance(address, str) or not any(word in address for word in HUB_WORDS):
        return
    size = re.search(r"(?<!\d)(\d{3})(?!\d)", address)
    reference = Reference(
        resize=0,
        crop=int(size[1]) if size else 0,
        fit="",
        interpolation="",
        mean=(0, 0, 0),
        std=(1, 1, 1),
        order="rgb",
        source="TensorFlow Hub's common signature of image modules",
    )
    yield Backbone("tfhub", "/".join(address.rstrip("/").split("/")[-4:]), "", where, True, (reference,))


def _torch_hub(reader: Reader, call: ast.Call, where: str) -> Iterator[Backbone]:
    repository, model = (reader.value(argument(call, at)) for at in (0, 1))
    if isinstance(repository, str) and repository.startswith("pytorch/vision") and isinstance(model, str):
        given = reader.value(argument(call, -1, "pretrained")) is True
        weights = _weights(reader, argument(call, -1, "weights"))
        if given or weights:
            yield known("torchvision", model, "IMAGENET1K_V1" if given else weights, where)


def _fastai(reader: Reader, call: ast.Call, where: str) -> Backbone:
    """fastai takes torchvision's function, or the name of a timm model."""
    node = argument(call, 1, "arch", "base_arch")
    if reader.value(argument(call, -1, "pretrained")) is False or node is None:
        return Backbone("torchvision", "", "", where, pretrained=False)
    model = reader.value(node)
    if isinstance(model, str):
        return known("timm", model.partition(".")[0], model.partition(".")[2] or "default", where)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return known("torchvision", name, "IMAGENET1K_V1", where)


def _by_file_name(reader: Reader, call: ast.Call) -> Iterator[Backbone]:
    """`load_model("InceptionV3_cats.h5")`, where the program that trained it is not there."""
    if called(call) != "load_model":
        return
    path = reader.value(argument(call, 0, "filepath", "path"))
    squeezed = re.sub(r"[^a-z0-9]", "", path.rpartition("/")[2].lower()) if isinstance(path, str) else ""
    named = sorted((name for name in names("keras") if name.lower() in squeezed), key=len)
    if named:
        yield known("keras", named[-1], "imagenet", reader.place(call))
    else:
        yield Backbone("keras", "", "", reader.place(call), pretrained=False)


def _from_pretrained(reader: Reader, call: ast.Call, where: str, name: str) -> Iterator[Backbone]:
    """Networks of Hugging Face, not their processors; `EfficientNet.from_pretrained("efficientnet-b0")`."""
    model = reader.value(argument(call, 0, "pretrained_model_name_or_path"))
    shown = model if isinstance(model, str) else ""
    if name.startswith("transformers"):
        if not any(word in name for word in (*PROCESSORS, "Tokenizer", "Config")):
            yield Backbone("huggingface", shown, "", where, pretrained=True)
        return
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
    yield Backbone("efficientnet_pytorch", shown, "", where, True, (reference,))
