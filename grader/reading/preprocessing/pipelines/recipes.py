"""Whole transforms that libraries make for their weights: presets, timm's transform, image processors."""

import ast

from grader.ground.reference import Reference
from grader.reading.preprocessing.affine import standard
from grader.reading.preprocessing.chain import UNIT, Chain, Normalisation
from grader.reading.preprocessing.pipelines import numbers
from grader.reading.preprocessing.references import Unknown, accepted
from grader.reading.programs import Reader, argument


def of_weights(reader: Reader, call: ast.Call) -> Chain | None:
    """`weights.transforms()` of torchvision: the recipe of these weights, which may be another network's."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if (
        owner is None or call.args or reader.dotted(owner) == "torchvision"
    ):  # torchvision.transforms is a module
        return None
    recipe = _recipe(reader.made(owner))
    if recipe is None:
        return Chain(where="", library=True, scaled=True, tensor=True)
    return Chain(
        where="",
        values=standard(recipe.mean, recipe.std),
        scaled=True,
        tensor=True,
        resize=recipe.resize,
        crop=recipe.crop,
        interpolation=recipe.interpolation,
    )


def of_timm(reader: Reader, call: ast.Call) -> Chain:
    """`create_transform(**data_config)`; without a configuration mean and std are ImageNet's."""
    if any(keyword.arg is None for keyword in call.keywords):
        return Chain(where="", library=True, scaled=True, tensor=True)
    given = argument(call, -1, "mean"), argument(call, -1, "std")
    mean = numbers.triple(reader, given[0]) if given[0] else numbers.IMAGENET[0]
    std = numbers.triple(reader, given[1]) if given[1] else numbers.IMAGENET[1]
    told = [
        value or numbers.is_published(reader, node) for value, node in zip((mean, std), given, strict=True)
    ]
    return Chain(
        where="",
        values=UNIT if all(told) else None,
        last=Normalisation(mean, std) if all(told) else None,
        scaled=True,
        tensor=True,
    )


def of_processor(reader: Reader, call: ast.Call) -> Chain | None:
    """`AutoImageProcessor.from_pretrained("google/vit-base-patch16-224")` of Hugging Face."""
    if not any(word in ast.unparse(call.func) for word in numbers.PROCESSORS):
        return None
    name = reader.value(argument(call, 0, "pretrained_model_name_or_path"))
    changed = any((keyword.arg or "").startswith(("do_", "image_", "rescale")) for keyword in call.keywords)
    checkpoint = name if isinstance(name, str) else ""
    values = None if changed else Chain(where="").values
    return Chain(where="", values=values, library=True, scaled=True, tensor=True, checkpoint=checkpoint)


def preset(reader: Reader, call: ast.Call) -> Chain | None:
    """`torchvision.transforms._presets.ImageClassification(crop_size=224)`: ImageNet's numbers."""
    if "presets" not in reader.dotted(call.func):
        return None
    mean, std = numbers.IMAGENET
    crop = numbers.size(reader, argument(call, -1, "crop_size"))[0]
    resize = numbers.size(reader, argument(call, -1, "resize_size"))[0] or 256
    return Chain(where="", values=standard(mean, std), scaled=True, tensor=True, crop=crop, resize=resize)


def _recipe(owner: ast.expr) -> Reference | None:
    """Of `ResNet50_Weights.IMAGENET1K_V2`; None where the weights are not said here."""
    match owner:
        case ast.Attribute(value=ast.Attribute(attr=network) | ast.Name(id=network), attr=weights):
            pass
        case _:
            return None
    if not network.endswith("_Weights"):
        return None
    try:
        return accepted("torchvision", network.removesuffix("_Weights").lower(), weights)[0]
    except Unknown:
        return None
