"""Whole small repositories that nobody prepared, and what is true of each, found by reading them."""

from collections.abc import Iterator, Mapping

import pytest

from grader.checks.preprocessing import Preprocessing
from grader.checks.protocol import Check
from grader.checks.required_files import RequiredFiles
from grader.checks.splits import Splits
from grader.checks.training_log import TrainingLog
from grader.checks.two_phases import TwoPhases
from grader.ground.errors import NotMeasured
from tests.conftest import Make

Files = Mapping[str, str | bytes]


def findings(submit: Make, check: Check, files: Files) -> Iterator[tuple[str, str]]:
    """Level and message of each finding; what could not be measured comes last."""
    try:
        for each in check.judge(check.collect(submit(files))):
            yield each.level, each.message
    except NotMeasured as trouble:
        yield "not measured", str(trouble)


def levels(submit: Make, check: Check, files: Files) -> set[str]:
    return {level for level, _ in findings(submit, check, files)} - {"note"}


PICTURES = """\
import cv2, glob, numpy as np
from tensorflow import keras
from keras.applications.vgg16 import VGG16, preprocess_input
pictures = []
for path in glob.glob("pictures/*.png"):
    picture = cv2.imread(path){order}
    pictures.append(cv2.resize(picture, (224, 224)))
x = {step}
body = VGG16(include_top=False)
top = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(body.output))
net = keras.Model(body.input, top)
net.compile("sgd", "categorical_crossentropy")
net.fit(x, y, epochs=3)
"""
RGB = "[:, :, ::-1]"


@pytest.mark.parametrize(
    ("order", "step", "expected"),
    [
        (RGB, "preprocess_input(np.array(pictures))", set()),
        ("", "preprocess_input(np.array(pictures))", {"error"}),  # OpenCV's blue-first, swapped once more
        (RGB, "np.array(pictures) / 255.0", {"error"}),
        (RGB, "preprocess_input(preprocess_input(np.array(pictures)))", {"error"}),
    ],
)
def test_pictures_in_an_array(submit: Make, order: str, step: str, expected: set[str]) -> None:
    """`preprocess_input(array)` prepares the data: it is no layer of the network as well."""
    source = PICTURES.format(order=order, step=step)
    assert levels(submit, Preprocessing(), {"run.py": source}) == expected


TWO_NETWORKS = """\
from tensorflow import keras
data = keras.utils.image_dataset_from_directory("pictures")
own = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(8, 3), keras.layers.Dense(2)])
own.compile("adam", "mse")
own.fit(data, epochs=2)
body = keras.applications.MobileNetV2(include_top=False)
start = keras.Input((160, 160, 3))
values = {}
tuned = keras.Model(start, keras.layers.Dense(1)(body(values)))
tuned.compile("adam", "mse")
tuned.fit(data, epochs=2)
"""


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("keras.applications.mobilenet_v2.preprocess_input(start)", set()),
        ("keras.layers.Rescaling(1 / 127.5, offset=-1)(start)", set()),
        ("keras.layers.Rescaling(1 / 255)(start)", {"error"}),
    ],
)
def test_each_network_has_its_own_steps(submit: Make, step: str, expected: set[str]) -> None:
    assert levels(submit, Preprocessing(), {"run.py": TWO_NETWORKS.format(step)}) == expected


TORCH = """\
import torch
from torch import nn
from torchvision import datasets, models, transforms as T
from torchvision.transforms import functional, v2
steps = T.Compose([T.Resize(256), T.CenterCrop(224), T.ToTensor(),
                   T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
batches = torch.utils.data.DataLoader(datasets.ImageFolder("pictures/train", transform=steps))


def tuned():
    net = models.resnet18(weights="DEFAULT")
    net.fc = nn.Linear(512, 2)
    return net


def learn(net, parameters):
    optimiser = torch.optim.SGD(parameters, lr=0.1)
    for x, y in batches:
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()


"""
SMALL = "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.LazyLinear(2))\n"


def test_a_pretrained_network_that_is_never_built(submit: Make) -> None:
    """The network that is trained begins from nothing, whatever else the program knows how to build."""
    train = "learn(net, net.parameters())\n"
    assert levels(submit, Preprocessing(), {"a.py": TORCH + "net = tuned()\n" + train}) == set()
    ((level, message),) = findings(submit, Preprocessing(), {"a.py": TORCH + SMALL + train})
    assert (level, "resnet18 DEFAULT (a.py:11) is written down, but no training" in message) == (
        "error",
        True,
    )


def test_floats_are_not_divided_again(submit: Make) -> None:
    """`ToDtype(scale=True)` divides bytes by 255, and leaves floats as they are."""
    source = """\
import torch
from PIL import Image
from torchvision import models
from torchvision.transforms import functional, v2
steps = v2.Compose([v2.CenterCrop(224), v2.ToDtype(torch.float32, scale=True),
                    v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
class Own(torch.utils.data.Dataset):
    def __init__(self, paths, steps):
        self.paths, self.steps = paths, steps
    def __getitem__(self, at):
        return self.steps(functional.to_tensor(Image.open(self.paths[at]))), at
net = models.resnet18(weights="IMAGENET1K_V1")
for x, y in torch.utils.data.DataLoader(Own(["a.png"], steps)):
    torch.nn.functional.cross_entropy(net(x), y).backward()
"""
    assert "error" not in levels(submit, Preprocessing(), {"run.py": source})


FREEZE = "for p in net.parameters():\n    p.requires_grad = False\nnet.fc = nn.Linear(512, 2)\n"
HEAD = "learn(net, net.fc.parameters())\n"
UPPER = "for p in net.layer4.parameters():\n    p.requires_grad = True\nlearn(net, net.parameters())\n"


def test_a_fresh_network_throws_phase_one_away(submit: Make) -> None:
    two = TORCH + "net = tuned()\n" + FREEZE + HEAD
    assert levels(submit, TwoPhases(), {"a.py": two + UPPER}) == set()
    again = {"a.py": two + "net = tuned()\n" + FREEZE + UPPER}
    told = [message for level, message in findings(submit, TwoPhases(), again) if level == "error"]
    assert len(told) == 1 and "what phase one learnt is thrown away" in told[0]


KERAS_ONE = """\
from tensorflow import keras
data = keras.utils.image_dataset_from_directory("pictures")
body = keras.applications.Xception(include_top=False)
body.trainable = False
net = keras.Sequential([body, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
net.compile(optimizer="adam", loss="mse")
net.fit(data, epochs=2)
net.save("models/first.keras")
"""
KERAS_TWO = """\
from tensorflow import keras
data = keras.utils.image_dataset_from_directory("pictures")
net = keras.models.load_model("models/{}.keras")
net.layers[0].trainable = True
net.compile(optimizer=keras.optimizers.Adam(1e-5), loss="mse")
net.fit(data, epochs=2)
"""


def test_a_script_goes_on_where_another_one_ended(submit: Make) -> None:
    found = list(findings(submit, TwoPhases(), {"one.py": KERAS_ONE, "two.py": KERAS_TWO.format("first")}))
    assert [message for _, message in found[:5]] == [
        "freeze: body", "train: fit", "unfreeze: net.layers[0]", "optimiser: compile", "train: fit",
    ]  # fmt: skip
    assert "error" not in {level for level, _ in found}
    other = levels(submit, TwoPhases(), {"one.py": KERAS_ONE, "two.py": KERAS_TWO.format("other")})
    assert "error" in other


def test_a_function_and_its_module_have_one_name(submit: Make) -> None:
    files = {
        "work/__init__.py": "from .learn import learn\n",
        "work/learn.py": TORCH.replace('"pictures/train", transform=steps', '"a", steps'),
        "run.py": "import work\nfrom torch import nn\nfrom work.learn import tuned\nnet = tuned()\n"
                  + FREEZE + "work.learn(net, net.fc.parameters())\n",
    }  # fmt: skip
    assert [message for _, message in findings(submit, TwoPhases(), files)][:2] == [
        "freeze: net.parameters()", "train: backward",
    ]  # fmt: skip
    assert levels(submit, Preprocessing(), files) == set()


def test_a_loop_over_classes_deals_as_often_as_it_runs(submit: Make) -> None:
    source = """\
for kind in ("Tea", "Cup", "Pot"):
    found = sorted(Path(kind).glob("*.png"))
    train_part, val_part = found[:400], found[400:500]
    test_part = found[500:600]
    for each in test_part:
        shutil.copy(each, "test")
"""
    sizes = [message for _, message in findings(submit, Splits(), {"deal.py": source})]
    assert "300 test images (slice in the code)" in sizes
    unknown = source.replace('("Tea", "Cup", "Pot")', "os.listdir('.')")
    assert not [each for _, each in findings(submit, Splits(), {"deal.py": unknown}) if "slice" in each]


def test_a_folder_is_a_split_by_its_whole_name(submit: Make) -> None:
    counts = {"train": 12, "train_first5": 5, "val": 8}
    files = {
        f"d/{folder}/Cup/{at}.png": b"%d%d" % (at, many)
        for folder, many in counts.items()
        for at in range(many)
    }
    said = [message for _, message in findings(submit, Splits(), files)]
    assert said[:2] == ["12 train images (folder)", "8 val images (folder)"]


BAR = (
    "Epochs:  50%|#####   | 1/2 [00:07<00:07, 7s/it]2026-03-02 10:00:0{} - INFO - Epoch {}/2, Val Acc: 0.{}\n"
)
NO_HEADER = "Train loss: {0} acc: 0.6\nVal loss: {0} acc: 0.{1}\n"


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (BAR.format(1, 1, 61) + BAR.format(2, 2, 72), "2 of 2 epochs, validation accuracy 0.72"),
        ("Start 1 epoch of training\nval Acc: 0.5\nStart 2 epoch of training\nval Acc: 0.75\n",
         "2 epochs, validation accuracy 0.75"),
        (NO_HEADER.format(0.7, 51) + NO_HEADER.format(0.6, 62) + NO_HEADER.format(0.5, 73),
         "3 epochs, validation accuracy 0.73"),
    ],
)  # fmt: skip
def test_logs(submit: Make, log: str, told: str) -> None:
    assert [message for _, message in findings(submit, TrainingLog(), {"log/run.log": log})][0] == told


def test_a_report_whose_name_says_assignment_too(submit: Make) -> None:
    check = RequiredFiles(paths=("README.md",), declared=("documents.report",))
    said = dict.fromkeys(
        message for _, message in findings(submit, check, {"Assignment_2_Report.pdf": b"%PDF-"})
    )
    assert "a report" in said
    said = dict.fromkeys(message for _, message in findings(submit, check, {"Assignment_2.pdf": b"%PDF-"}))
    assert "a report" not in said


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/pretrained/net.bin",
        "https://example.org/a/dog.jpg",
        "https://example.org/w/r18.npz",
    ],
)
def test_weights_and_one_picture_are_not_the_data(submit: Make, address: str) -> None:
    check = RequiredFiles(paths=("README.md",), declared=("documents.download",))
    source = f"import urllib.request\nurllib.request.urlretrieve('{address}', 'weights/file')\n"
    said = " ".join(message for _, message in findings(submit, check, {"get.py": source}))
    assert "downloads data:" not in said and "no program downloads the data" in said
