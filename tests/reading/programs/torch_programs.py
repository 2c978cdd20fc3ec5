"""The PyTorch programs of generating.py."""

from typing import Protocol

IMAGENET = "[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]"
HALVES = "[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]"


class Wanted(Protocol):
    """The part of a plan that is needed here."""

    values: str
    phases: str
    steps: str
    loop: str
    freeze: str
    decoy: str
    files: str
    name: str


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


IMPORTS = """\
import torch
from torch import nn, optim
from torchvision import datasets, models, transforms
"""


def write(wanted: Wanted) -> dict[str, str]:
    body = _steps(wanted) + _loop(wanted) + _freeze(wanted) + _build(wanted)
    run = _phases(wanted)
    if wanted.files == "module":
        return {"parts.py": IMPORTS + body, "main.py": IMPORTS + "from parts import *\n" + run}
    if wanted.files == "package":
        names = "loader, build, freeze, unfreeze, learn"
        return {
            "work/__init__.py": f"from .parts import {names}\n",
            "work/parts.py": IMPORTS + body,
            "main.py": f"{IMPORTS}from work import {names}\n" + run,
        }
    if wanted.files == "two scripts" and "# phase two\n" in run:
        first, second = run.split("# phase two\n")
        kept = f"torch.save({wanted.name}.state_dict(), 'first.pth')\n"
        name = wanted.name
        begun = f"{name} = build()\n{name}.load_state_dict(torch.load('first.pth'))\nfreeze({name})\n"
        again = "" if wanted.phases == "fresh" else begun
        return {"a_head.py": IMPORTS + body + first + kept, "b_upper.py": IMPORTS + body + again + second}
    return {"train.py": IMPORTS + body + run}


def _steps(wanted: Wanted) -> str:
    last = {"right": f"transforms.Normalize({IMAGENET})", "halves": f"transforms.Normalize({HALVES})"}
    steps = ["transforms.Resize(256)", "transforms.CenterCrop(224)", "transforms.ToTensor()"]
    steps += [last[wanted.values]] if wanted.values in last else []
    listed = ", ".join(steps)
    if wanted.steps == "weights" and wanted.values == "right":
        made = "steps = models.ResNet18_Weights.IMAGENET1K_V1.transforms()\n"
    elif wanted.steps == "list":
        made = (
            "parts = []\n"
            + "".join(f"parts.append({each})\n" for each in steps)
            + "steps = transforms.Compose(parts)\n"
        )
    elif wanted.steps == "function":
        made = f"def prepared():\n    return transforms.Compose([{listed}])\n\n\nsteps = prepared()\n"
    elif wanted.steps == "settings" and wanted.values in last:
        mean, std = (IMAGENET if wanted.values == "right" else HALVES).split("], ")
        made = (
            f"settings = dict(mean={mean}], std={std})\n"
            + "steps = transforms.Compose(["
            + ", ".join([*steps[:3], "transforms.Normalize(settings['mean'], settings['std'])"])
            + "])\n"
        )
    else:
        made = f"steps = transforms.Compose([{listed}])\n"
    return made + _data(wanted)


def _data(wanted: Wanted) -> str:
    if wanted.steps == "data set":
        return """\
class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths, change=None):
        self.paths, self.change = paths, change

    def __getitem__(self, at):
        picture = Image.open(self.paths[at]).convert("RGB")
        if self.change:
            picture = self.change(picture)
        return picture, 0


from PIL import Image
loader = torch.utils.data.DataLoader(Pictures(["a.png"], change=steps), batch_size=8)
"""
    return (
        "loader = torch.utils.data.DataLoader(datasets.ImageFolder('train', transform=steps), batch_size=8)\n"
    )


EPOCHS = """\
for epoch in range(3):
    for images, labels in loader:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimiser.step()
"""


TRAINER = """\
class Trainer:
    def __init__(self, net, loader, optimiser):
        self.net, self.loader, self.optimiser = net, loader, optimiser

    def fit_all(self):
        for images, labels in self.loader:
            self.optimiser.zero_grad()
            loss = nn.functional.cross_entropy(self.net(images), labels)
            loss.backward()
            self.optimiser.step()


def learn(net, optimiser):
    Trainer(net, loader, optimiser).fit_all()


"""
NESTED = """\
def learn(net, optimiser):
    def step(batch):
        images, labels = batch
        nn.functional.cross_entropy(net(images), labels).backward()
        optimiser.step()

    for batch in loader:
        step(batch)


"""


def _loop(wanted: Wanted) -> str:
    if wanted.loop == "class":
        return TRAINER
    if wanted.loop == "nested function":
        return NESTED
    return "def learn(net, optimiser):\n" + _indented(EPOCHS) + "\n\n"


def _freeze(wanted: Wanted) -> str:
    body = {
        "call": "net.requires_grad_({flag})\n",
        "names": "for name, p in net.named_parameters():\n    p.requires_grad = {flag}\n",
        "children": "for child in net.children():\n    for p in child.parameters():\n"
        "        p.requires_grad = {flag}\n",
    }.get(wanted.freeze, "for p in net.parameters():\n    p.requires_grad = {flag}\n")
    head = "for p in net.fc.parameters():\n    p.requires_grad = True\n"
    upper = "for p in layer.parameters():\n    p.requires_grad = True\n"
    frozen = _indented(body.format(flag=False) + head)
    return f"def freeze(net):\n{frozen}\n\ndef unfreeze(layer):\n{_indented(upper)}\n\n"


BUILD = """\
def build():
    net = models.resnet18(weights='IMAGENET1K_V1')
    net.fc = nn.Linear(512, 2)
    return net


"""
OTHER = f"""\
def other():
    change = transforms.Compose([transforms.ToTensor(), transforms.Normalize({HALVES})])
    return datasets.ImageFolder('other', change), models.vgg16(pretrained=True)


"""
LOOKED_AT = f"""\
looked = transforms.Compose([transforms.ToTensor(), transforms.Normalize({HALVES})])
shown = datasets.ImageFolder('train', transform=looked)
print(len(shown), shown[0][0].shape)
"""


def _build(wanted: Wanted) -> str:
    return BUILD + (OTHER if wanted.decoy == "unused function" else "")


SCRATCH = """\
small = nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
plain = transforms.Compose([transforms.Resize((64, 64)), transforms.ToTensor()])
small_optimiser = optim.SGD(small.parameters(), lr=0.1)
for images, labels in torch.utils.data.DataLoader(datasets.ImageFolder('train', transform=plain)):
    nn.functional.cross_entropy(small(images), labels).backward()
    small_optimiser.step()
"""


def _phases(wanted: Wanted) -> str:
    name = wanted.name
    train = f"optimiser = optim.Adam(filter(lambda p: p.requires_grad, {name}.parameters()))\n"
    learn = f"learn({name}, optimiser)\n"
    if wanted.loop == "inline":
        learn = EPOCHS.replace("net(", f"{name}(")
    frozen, upper = f"freeze({name})\n", f"# phase two\nunfreeze({name}.layer4)\n"
    run = {
        "two": frozen + train + learn + upper + train + learn,
        "no optimiser": frozen + train + learn + upper.removeprefix("# phase two\n") + learn,
        "head": frozen + train + learn,
        "whole": train + learn,
        "fresh": frozen + train + learn + f"# phase two\n{name} = build()\n" + frozen
        + f"unfreeze({name}.layer4)\n" + train + learn,
    }[wanted.phases]  # fmt: skip
    before = SCRATCH if wanted.decoy in ("second network", "scratch first") else ""
    before = LOOKED_AT if wanted.decoy == "shown only" else before
    return before + f"{name} = build()\n" + run
