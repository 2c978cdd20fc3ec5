"""Single transforms of torchvision (v1, v2), Albumentations and Keras: what each does to an image."""

import ast
from collections.abc import Callable, Mapping

from grader.preprocessing.affine import Affine, standard
from grader.preprocessing.pipelines import keras_inputs
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader
from grader.programs.bindings import argument, called

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PUBLISHED = {
    "IMAGENET_DEFAULT_MEAN": IMAGENET[0],
    "IMAGENET_DEFAULT_STD": IMAGENET[1],
    "IMAGENET_INCEPTION_MEAN": (0.5, 0.5, 0.5),
    "IMAGENET_INCEPTION_STD": (0.5, 0.5, 0.5),
}
# They move, flip or colour the image, or change its type, but not what a value means.
HARMLESS = (
    "Random", "Color", "Flip", "Rotat", "Affine", "Perspective", "AutoAugment", "RandAugment",
    "TrivialAugment",
    "AugMix", "Gaussian", "Blur", "Noise", "Crop", "Pad", "ToPILImage", "PILToTensor", "ToImage",
    "Identity", "Input",
    "ToTensorV2", "Transpose", "ShiftScale", "Cutout", "CoarseDropout", "Brightness", "Contrast", "Hue",
    "Elastic",
    "Distort", "CLAHE", "JitterColor", "Sharpness", "Erasing", "HorizontalFlip", "Compression",
    "Jitter", "ToRGB", "Fog",
    "Shadow", "Permute", "MixUp", "CutMix", "OneOf", "SomeOf", "Translation", "Zoom", "Solarize", "Equalize",
)  # fmt: skip


def read(reader: Reader, call: ast.Call) -> Chain | None:
    """The step that the call stands for; None where it is no transform that is known."""
    name = called(call)
    if name in TABLE:
        return TABLE[name](reader, call)
    if any(name.startswith(prefix) or prefix in name for prefix in HARMLESS):
        return Chain(where="", random="" if name in ("Pad", "ToImage") else name)
    return None


def numbers(reader: Reader, node: ast.expr | None) -> tuple[float, ...]:
    """Three numbers (one counts for all colours); () where reading cannot tell."""
    if node is None:
        return ()
    last = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    value = PUBLISHED.get(reader.dotted(node).rpartition(".")[2]) or reader.value(node) or PUBLISHED.get(last)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (float(value),) * 3
    if (
        isinstance(value, tuple)
        and len(value) in (1, 3)
        and all(isinstance(each, int | float) for each in value)
    ):
        return tuple(map(float, value)) * (3 // len(value))
    return ()


def size(reader: Reader, node: ast.expr | None) -> tuple[int, bool]:
    """One side in pixels, and whether both sides were given; 0 where reading cannot tell or sides differ."""
    value = reader.value(node)
    if isinstance(value, tuple) and value and all(isinstance(each, int) for each in value[:2]):
        return (value[0] if len(set(value[:2])) == 1 else 0), len(value) > 1
    return (value, False) if isinstance(value, int) else (0, False)


def _normalize(reader: Reader, call: ast.Call) -> Chain:
    mean = numbers(reader, argument(call, 0, "mean", "means"))
    std = numbers(reader, argument(call, 1, "std", "stds"))
    if not mean or len(std) != 3 or 0 in std:
        return Chain(where="", values=None, scaled=True)
    return Chain(where="", values=Affine().normalised(mean, std), scaled=True)


def _albumentations_normalize(reader: Reader, call: ast.Call) -> Chain:
    """Its defaults are ImageNet's; values are divided by `max_pixel_value` first."""
    given = [argument(call, 0, "mean"), argument(call, 1, "std")]
    mean, std = (numbers(reader, node) if node else IMAGENET[at] for at, node in enumerate(given))
    most = argument(call, 2, "max_pixel_value")
    scale = reader.value(most) if most else 255.0
    if not mean or not std or not isinstance(scale, int | float) or scale == 0 or 0 in std:
        return Chain(where="", values=None, scaled=True)
    return Chain(where="", values=Affine().times(1 / scale).normalised(mean, std), scaled=True)


def _any_normalize(reader: Reader, call: ast.Call) -> Chain:
    owner = reader.dotted(call.func)
    return (_albumentations_normalize if owner.startswith("albumentations") else _normalize)(reader, call)


def _to_tensor(_: Reader, __: ast.Call) -> Chain:
    return Chain(where="", values=Affine().times(1 / 255), scaled=True)


def _to_dtype(reader: Reader, call: ast.Call) -> Chain:
    scale = reader.value(argument(call, 1, "scale")) is True
    return _to_tensor(reader, call) if scale else Chain(where="")


def _to_float(reader: Reader, call: ast.Call) -> Chain:
    most = argument(call, 0, "max_value")
    value = reader.value(most) if most else 255.0
    good = isinstance(value, int | float) and value
    return Chain(where="", values=Affine().times(1 / value) if good else None, scaled=True)


def _resize(reader: Reader, call: ast.Call) -> Chain:
    side, both = size(reader, argument(call, 0, "size", "height", "max_size"))
    two = called(call) == "Resize" and bool(argument(call, 1, "width")) and not argument(call, -1, "size")
    return Chain(
        where="",
        resize=side,
        squash=both or (two and isinstance(reader.value(argument(call, 1, "width")), int)),
    )


def _center_crop(reader: Reader, call: ast.Call) -> Chain:
    return Chain(where="", crop=size(reader, argument(call, 0, "size", "height"))[0])


def _random_crop(reader: Reader, call: ast.Call) -> Chain:
    return Chain(where="", crop=size(reader, argument(call, 0, "size", "height"))[0], random=called(call))


def _rescaling(reader: Reader, call: ast.Call) -> Chain:
    scale = reader.value(argument(call, 0, "scale"))
    node = argument(call, 1, "offset")
    offset = reader.value(node) if node else 0.0
    try:
        return Chain(where="", values=Affine().times(scale).plus(offset), scaled=True)
    except (TypeError, ValueError):
        return Chain(where="", values=None, scaled=True)


def _keras_normalization(reader: Reader, call: ast.Call) -> Chain:
    mean = numbers(reader, argument(call, 1, "mean"))
    variance = numbers(reader, argument(call, 2, "variance"))
    if not mean or not variance or min(variance) <= 0:
        return Chain(where="", values=None, scaled=True)  # adapt() looks at the data
    return Chain(where="", values=Affine().normalised(mean, [each**0.5 for each in variance]), scaled=True)


def _from_weights(reader: Reader, call: ast.Call) -> Chain | None:
    """`weights.transforms()` gives what the weights want; `torchvision.transforms(...)` does not exist."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if owner is None or reader.dotted(owner) == "torchvision":
        return None
    return Chain(where="", library=True, scaled=True)


def _create_transform(reader: Reader, call: ast.Call) -> Chain:
    """timm: `create_transform(**data_config)`; without a configuration mean and std are ImageNet's."""
    if any(keyword.arg is None for keyword in call.keywords):
        return Chain(where="", library=True, scaled=True)
    mean = numbers(reader, argument(call, -1, "mean")) if argument(call, -1, "mean") else IMAGENET[0]
    std = numbers(reader, argument(call, -1, "std")) if argument(call, -1, "std") else IMAGENET[1]
    crop = size(reader, argument(call, 0, "input_size"))[0]
    return Chain(where="", values=standard(mean, std) if mean and std else None, scaled=True, crop=crop)


def _processor(_: Reader, __: ast.Call) -> Chain:
    return Chain(where="", library=True, scaled=True)


TABLE: Mapping[str, Callable[[Reader, ast.Call], Chain | None]] = {
    "Normalize": _any_normalize,
    "ToTensor": _to_tensor,
    "ToDtype": _to_dtype,
    "ConvertImageDtype": _to_tensor,
    "ConvertDtype": _to_tensor,
    "ToFloat": _to_float,
    "Resize": _resize,
    "Resizing": _resize,
    "SmallestMaxSize": _resize,
    "CenterCrop": _center_crop,
    "RandomResizedCrop": _random_crop,
    "RandomCrop": _random_crop,
    "Rescaling": _rescaling,
    "Normalization": _keras_normalization,
    "transforms": _from_weights,
    "create_transform": _create_transform,
}


def preprocess_input(reader: Reader, function: ast.expr) -> Affine | None:
    """The values of the Keras function behind an expression."""
    return keras_inputs.values(reader.dotted(function))
