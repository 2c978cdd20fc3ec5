"""Programs made to keep their reader busy: each finder ends, and names what it could not follow.

Without a limit on its steps each of these takes hours.
"""

import pytest

from grader.reading import deliverables, phases, preprocessing
from grader.reading.splits import sets
from tests.conftest import Make

START = """\
import torch
from torchvision import models, transforms as T
model = models.resnet18(weights="IMAGENET1K_V1")
s = [T.ToTensor()]
"""
USE = "t = T.Compose(s)\ndata = ImageFolder('a', transform=t)\nloss.backward()\n"
UNREAD = ("train.py (too intricate to follow)",)


@pytest.mark.parametrize("grows", ["s += s", "s.extend(s)", "r = s + []\ns += r\nr += s", "s += [*s]"])
def test_a_list_that_grows_from_itself_has_what_it_had(submit: Make, grows: str) -> None:
    """Twice `ToTensor` is still 0..1, which is not what ImageNet's weights want."""
    found = preprocessing.find(submit({"train.py": f"{START}{grows}\n{USE}"}))
    assert ([way.verdict for way in found.ways], found.unread) == (["mismatch"], ())


DOUBLED = START + "s += s\n" * 50 + USE
SUMS = START + "".join(f"s{n + 1} = s{n} + s{n}\n" for n in range(50)).replace("s0", "s") + "s = s50\n" + USE


@pytest.mark.parametrize(
    "source",
    [
        DOUBLED,
        SUMS,
        f"{START}def f(x):\n    return T.Lambda(f)(x)\ns += [T.Lambda(f)]\n{USE}",
        f"{START}def f(x):\n    return T.Compose([f, f])(x)\ns += [T.Lambda(f)]\n{USE}",
        f"{START}def f():\n    return T.Compose([f()])\ns = f()\n{USE}",
        f"{START}t = T.Compose([t])\nt = T.Compose([t, T.ToTensor()])\ndata = ImageFolder(transform=t)\n",
        f"{START}s = {' + '.join(['[T.ToTensor()]'] * 2500)}\n{USE}",
        START + "t = image_dataset_from_directory('train').map(f)\n" * 2500,
        START + "s += [T.ToTensor()]\n" * 2000 + "t = T.Compose(s)\n" * 2000 + USE,
    ],
)  # fmt: skip
def test_endless_transforms(submit: Make, source: str) -> None:
    assert preprocessing.find(submit({"train.py": source})).unread == UNREAD


def test_one_intricate_program_hides_no_other(submit: Make) -> None:
    right = f"{START}s += [T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]\n{USE}"
    found = preprocessing.find(submit({"train.py": DOUBLED, "other.py": right}))
    assert (len(found.ways), found.unread) == (1, UNREAD)


LOOPS = "".join("    " * deep + "for x in y:\n" for deep in range(60))
CALLS = "".join(f"def f{n}():\n" + f"    f{n + 1}()\n" * 8 for n in range(12)) + "f0()\n"


@pytest.mark.parametrize(
    ("source", "unread"),
    [
        (f"{LOOPS}{'    ' * 60}if epoch == 3:\n{'    ' * 61}nothing_to_freeze = 1\n", ()),
        (CALLS, UNREAD),
    ],
)
def test_loops_and_calls_that_double_with_each_level(
    submit: Make, source: str, unread: tuple[str, ...]
) -> None:
    """First epochs are walked once more, but not those of loops inside; calls are calls."""
    submission = submit({"train.py": source + "loss.backward()\n"})
    assert phases.find(submission).unread == unread


@pytest.mark.parametrize(
    "source",
    [
        f"train_a, {', '.join(f'a{n}' for n in range(3000))} = {', '.join(['DataLoader(x)'] * 3000)}\n",
        f"{' = '.join(f'train_a{n}' for n in range(5000))} = [{', '.join(['DataLoader(x)'] * 5000)}]\n",
        f"train_a = [{', '.join(['DataLoader([y for y in (1, 2)])'] * 3000)}]\n",
    ],
)
def test_assignments_of_thousands(submit: Make, source: str) -> None:
    """Many names times many calls are too many; calls alone are read."""
    paths = sets(submit({"train.py": source})).unread
    assert paths in (UNREAD, ()) and (paths == UNREAD or "a0" not in source)


def test_a_variable_that_is_bound_on_every_line(submit: Make) -> None:
    source = START + "x = 1\n" + "x = x + 1\n" * 10_000 + "train_set = ImageFolder(x)\nloss.backward()\n"
    assert sets(submit({"train.py": source})).unread == ()


def test_a_download_in_a_program_that_nobody_can_follow(submit: Make) -> None:
    bound = "".join(f"B{n} = B{n + 1} * B{n + 1}\n" for n in range(60))
    source = f"{bound}subprocess.run(B0)\n" + "gdown.download(B0)\n" * 2000
    found = deliverables.downloads(submit({"train.py": "import gdown\n" + source}))
    assert (found.found, found.unread) == ((), UNREAD)
