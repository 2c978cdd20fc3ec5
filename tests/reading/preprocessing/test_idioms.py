"""One sample for each idiom, in the shapes that students write; the verdicts were found by hand."""

import json

import pytest

from grader.reading import preprocessing
from tests.conftest import Make


def verdicts(submit: Make, source: str, **files: str) -> set[str]:
    own = {f"{name}.py": text for name, text in files.items()}
    return {way.verdict for way in preprocessing.find(submit({"train.py": source, **own})).decisive}


TORCH = """\
import timm, torch, numpy as np, cv2
from PIL import Image
from torchvision import datasets, models, transforms
from torchvision.transforms import v2
import torchvision.transforms.functional as TF
model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V1)
{}
loss.backward()
"""
IMAGENET = "[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]"
DATA = "\ndata = datasets.ImageFolder('test', transform=t)"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # torchvision v2: uint8 stays 0..255 until ToDtype scales it
        (f"t = v2.Compose([v2.ToImage(), v2.Resize(256), v2.CenterCrop(224), v2.ToDtype(torch.float32, "
         f"scale=True),"
         f" v2.Normalize({IMAGENET})])" + DATA, "match"),
        (f"t = v2.Compose([v2.ToImage(), v2.ToDtype(torch.uint8, scale=True), v2.Resize(256), "
         f"v2.CenterCrop(224),"
         f" v2.ToDtype(torch.float32, scale=True), v2.Normalize({IMAGENET})])" + DATA, "match"),
        (f"t = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32), v2.Normalize({IMAGENET})])" + DATA,
         "mismatch"),
        (f"t = transforms.Compose([transforms.PILToTensor(), transforms.ConvertImageDtype(torch.float),"
         f" transforms.Normalize({IMAGENET})])" + DATA, "match"),
        # 0..255 through a normalisation that is meant for 0..1
        (f"t = transforms.Compose([transforms.PILToTensor(), transforms.Normalize({IMAGENET})])" + DATA,
         "mismatch"),
        # /255 twice
        (f"t = transforms.Compose([transforms.ToTensor(), transforms.Lambda(lambda x: x / 255), "
         f"transforms.Normalize({IMAGENET})])" + DATA, "mismatch"),
        (f"t = torch.nn.Sequential(v2.Resize(256))\nu = transforms.Compose([transforms.ToTensor()] + "
         f"[transforms.Normalize({IMAGENET})])\ndata = Data(u)", "match"),
        # weights.transforms(): of these weights, and of others (V2 resizes to 232)
        ("t = models.ResNet50_Weights.IMAGENET1K_V1.transforms()" + DATA, "match"),
        ("w = models.ResNet50_Weights.IMAGENET1K_V2\nt = w.transforms()" + DATA, "geometry differs"),
        ("t = models.VGG16_Weights.IMAGENET1K_FEATURES.transforms()" + DATA, "mismatch"),
        ("w = models.get_model_weights(name).DEFAULT\nt = w.transforms()" + DATA, "match"),
        # a bicubic filter where the weights say bilinear
        ("t = transforms.Compose([transforms.Resize(256, "
         "interpolation=transforms.InterpolationMode.BICUBIC), "
         f"transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize({IMAGENET})])" + DATA,
         "geometry differs"),
        # a list that grows
        (f"s = [transforms.Resize(256), transforms.CenterCrop(224)]\ns.append(transforms.ToTensor())\n"
         f"s += [transforms.Normalize({IMAGENET})]\nt = transforms.Compose(s)" + DATA, "match"),
        (f"s = [transforms.ToTensor()]\nif flip:\n    s.insert(0, transforms.RandomHorizontalFlip())\n"
         f"s.append(transforms.Normalize({IMAGENET}))\nt = transforms.Compose(s)" + DATA, "match"),
        (f"s = [transforms.ToTensor()]\nif normalise:\n    s.append(transforms.Normalize({IMAGENET}))\n"
         "t = transforms.Compose(s)" + DATA, "undetermined"),
        # own data sets: OpenCV, Pillow, NumPy, torch
        ("class D(Dataset):\n    def __getitem__(self, i):\n        x = cv2.cvtColor(cv2.imread(p), "
         "cv2.COLOR_BGR2RGB)\n        x = torch.from_numpy(x).permute(2, 0, 1).float().div(255)\n"
         f"        return TF.normalize(x, {IMAGENET}), 1\ndata = D()", "match"),
        ("class D(Dataset):\n    def __getitem__(self, i):\n        x = cv2.imread(p) / 255.0\n"
         "        x = (x - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])\n"
         "        return torch.tensor(x.transpose(2, 0, 1)), 1\ndata = D()", "mismatch"),  # BGR
        ("class D(Dataset):\n    def __getitem__(self, i):\n        x = "
         "np.asarray(Image.open(p).convert('RGB'))\n"
         "        x = x.astype('float32') / 255\n        x -= [0.485, 0.456, 0.406]\n"
         "        x /= [0.229, 0.224, 0.225]\n        return x, 1\ndata = D()", "match"),
        ("class D(Dataset):\n    def __init__(self, tf=None):\n        self.tf = tf\n"
         "    def __getitem__(self, i):\n        x = Image.open(p).convert('RGB')\n        if self.tf is "
         "not None:\n"
         f"            x = self.tf(x)\n        return x, 1\nt = transforms.Compose([transforms.ToTensor(), "
         f"transforms.Normalize({IMAGENET})])\ndata = D(t)", "match"),
        ("class D(Dataset):\n    def __init__(self):\n        self.t = "
         "transforms.Compose([transforms.ToTensor(), "
         f"transforms.Normalize({IMAGENET})])\n    def __getitem__(self, i):\n"
         "        return self.t(Image.open(p)), 1\ndata = D()", "match"),
    ],
)  # fmt: skip
def test_torch(submit: Make, source: str, expected: str) -> None:
    assert verdicts(submit, TORCH.format(source)) == {expected}


TIMM = """\
import timm, torch
model = timm.create_model('vit_base_patch16_224.augreg_in21k', pretrained=True)
{}
loss.backward()
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # these weights want 0.5, not ImageNet's numbers
        ("c = timm.data.resolve_model_data_config(model)\nt = timm.data.create_transform(**c, "
         "is_training=False)",
         "match"),
        ("from timm.data import resolve_data_config\nfrom timm.data.transforms_factory import "
         "create_transform\n"
         "t = create_transform(**resolve_data_config(model.pretrained_cfg, model=model))", "match"),
        ("c = timm.data.resolve_data_config({}, model=model)\nt = timm.data.create_transform(224, "
         "mean=c['mean'], std=c['std'])", "match"),
        ("t = timm.data.create_transform(224, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))", "match"),
        ("t = timm.data.create_transform(224)", "mismatch"),
        ("from torchvision import transforms as T\nt = T.Compose([T.ToTensor(), T.Normalize("
         "model.default_cfg['mean'], model.default_cfg['std'])])", "match"),
        ("from torchvision import transforms as T\nt = T.Compose([T.Resize(248), T.CenterCrop(224), "
         "T.ToTensor(), "
         "T.Normalize(IMAGENET_INCEPTION_MEAN, IMAGENET_INCEPTION_STD)])", "match"),
    ],
)  # fmt: skip
def test_timm(submit: Make, source: str, expected: str) -> None:
    assert verdicts(submit, TIMM.format(f"{source}\ndata = Data(t)")) == {expected}


FAMILIES = [
    ("vgg16", "VGG16"), ("vgg19", "VGG19"), ("resnet", "ResNet101"), ("resnet50", "ResNet50"),
    ("resnet_v2", "ResNet50V2"), ("inception_v3", "InceptionV3"),
    ("inception_resnet_v2", "InceptionResNetV2"), ("xception", "Xception"), ("mobilenet", "MobileNet"),
    ("mobilenet_v2", "MobileNetV2"), ("mobilenet_v3", "MobileNetV3Large"), ("nasnet", "NASNetMobile"),
    ("densenet", "DenseNet121"), ("efficientnet", "EfficientNetB0"),
    ("efficientnet_v2", "EfficientNetV2S"), ("convnext", "ConvNeXtTiny"),
]  # fmt: skip
CAFFE = {"vgg16", "vgg19", "resnet", "resnet50"}
SIGNED = {
    "resnet_v2",
    "inception_v3",
    "inception_resnet_v2",
    "xception",
    "mobilenet",
    "mobilenet_v2",
    "nasnet",
}
INSIDE = {"efficientnet", "efficientnet_v2", "convnext", "mobilenet_v3"}


def keras(family: str, network: str, generator: str) -> str:
    return (
        "import numpy as np\nfrom tensorflow import keras\n"
        "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n"
        f"from tensorflow.keras.applications import {family}\n"
        f"base = keras.applications.{network}(include_top=False)\n"
        f"train = ImageDataGenerator({generator}).flow_from_directory('data/train')\nbase.fit(train, "
        f"epochs=2)\n"
    )


@pytest.mark.parametrize(("family", "network"), FAMILIES)
def test_every_family_of_keras_applications(submit: Make, family: str, network: str) -> None:
    own = keras(family, network, f"preprocessing_function={family}.preprocess_input, zoom_range=0.2")
    assert verdicts(submit, own) == {"match"}
    signed = keras(family, network, "preprocessing_function=lambda x: x / 127.5 - 1")
    assert verdicts(submit, signed) == {"match" if family in SIGNED else "mismatch"}
    raw = keras(family, network, "horizontal_flip=True")
    assert verdicts(submit, raw) == {"match" if family in INSIDE else "mismatch"}
    assert verdicts(submit, keras(family, network, "rescale=1/255")) == {"mismatch"}
    caffe = "preprocessing_function=lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68])"
    assert verdicts(submit, keras(family, network, caffe)) == {"match" if family in CAFFE else "mismatch"}


@pytest.mark.parametrize(
    ("generator", "expected"),
    [
        ("featurewise_center=True, featurewise_std_normalization=True", "undetermined"),
        ("samplewise_center=True", "undetermined"),
        ("rescale=SCALE", "undetermined"),
        ("preprocessing_function=my_own", "undetermined"),
        ("rescale=2/255, preprocessing_function=lambda x: x - 127.5", "match"),
        ("preprocessing_function=keras.applications.imagenet_utils.preprocess_input", "mismatch"),
        (
            "preprocessing_function=lambda x: keras.applications.imagenet_utils.preprocess_input(x, "
            "mode='tf')",
            "match",
        ),
    ],
)
def test_image_data_generators(submit: Make, generator: str, expected: str) -> None:
    """MobileNetV2 wants -1..1: (x - 127.5) * 2 / 255 is x / 127.5 - 1."""
    assert verdicts(submit, keras("mobilenet_v2", "MobileNetV2", generator)) == {expected}


FOLDER = """\
import tensorflow as tf
from tensorflow.keras import layers, Sequential
train_ds = tf.keras.utils.image_dataset_from_directory('data/train', image_size=(224, 224))
val_ds = tf.keras.utils.image_dataset_from_directory('data/val', image_size=(224, 224))
base = tf.keras.applications.MobileNetV2(input_shape=(224, 224, 3), include_top=False)
{}
model.fit(train_ds, validation_data=val_ds, epochs=3)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("model = Sequential([layers.Rescaling(1./127.5, offset=-1), base])", {"match"}),
        ("model = Sequential()\nmodel.add(layers.Rescaling(1./255))\n"
         "model.add(base)", {"mismatch", "mismatch in evaluation"}),
        ("scale = layers.Rescaling(1/127.5, -1)\ntrain_ds = train_ds.map(lambda x, y: (scale(x), y))\n"
         "val_ds = val_ds.map(lambda x, y: (scale(x), y))\nmodel = Sequential([base])", {"match"}),
        # training is scaled, validation is not
        ("train_ds = train_ds.map(lambda x, y: (x / 127.5 - 1, y))\nmodel = Sequential([base])",
         {"match", "mismatch in evaluation"}),
        ("def prepare(x, y):\n    return tf.keras.applications.mobilenet_v2.preprocess_input(x), y\n"
         "train_ds = train_ds.map(prepare).cache()\nval_ds = val_ds.map(prepare)\nmodel = Sequential([base])",
         {"match"}),
        ("inputs = tf.keras.Input((224, 224, 3))\nx = "
         "tf.keras.applications.mobilenet_v2.preprocess_input(inputs)\n"
         "model = tf.keras.Model(inputs, base(x))", {"match"}),
        ("augment = Sequential([layers.RandomFlip('horizontal')])\ninputs = tf.keras.Input((224, 224, 3))\n"
         "x = layers.Rescaling(scale=1/127.5, offset=-1)(augment(inputs))\nmodel = tf.keras.Model(inputs, "
         "base(x))",
         {"match"}),
        ("model = Sequential([layers.Lambda(lambda x: x / 127.5 - 1), base])", {"match"}),
        ("model = Sequential([layers.Normalization(mean=[127.5] * 3, variance=[16256.25] * 3), "
         "base])", {"match"}),
        ("n = layers.Normalization()\nn.adapt(train_ds)\nmodel = Sequential([n, base])", {"undetermined"}),
        ("train_ds = train_ds.map(lambda x, y: (tf.image.per_image_standardization(x), y))\nmodel = base",
         {"undetermined"}),
    ],
)  # fmt: skip
def test_keras_data_sets_and_layers(submit: Make, source: str, expected: set[str]) -> None:
    assert verdicts(submit, FOLDER.format(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("learn = vision_learner(dls, resnet34, metrics=accuracy)", "match"),
        ("learn = cnn_learner(dls, models.resnet34)", "match"),
        ("learn = vision_learner(dls, resnet34, normalize=False)", "mismatch"),
        ("dls = block.dataloaders(p, batch_tfms=[*aug_transforms(), Normalize.from_stats(*imagenet_stats)])\n"
         "learn = vision_learner(dls, resnet34)", "match"),
        ("dls = block.dataloaders(p, batch_tfms=Normalize.from_stats(*cifar_stats))\n"
         "learn = vision_learner(dls, resnet34)", "mismatch"),
        ("M, S = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]\ndls = block.dataloaders(p, batch_tfms="
         "[Normalize.from_stats(M, S)])\nlearn = vision_learner(dls, resnet34)", "match"),
        ("data = ImageDataBunch.from_folder(p).normalize(imagenet_stats)\nlearn = create_cnn(data, resnet34)",
         "match"),
        ("dls = block.dataloaders(p, batch_tfms=[Normalize()])\nlearn = vision_learner(dls, resnet34)",
         "undetermined"),  # from the first batch of the data
        ("learn = vision_learner(dls, 'convnext_tiny')", "match"),
    ],
)  # fmt: skip
def test_fastai(submit: Make, source: str, expected: str) -> None:
    start = "from fastai.vision.all import *\n"
    assert verdicts(submit, f"{start}{source}\nlearn.fine_tune(3)\n") == {expected}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("A.Resize(224, 224), A.Normalize(), ToTensorV2()", "geometry differs"),
        ("A.SmallestMaxSize(256), A.CenterCrop(224, 224), A.Normalize(), ToTensorV2()", "match"),
        (f"A.Normalize({IMAGENET}, max_pixel_value=255.0), ToTensorV2()", "match"),
        (f"A.Normalize({IMAGENET}, max_pixel_value=1.0), ToTensorV2()", "mismatch"),
        ("A.Normalize([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], max_pixel_value=1), "
         "ToTensorV2()", "match"),
        ("A.ToFloat(max_value=255), ToTensorV2()", "mismatch"),
        (f"A.ToFloat(), A.Normalize({IMAGENET}, max_pixel_value=1.0), ToTensorV2()", "match"),
        ("A.Resize(224, 224), ToTensorV2()", "mismatch"),
        ("A.Normalize(normalization='image'), ToTensorV2()", "undetermined"),
    ],
)  # fmt: skip
def test_albumentations(submit: Make, steps: str, expected: str) -> None:
    source = (
        "import torch, albumentations as A\nfrom albumentations.pytorch import ToTensorV2\n"
        "from torchvision import models\nmodel = models.resnet18(pretrained=True)\n"
        f"val_transform = A.Compose([{steps}])\ndata = Data('val', transform=val_transform)\n"
        f"loss.backward()\n"
    )
    found = verdicts(submit, source)
    assert found == {"mismatch in evaluation" if expected == "mismatch" else expected}


HUGGING = """\
from transformers import AutoImageProcessor, ViTForImageClassification, ViTImageProcessor, Trainer
from torchvision import transforms as T
NAME = "google/vit-base-patch16-224-in21k"
model = ViTForImageClassification.from_pretrained(NAME, num_labels=2)
{}
loss.backward()
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("processor = AutoImageProcessor.from_pretrained(NAME)\ninputs = processor(images)", "match"),
        ("processor = ViTImageProcessor.from_pretrained('google/vit-base-patch16-224-in21k')\nx = "
         "processor(i)",
         "match"),
        ("processor = AutoImageProcessor.from_pretrained('facebook/convnext-tiny-224')\nx = "
         "processor(images)",
         "undetermined"),
        ("processor = AutoImageProcessor.from_pretrained(NAME)\nt = T.Compose([T.ToTensor(), "
         "T.Normalize(mean=processor.image_mean, std=processor.image_std)])\ndata = Data(t)", "match"),
        ("processor = AutoImageProcessor.from_pretrained(NAME)\nnormalize = "
         "T.Normalize(processor.image_mean, "
         "processor.image_std)\nt = T.Compose([T.ToTensor(), normalize])\ndata = Data(t)", "match"),
        ("processor = AutoImageProcessor.from_pretrained(NAME, do_normalize=False)\nx = processor(images)",
         "undetermined"),
        (f"t = T.Compose([T.ToTensor(), T.Normalize({IMAGENET})])\ndata = Data(t)", "undetermined"),
    ],
)  # fmt: skip
def test_hugging_face(submit: Make, source: str, expected: str) -> None:
    """Who published how these weights want their images is not in the table: only their own processor is "
    "right."""
    assert verdicts(submit, HUGGING.format(source)) == {expected}


def test_one_of_several_branches_is_no_certain_mismatch(submit: Make) -> None:
    """Which of two data sets was trained on, nobody can tell; the network fits one of them."""
    source = TORCH.format(
        "if args.dataset == 'cifar10':\n    t = transforms.Compose([transforms.ToTensor(), "
        "transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])\nelse:\n"
        f"    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize({IMAGENET})])" + DATA
    )
    assert verdicts(submit, source) == {"match", "undetermined"}


def test_a_transform_for_looking_at_images_is_no_certain_mismatch(submit: Make) -> None:
    """Students calculate the mean of their data, or draw some, beside what they train with."""
    source = TORCH.format(
        "raw = datasets.ImageFolder('d', transforms.Compose([transforms.ToTensor()]))\nprint(mean_of(raw))\n"
        f"train_transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize({IMAGENET})])\n"
        "data = datasets.ImageFolder('d', train_transform)"
    )
    assert verdicts(submit, source) == {"match", "undetermined"}


def test_a_function_that_nobody_calls_prepares_nothing(submit: Make) -> None:
    source = TORCH.format(
        "def old():\n    return transforms.Compose([transforms.ToTensor()])\n"
        f"def new():\n    return transforms.Compose([transforms.ToTensor(), "
        f"transforms.Normalize({IMAGENET})])\n"
        "data = datasets.ImageFolder('d', new())"
    )
    assert verdicts(submit, source) == {"match"}


def test_a_notebook_is_read_in_the_order_of_its_cells(submit: Make) -> None:
    cells = [
        "!pip install torch\nfrom torchvision import models, transforms, datasets",
        "%matplotlib inline\nMEAN = [0.485, 0.456, 0.406]\nSTD = [0.229, 0.224, 0.225]",
        "t = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])",
        "data = datasets.ImageFolder('d', transform=t)\nmodel = models.resnet18(pretrained=True)",
        "loss.backward()",
    ]
    book = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})
    (way,) = preprocessing.find(submit({"a.ipynb": book})).decisive
    assert (way.verdict, way.where) == ("match", "a.ipynb#c2")
