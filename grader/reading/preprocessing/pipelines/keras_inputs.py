"""`preprocess_input` of keras.applications: which of its three modes a name stands for."""

import ast
from collections.abc import Mapping

from grader.reading.preprocessing.affine import Affine, standard
from grader.reading.programs import Reader, argument

# From keras/src/applications/imagenet_utils.py: `caffe` swaps to BGR and subtracts means, `tf` gives -1..1,
# `torch` is ImageNet's mean and std. Families that scale inside the network leave the image as it is.
MODES: Mapping[str, Affine] = {
    "caffe": Affine().swapped().plus((-103.939, -116.779, -123.68)),
    "tf": Affine().times(1 / 127.5).plus(-1.0),
    "torch": standard((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "none": Affine(),
}
FAMILIES: Mapping[str, str] = {
    "vgg16": "caffe",
    "vgg19": "caffe",
    "resnet50": "caffe",
    "resnet": "caffe",
    "imagenet_utils": "caffe",
    "resnet_v2": "tf",
    "inception_v3": "tf",
    "inception_resnet_v2": "tf",
    "xception": "tf",
    "mobilenet": "tf",
    "mobilenet_v2": "tf",
    "nasnet": "tf",
    "densenet": "torch",
    "efficientnet": "none",
    "efficientnet_v2": "none",
    "mobilenet_v3": "none",
    "convnext": "none",
    "regnet": "none",
    "resnet_rs": "none",
}


def of_function(reader: Reader, function: ast.expr) -> Affine | None:
    """Of `keras.applications.vgg16.preprocess_input` by its full name; None for any other function."""
    owner, _, name = reader.dotted(function).rpartition(".")
    mode = FAMILIES.get(owner.rpartition(".")[2]) if name == "preprocess_input" else None
    return MODES[mode] if mode else None


def of_call(reader: Reader, call: ast.Call) -> Affine | None:
    """`preprocess_input(x)`; `imagenet_utils` has a `mode`."""
    known = of_function(reader, call.func)
    mode = argument(call, -1, "mode")
    return MODES.get(str(reader.value(mode))) if known and mode is not None else known
