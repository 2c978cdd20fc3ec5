"""What library calls and arithmetic do to the values of an image."""

import ast
from collections.abc import Sequence

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.chain import UNIT, Normalisation
from grader.reading.preprocessing.pipelines import composed, elements, keras_inputs, numbers
from grader.reading.preprocessing.pipelines.composed import Follow
from grader.reading.preprocessing.pipelines.values import HANDED, LOST, Lost
from grader.reading.programs import Reader, argument, called

SAME = {  # the same pixels in another shape, size, type or box
    "array", "asarray", "asanyarray", "img_to_array", "array_to_img", "cast", "expand_dims", "resize",
    "stack",
    "vstack", "concatenate", "fromarray", "convert", "astype", "copy", "transpose", "permute",
    "reshape", "unsqueeze",
    "squeeze", "to", "numpy", "float", "cuda", "cpu", "float32", "list", "tuple", "zip", "tqdm",
    "enumerate", "shuffle",
    "thumbnail", "crop", "resize_with_pad", "resize_with_crop_or_pad", "rotate", "flip",
    "ascontiguousarray", "from_numpy",
    "tensor", "Tensor", "convert_to_tensor", "flatten", "set_shape", "random_flip_left_right", "repeat",
    "constant",
    "central_crop", "exif_transpose", "pad", "clip", "as_tensor", "FloatTensor", "contiguous", "type",
    "half", "clone",
    "resize_images", "rollaxis", "swapaxes", "moveaxis", "batch", "prefetch", "cache", "append",
    "extend", "DataLoader",
    "from_tensor_slices", "TensorDataset", "random_flip_up_down", "random_brightness",
    "random_contrast", "fit", "flow",
    "read", "BytesIO", "Variable", "detach", "next", "iter", "take", "skip",
}  # fmt: skip
HANDED_ON = (
    "transform",
    "tfm",
    "augment",
    "processor",
    "extractor",
)  # what a data set is given: other idioms
SCALED = {"to_tensor", "ToTensor", "img_as_float", "img_as_float32", "convert_image_dtype", "img_as_float64"}
OPERATIONS = {"div": ast.Div(), "mul": ast.Mult(), "sub": ast.Sub(), "add": ast.Add()}


def applied(reader: Reader, call: ast.Call, image: Affine | Lost, follow: Follow) -> Affine | Lost:
    """What a library makes of an image."""
    if isinstance(image, Lost):
        return image
    step = keras_inputs.of_call(reader, call) or _made_before(reader, call, image, follow)
    if step is not None:
        return image.then(step) if isinstance(step, Affine) else step
    name = called(call)
    if any(word in name.lower() for word in HANDED_ON):
        return HANDED
    return _by_name(reader, call, name, image)


def _by_name(reader: Reader, call: ast.Call, name: str, image: Affine) -> Affine | Lost:
    if name in SCALED:
        return image if _is_unit(image) else image.times(1 / 255)
    if name == "normalize" and "torchvision" in reader.dotted(call.func):
        return _normalised(reader, call, image)
    if name == "cvtColor":
        code = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
        return image.swapped() if "BGR2RGB" in code or "RGB2BGR" in code else LOST
    if name.rstrip("_") in (*OPERATIONS, "divide", "multiply", "subtract"):
        return calculated(reader, image, OPERATIONS[name[:3]], call.args[-1]) if call.args else LOST
    if name == "resize" and "skimage" in reader.dotted(call.func):
        return LOST  # bytes become 0..1 there, floats do not
    return image if name in SAME else LOST


def _normalised(reader: Reader, call: ast.Call, image: Affine) -> Affine | Lost:
    """`functional.normalize(image, mean, std)`; with the weights' own numbers the weights decide."""
    step = elements.normalised(reader, argument(call, 1, "mean"), argument(call, 2, "std"))
    if step.last:
        return HANDED if (image, step.last) == (UNIT, Normalisation()) else LOST
    return image.then(step.values) if step.values else LOST


def _is_unit(image: Affine) -> bool:
    """Values of 0..1 are floats: what looks at the type of an image does not divide them again."""
    return image.factor == UNIT.factor


def _made_before(reader: Reader, call: ast.Call, image: Affine, follow: Follow) -> Affine | Lost | None:
    """A call of a transform or a layer that was made before: `transform(image)`, `Rescaling(1/255)(x)`."""
    made = reader.expression(call.func)
    chain = composed.chain(reader, made, follow) if isinstance(made, ast.Call) else None
    if chain is None:
        return None
    if chain.published:
        return HANDED
    if _is_unit(image):
        chain = chain.of_floats()
    return chain.values if chain.values is not None and not chain.last else LOST


def calculated(
    reader: Reader, image: Affine, op: ast.operator, node: ast.expr, channel: int = -1
) -> Affine | Lost:
    """The image after `image op number`, one number or one for each colour; `channel`: of one colour."""
    by: Sequence[float] | None = numbers.triple(reader, node)
    if by is None:
        return LOST
    if channel >= 0:
        neutral = 0.0 if isinstance(op, ast.Add | ast.Sub) else 1.0
        by = [each if at == channel else neutral for at, each in enumerate(by)]
    match op:
        case ast.Mult() if 0 not in by:
            return image.times(by)
        case ast.Div() if 0 not in by:
            return image.times([1 / each for each in by])
        case ast.Add():
            return image.plus(by)
        case ast.Sub():
            return image.plus([-each for each in by])
    return LOST
