"""Single transforms of torchvision (v1, v2), Albumentations and Keras: what each does to an image."""

import ast
from collections.abc import Callable, Mapping

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import UNIT, Chain, Normalisation
from grader.reading.preprocessing.pipelines import numbers, recipes
from grader.reading.programs import UNKNOWN, Reader, argument, called

# They move, flip or colour the image, or change its type, but not what a value means.
HARMLESS = (
    "Random", "Color", "Flip", "Rotat", "Affine", "Perspective", "AutoAugment", "RandAugment",
    "TrivialAugment", "AugMix", "Gaussian", "Blur", "Noise", "Crop", "Pad", "Identity", "Input", "Transpose",
    "ShiftScale", "Cutout", "CoarseDropout", "Brightness", "Contrast", "Hue", "Elastic", "Distort", "CLAHE",
    "JitterColor", "Sharpness", "Erasing", "HorizontalFlip", "Compression", "Jitter", "Fog", "Shadow",
    "Permute", "MixUp", "CutMix", "OneOf", "SomeOf", "Translation", "Zoom", "Solarize", "Equalize",
    "Posterize", "Dropout",
)  # fmt: skip
LAST = ("Pad", "PadIfNeeded", "Input", "Identity", "Permute", "Transpose")  # the same picture each time
TENSORS = ("PILToTensor", "ToTensorV2", "ToImage", "ToPureTensor", "ToDtype")
PICTURES = ("ToPILImage", "ToRGB")
STATED: Mapping[str, str] = {"BILINEAR": "bilinear", "BICUBIC": "bicubic", "NEAREST": "nearest"}
UNTOLD = Chain(where="", values=None, scaled=True)


def read(reader: Reader, call: ast.Call) -> Chain | None:
    """The step that the call stands for; None where it is no transform that is known."""
    name = called(call)
    if name in TABLE:
        return TABLE[name](reader, call)
    if name in TENSORS or name in PICTURES:
        return Chain(where="", tensor=name in TENSORS)
    if any(word in name for word in HARMLESS):
        return Chain(where="", random="" if name in LAST else name)
    return None


def normalised(reader: Reader, mean: ast.expr | None, std: ast.expr | None) -> Chain:
    """`(x - mean) / std`, with numbers that are written down or that come with the weights."""
    means, stds = numbers.triple(reader, mean), numbers.triple(reader, std)
    if means and stds and 0 not in stds:
        return Chain(where="", values=Affine().normalised(means, stds), scaled=True, tensor=True)
    means_told = means or numbers.is_published(reader, mean)
    stds_told = (stds and 0 not in stds) or numbers.is_published(reader, std)
    if means_told and stds_told:
        return Chain(where="", last=Normalisation(means, stds), scaled=True, tensor=True)
    return UNTOLD


def _normalize(reader: Reader, call: ast.Call) -> Chain:
    """torchvision's and Albumentations' classes share the name."""
    if reader.dotted(call.func).startswith("albumentations") or argument(call, -1, "max_pixel_value"):
        return _albumentations_normalize(reader, call)
    if len(call.args) == 1 and isinstance(call.args[0], ast.Starred):
        return _starred(reader, call.args[0].value)
    return normalised(reader, argument(call, 0, "mean", "means"), argument(call, 1, "std", "stds"))


def _starred(reader: Reader, node: ast.expr) -> Chain:
    """`Normalize(*stats)`."""
    stats = numbers.pair(reader, node)
    if stats is None or 0 in stats[1]:
        return UNTOLD
    return Chain(where="", values=Affine().normalised(*stats), scaled=True, tensor=True)


def _albumentations_normalize(reader: Reader, call: ast.Call) -> Chain:
    """Its defaults are ImageNet's; values are divided by `max_pixel_value` first."""
    mode = argument(call, -1, "normalization")
    if mode and reader.value(mode) != "standard":
        return UNTOLD
    scale = _number(reader, argument(call, 2, "max_pixel_value"), 255.0)
    if not scale:
        return UNTOLD
    given = argument(call, 0, "mean"), argument(call, 1, "std")
    whole = [ast.Tuple([ast.Constant(each) for each in triple], ast.Load()) for triple in numbers.IMAGENET]
    last = normalised(reader, given[0] or whole[0], given[1] or whole[1])
    return Chain(where="", values=Affine().times(1 / scale), scaled=True).then(last)


def _to_unit(_: Reader, __: ast.Call) -> Chain:
    return Chain(where="", values=UNIT, scaled=True, tensor=True, by_type=True, floats=True)


def _to_dtype(reader: Reader, call: ast.Call) -> Chain:
    """Bytes scaled to bytes stay what they are."""
    kind = argument(call, 0, "dtype")
    scale = reader.value(argument(call, 1, "scale")) is True and "int" not in (
        ast.unparse(kind) if kind else ""
    )
    is_float = "float" in (ast.unparse(kind) if kind else "")
    return _to_unit(reader, call) if scale else Chain(where="", tensor=True, floats=is_float)


def _to_float(reader: Reader, call: ast.Call) -> Chain:
    most = _number(reader, argument(call, 0, "max_value"), 255.0)
    return Chain(where="", values=Affine().times(1 / most), scaled=True, tensor=True) if most else UNTOLD


def _resize(reader: Reader, call: ast.Call) -> Chain:
    side, both = numbers.size(reader, argument(call, 0, "size", "height", "max_size"))
    width = argument(call, 1, "width") if argument(call, -1, "size") is None else None
    two = called(call) != "SmallestMaxSize" and isinstance(reader.value(width), int)
    how = argument(call, -1, "interpolation")
    return Chain(where="", resize=side, squash=both or two, interpolation=STATED.get(_last(how).upper(), ""))


def _last(node: ast.expr | None) -> str:
    """`BICUBIC` of `InterpolationMode.BICUBIC`, and of `InterpolationMode("bicubic")`."""
    match node:
        case ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str() as text) | ast.Call(args=[ast.Constant(value=str() as text)]):
            return text
    return ""


def _center_crop(reader: Reader, call: ast.Call) -> Chain:
    return Chain(where="", crop=numbers.size(reader, argument(call, 0, "size", "height"))[0])


def _random_crop(reader: Reader, call: ast.Call) -> Chain:
    crop = numbers.size(reader, argument(call, 0, "size", "height"))[0]
    return Chain(where="", crop=crop, random=called(call))


def _rescaling(reader: Reader, call: ast.Call) -> Chain:
    """Keras: x * scale + offset, one number or one for each colour."""
    node = argument(call, 1, "offset")
    scale = numbers.triple(reader, argument(call, 0, "scale"))
    offset = numbers.triple(reader, node) if node else (0.0, 0.0, 0.0)
    if not scale or not offset or 0 in scale:
        return UNTOLD
    return Chain(where="", values=Affine().times(scale).plus(offset), scaled=True)


def _keras_normalization(reader: Reader, call: ast.Call) -> Chain:
    """Without numbers, adapt() looks at the data."""
    mean = numbers.triple(reader, argument(call, 1, "mean"))
    variance = numbers.triple(reader, argument(call, 2, "variance"))
    is_inverse = reader.value(argument(call, -1, "invert")) is True
    if not mean or not variance or min(variance) <= 0 or is_inverse:
        return UNTOLD
    values = Affine().normalised(mean, [each**0.5 for each in variance])
    return Chain(where="", values=values, scaled=True)


def _number(reader: Reader, node: ast.expr | None, default: float) -> float:
    """0 where reading cannot tell."""
    value = default if node is None else reader.value(node)
    return 0.0 if value is UNKNOWN or isinstance(value, bool | str | tuple | None) else float(value)


TABLE: Mapping[str, Callable[[Reader, ast.Call], Chain | None]] = {
    "Normalize": _normalize,
    "ToTensor": _to_unit,
    "ToDtype": _to_dtype,
    "ConvertImageDtype": _to_unit,
    "ConvertDtype": _to_unit,
    "ConvertImageDType": _to_unit,
    "ToFloat": _to_float,
    "Resize": _resize,
    "Resizing": _resize,
    "SmallestMaxSize": _resize,
    "CenterCrop": _center_crop,
    "RandomResizedCrop": _random_crop,
    "RandomCrop": _random_crop,
    "Rescaling": _rescaling,
    "Normalization": _keras_normalization,
    "transforms": recipes.of_weights,
    "create_transform": recipes.of_timm,
    "from_pretrained": recipes.of_processor,
    "ImageClassification": recipes.preset,
}
