"""Images that a library brings along: `keras.datasets.cifar10.load_data()`, `tfds.load("food101")`."""

import ast

from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.pipelines.values import Pixels
from grader.reading.programs import Reader, argument

KERAS = ("cifar10.load_data", "cifar100.load_data")
# Of TensorFlow Datasets: photographs in three colours, as bytes. Others are grey, or of more bands.
CATALOGUE = frozenset((
    "beans", "caltech101", "caltech_birds2010", "caltech_birds2011", "cars196", "cassava", "cats_vs_dogs",
    "cifar10", "cifar100", "citrus_leaves", "colorectal_histology", "deep_weeds", "eurosat", "eurosat/rgb",
    "food101", "horses_or_humans", "imagenette", "malaria", "oxford_flowers102", "oxford_iiit_pet",
    "patch_camelyon", "plant_village", "resisc45", "rock_paper_scissors", "stanford_dogs", "stl10",
    "svhn_cropped", "tf_flowers", "uc_merced",
))  # fmt: skip


def images(reader: Reader, call: ast.Call) -> Pixels:
    """As they come: values from 0 to 255, in the order of the parts that the call returns."""
    dotted = reader.dotted(call.func)
    if "keras.datasets." in dotted and dotted.endswith(KERAS):
        return ((Affine(), None), (Affine(), None))
    if dotted != "tensorflow_datasets.load":
        return None
    name = reader.value(argument(call, 0, "name"))
    if not isinstance(name, str) or name.partition(":")[0] not in CATALOGUE:
        return None
    told = reader.value(argument(call, -1, "with_info"))
    return (Affine(), None) if told is True else Affine()
