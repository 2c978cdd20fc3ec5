"""Which layers of Keras are built from a submission's config, and with which arguments: plain ones only."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras

from grader.workers.parts import refusal
from grader.workers.parts.keras_file import HINT
from grader.workers.parts.refusal import NotBuilt, Refused

POOLING = "pool_size strides padding"
NORMALIZING = "axis epsilon center scale"
CONVOLVING = "kernel_size strides padding dilation_rate activation use_bias"
# The arguments of a layer that decide what it computes; all else is for training.
ARGUMENTS: Mapping[str, str] = {
    "Conv2D": f"filters groups {CONVOLVING}",
    "DepthwiseConv2D": f"depth_multiplier {CONVOLVING}",
    "SeparableConv2D": f"filters depth_multiplier {CONVOLVING}",
    "Dense": "units activation use_bias",
    "BatchNormalization": NORMALIZING,
    "LayerNormalization": NORMALIZING,
    "Normalization": "axis mean variance invert",
    "Rescaling": "scale offset",
    "Resizing": "height width interpolation",
    "Activation": "activation",
    "ReLU": "max_value negative_slope threshold",
    "LeakyReLU": "negative_slope",
    "PReLU": "shared_axes",
    "ELU": "alpha",
    "Softmax": "axis",
    "MaxPooling2D": POOLING,
    "AveragePooling2D": POOLING,
    "GlobalAveragePooling2D": "keepdims",
    "GlobalMaxPooling2D": "keepdims",
    "Flatten": "",
    "Reshape": "target_shape",
    "ZeroPadding2D": "padding",
    "Cropping2D": "cropping",
    "Add": "", "Subtract": "", "Multiply": "", "Average": "", "Maximum": "", "Concatenate": "axis",
}  # fmt: skip
# These do nothing to an image that is evaluated.
TRAINING_ONLY = frozenset(
    "Dropout SpatialDropout2D GaussianDropout GaussianNoise AlphaDropout ActivityRegularization RandomFlip "
    "RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness".split()
)
# Operators that a program applies without a layer, such as `preprocess_input`, by their names in Keras.
OPERATORS: Mapping[str, Callable[..., Any]] = {
    "Add": keras.ops.add,
    "Subtract": keras.ops.subtract,
    "Multiply": keras.ops.multiply,
    "TrueDivide": keras.ops.true_divide,
    "GetItem": lambda one, where: one[tuple(where)],
    "Stack": lambda parts: keras.ops.stack(parts, axis=-1),
}
WORDS = frozenset(
    "valid same linear relu relu6 leaky_relu elu selu gelu silu swish hard_silu hard_swish mish tanh sigmoid "
    "hard_sigmoid softplus softsign softmax exponential nearest bilinear bicubic area".split()
)
INSTEAD = "use plain layers, such as Rescaling, in its place"
LARGEST = 1 << 20  # of a number
NUMBERS = 4096  # in one argument
RENAMED = {("LeakyReLU", "alpha"): "negative_slope"}  # what Keras 2 called it


def made(kind: str, config: Mapping[str, Any]) -> keras.Layer:
    """The layer with its own arguments. Raises Refused."""
    if kind in TRAINING_ONLY:
        return keras.layers.Identity()
    if kind == "Lambda":
        raise Refused("has a Lambda layer, which can run any program", INSTEAD)
    if kind not in ARGUMENTS:
        raise NotBuilt(
            f"has a layer {refusal.shown(kind)}, which is none of those that are built here", INSTEAD
        )
    if config.get("data_format") not in (None, "channels_last"):
        raise NotBuilt(f"has a {kind} with channels first, which is not built here", INSTEAD)
    return getattr(keras.layers, kind)(**arguments(kind, config))


def arguments(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused where one is no number, no word that we know, and no list of these."""
    named = {RENAMED.get((kind, name), name): value for name, value in config.items()}
    given = {name: plain(kind, named[name]) for name in ARGUMENTS[kind].split() if name in named}
    axis = given.get("axis")
    if isinstance(axis, list) and len(axis) == 1:  # as TensorFlow writes it
        given["axis"] = axis[0]
    return given


def plain(kind: str, value: Any) -> Any:
    """A number, a word that we know, or a list of these. Raises Refused."""
    if isinstance(value, dict) and value.get("class_name") == "function":  # an activation by its name
        value = value.get("config")
    found = list(itertools.islice(_flat(value), NUMBERS + 1))
    if len(found) > NUMBERS or not all(map(_is_plain, found)):
        shown = refusal.shown(value)
        raise Refused(f"has a {kind} with {shown}, which is no plain number, word or list of these", HINT)
    return value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return value in WORDS
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= LARGEST
    return value is None


def values(kind: str, given: Mapping[str, Any], channels: int) -> int:
    """How many numbers the layer learns, at least, of an input of so many channels."""
    kernel = given.get("kernel_size", 1)
    area = math.prod(kernel) if isinstance(kernel, Sequence) else kernel**2
    if kind == "Dense":
        return int(channels * given["units"])
    if kind == "Conv2D":
        return int(area * channels * given["filters"] // (given.get("groups") or 1))
    if kind in ("DepthwiseConv2D", "SeparableConv2D"):
        depth = channels * (given.get("depth_multiplier") or 1)
        return int(area * depth + depth * given.get("filters", 0))
    return 4 * channels
