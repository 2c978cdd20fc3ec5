"""Which network a program builds, with which weights, and where nobody can tell."""

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.ground.errors import NotMeasured
from grader.reading import preprocessing
from tests.conftest import Make

START = """\
import timm, torch
from torchvision import models, transforms as T
from transformers import ViTModel, BertTokenizer
{}
t = T.Compose([T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
data = Data(t)
loss.backward()
"""


@pytest.mark.parametrize(
    ("source", "library", "shown"),
    [
        ("m = models.resnet18(pretrained=True)", "torchvision", "resnet18 IMAGENET1K_V1"),
        ("m = models.resnet18(True)", "torchvision", "resnet18 IMAGENET1K_V1"),
        ("m = models.resnet18('DEFAULT')", "torchvision", "resnet18 DEFAULT"),
        ("m = models.get_model('resnet18', "
         "weights='IMAGENET1K_V1')", "torchvision", "resnet18 IMAGENET1K_V1"),
        ("w = models.ResNet18_Weights.DEFAULT if args.pretrained else None\nm = models.resnet18(weights=w)",
         "torchvision", "resnet18 DEFAULT"),
        ("def build(pretrained=True):\n    return models.resnet18(pretrained=pretrained)\nm = build()",
         "torchvision", "resnet18 IMAGENET1K_V1"),
        ("m = getattr(models, 'resnet18')(weights='IMAGENET1K_V1')", "torchvision", "resnet18 IMAGENET1K_V1"),
        ("table = {'a': (models.vgg16, models.VGG16_Weights.DEFAULT)}\nf, w = table[name]\nm = f(weights=w)",
         "torchvision", "vgg16 DEFAULT"),
        ("m = torch.hub.load('pytorch/vision', 'resnet18', pretrained=True)",
         "torchvision", "resnet18 IMAGENET1K_V1"),
        ("m = timm.create_model('resnet18.a1_in1k', pretrained=True)", "timm", "resnet18 a1_in1k"),
        ("m = ViTModel.from_pretrained('google/vit-base-patch16-224')\nk = "
         "BertTokenizer.from_pretrained('b')",
         "huggingface", "google/vit-base-patch16-224"),
    ],
)  # fmt: skip
def test_pretrained_networks(submit: Make, source: str, library: str, shown: str) -> None:
    found = preprocessing.find(submit({"train.py": START.format(source)}))
    assert [each.rpartition(" (")[0] for each in found.pretrained] == [f"{library} {shown}"]


@pytest.mark.parametrize(
    "source",
    ["m = models.resnet18(pretrained=args.pretrained)", "m = models.resnet18(weights=choose())",
     "m = timm.create_model('resnet18', pretrained=args.pretrained)",
     "m = getattr(models, "
     "args.name)(pretrained=True)", "m = models.segmentation.fcn_resnet50(weights='DEFAULT')",
     "m = MyOwn()\nm.load_state_dict(torch.load('resnet50-19c8e357.pth'))"],
)  # fmt: skip
def test_weights_that_nobody_can_tell_decide_nothing(submit: Make, source: str) -> None:
    check = Preprocessing()
    with pytest.raises(NotMeasured):
        list(check.judge(check.collect(submit({"train.py": START.format(source)}))))


@pytest.mark.parametrize(
    "source",
    ["m = models.resnet18()", "m = models.resnet18(weights=None)", "m = models.resnet18(pretrained=False)",
     "m = timm.create_model('resnet18')", "m = MyOwn()\ntorch.save(m.state_dict(), 'a.pth')\n"
     "m.load_state_dict(torch.load('a.pth'))"],
)  # fmt: skip
def test_no_pretrained_weights(submit: Make, source: str) -> None:
    check = Preprocessing()
    found = check.collect(submit({"train.py": START.format(source)}))
    assert any(each.message.startswith("no pretrained weights") for each in check.judge(found))


def test_two_scripts_that_share_a_module_are_two_programs(submit: Make) -> None:
    """A network from nothing in one script, a pretrained one in the other, each with its own reader."""
    start = "from shared import read\nfrom tensorflow import keras\nfrom keras.preprocessing.image import *\n"
    files = {
        "shared.py": "def read(generator, folder):\n    return generator.flow_from_directory(folder)\n",
        "scratch.py": start
        + "net = keras.Sequential()\nnet.fit(read(ImageDataGenerator(rescale=1/255), 'train'), "
        "epochs=3)\n",
        "tuned.py": start + "from keras.applications.vgg16 import VGG16, preprocess_input\nnet = VGG16()\n"
        "data = ImageDataGenerator(preprocessing_function=preprocess_input)\nnet.fit(read(data, 'train'), "
        "epochs=3)\n",
    }
    (way,) = preprocessing.find(submit(files)).decisive
    assert (way.verdict, way.where) == ("match", "tuned.py:6")


def test_a_way_and_a_network_in_different_scripts_are_joined(submit: Make) -> None:
    """One script prepares the images and another one trains; a module of settings joins them."""
    files = {
        "settings.py": "MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]\n",
        "data.py": "import settings\nfrom torchvision import transforms as T\n"
        "val = Data(T.Compose([T.ToTensor(), T.Normalize(settings.MEAN, settings.STD)]))\n",
        "train.py": "import settings\nfrom torchvision import models\nm = models.resnet18(pretrained=True)\n"
        "loss.backward()\n",
    }
    assert [way.verdict for way in preprocessing.find(submit(files)).decisive] == ["match"]
