"""Splits without a contract: each source of sizes, and what proves that splits overlap."""

import io
import json

import pytest

from grader.checks.splits import Splits
from grader.ground.errors import NotMeasured
from grader.reading import splits
from grader.reading.splits import Size
from tests.conftest import Make


def sizes(submit: Make, files: dict[str, str | bytes]) -> set[tuple[str, int, str]]:
    found = Splits().collect(submit(files))
    return {(size.split, size.images, size.source) for size in found.sizes}


def errors(submit: Make, files: dict[str, str | bytes]) -> list[str]:
    check, found = Splits(), []
    with pytest.raises(NotMeasured):
        for finding in check.judge(check.collect(submit(files))):
            found += [finding.message] if finding.level == "error" else []
    return found


def test_a_list_with_a_column_that_names_the_split(submit: Make) -> None:
    table = "file;label;subset\na.jpg;cat;train\nb.jpg;dog;train\nc.jpg;cat;Validation\nd.jpg;cat;test\n"
    assert sizes(submit, {"images.csv": table}) == {
        ("train", 2, "manifest"),
        ("val", 1, "manifest"),
        ("test", 1, "manifest"),
    }


def test_one_list_for_each_split(submit: Make) -> None:
    assert sizes(submit, {"train.txt": "a.jpg 0\nb.jpg 1\n", "notes.txt": "no images\n"}) == {
        ("train", 2, "manifest")
    }


def test_folders(submit: Make) -> None:
    """2 training, 2 validation and 2 test pictures; the same bytes stand in training and in test."""
    files: dict[str, str | bytes] = {
        f"data/{split}/{label}/{at}.jpg": f"{split}{label}{at}"
        for split in ("train", "valid", "test")
        for label in ("cat", "dog")
        for at in range(1)
    }
    assert sizes(submit, files) == {("train", 2, "folder"), ("val", 2, "folder"), ("test", 2, "folder")}
    files["data/test/cat/9.jpg"] = "traindog0"
    found = splits.committed(submit(files))
    assert (found.copies, found.repeated) == (1, (("data/test/cat/9.jpg", "data/train/dog/0.jpg"),))


def test_found_images_belong_to_the_calls_of_their_cell(submit: Make) -> None:
    source = "a = g.flow_from_directory(train_dir)\nb = h.flow_from_directory('x/validation')\n"
    output = {"output_type": "stream", "name": "stdout", "text": "Found 800 images belonging to 2 classes.\n"
              "Found 200 images belonging to 2 classes.\n"}  # fmt: skip
    cell = {"cell_type": "code", "source": source, "outputs": [output], "execution_count": 1}
    book = json.dumps({"nbformat": 4, "cells": [cell]})
    assert sizes(submit, {"a.ipynb": book}) == {("train", 800, "log"), ("val", 200, "log")}


def test_slices_and_shares_in_code(submit: Make) -> None:
    source = (
        "train_cats = cats[:400]\ntrain_dogs = dogs[:400]\nval_cats = cats[400:500]\nn = "
        "int(len(files) * (1 - r))\nr = 0.2\n"
    )
    found = splits.sets(submit({"split.py": source}))
    assert [(each.split, each.images) for each in found.sliced] == [("train", 800), ("val", 100)]
    assert found.facts == (("0.8 of a list is split off", "split.py:4"),)


FIT = "model.fit(train, epochs=2, validation_data={})\n"


def test_validation_used_as_test_and_no_test_at_all(submit: Make) -> None:
    both = "train = ImageFolder('d/train')\ntest = ImageFolder('d/test')\n" + FIT.format("test")
    assert errors(submit, {"a.py": both}) == ["the test set is also the validation set"]
    none = "train = ImageFolder('d/train')\nval = ImageFolder('d/val')\n" + FIT.format("val")
    assert errors(submit, {"a.py": none}) == [
        "there is no separate test set: the programs make only training and validation sets"
    ]
    three = none + "test = ImageFolder('d/test')\n"
    assert errors(submit, {"a.py": three}) == []


def test_the_test_set_of_the_training_folder(submit: Make) -> None:
    source = (
        "ROOT = 'data/train'\ntrain = ImageFolder(ROOT)\nval = ImageFolder('data/val')\ntest = "
        "ImageFolder(ROOT)\n"
    )
    assert errors(submit, {"a.py": source}) == [
        "the test set is read from the folder of the training set, data/train"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "train = CIFAR10('d', train=True)\ntest = CIFAR10('d', train=False)\nval = part(train)\n",
        "train, val, test = (Subset(ImageFolder('d'), part) for part in parts)\ntrain = ImageFolder('d')\n"
        "test = ImageFolder('d')\nval = 1\n",
        "train = MyDataset('d', 'train')\ntest = MyDataset('d', 'test')\n",
    ],
)
def test_one_folder_for_all_is_no_overlap(submit: Make, source: str) -> None:
    assert splits.sets(submit({"a.py": source})).same_folder == ()


@pytest.mark.parametrize(("options", "mixed"), [("", True), (", shuffle=False", False)])
def test_take_and_skip_on_what_is_shuffled_anew(submit: Make, options: str, mixed: bool) -> None:
    source = (
        f"ds = keras.utils.image_dataset_from_directory('d', seed=1{options})\ntrain = ds.skip(10)\n"
        f"test = ds.take(10)\n"
    )
    assert bool(splits.sets(submit({"a.py": source})).reshuffled) is mixed


def test_the_pigeonhole() -> None:
    """23565 + 3750 + 3750 = 31065 pictures of 25000: at least 6065 stand in two splits."""
    logged = [Size("train", 23565, "", "log"), Size("val", 3750, "", "log"), Size("test", 3750, "", "log")]
    assert splits.pigeonhole(logged, 25_000) == 6065
    assert splits.pigeonhole(logged, 31_065) == 0


def test_the_right_sizes_pass(submit: Make) -> None:
    rows = [
        f"{split}{at}.jpg,cat,{split}"
        for split, n in (("train", 800), ("val", 200), ("test", 200))
        for at in range(n)
    ]
    check = Splits()
    found = check.judge(check.collect(submit({"splits.csv": "\n".join(["image,label,split", *rows])})))
    assert {each.level for each in found} == {"note"}


BARS = "Epoch 1/1\n25/25 {} 9s - accuracy: 0.8 - loss: 0.5 - val_accuracy: 0.91 - val_loss: 0.4\n"
TESTED = "7/7 {} 1s - accuracy: 0.9 - loss: 0.3\n"
KERAS_2, KERAS_3 = "[====] -", "\u2501" * 20


def notebook(*cells: tuple[str, str]) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "cells": [
                {
                    "cell_type": "code",
                    "source": source,
                    "outputs": [{"output_type": "stream", "name": "stdout", "text": text}],
                }
                for source, text in cells
            ],
        }
    )


@pytest.mark.parametrize(
    ("bar", "option", "found"),
    [
        (KERAS_3, "batch_size=32", {("train", "769 to 800"), ("test", "193 to 224")}),  # 24*32 + 1 ... 25*32
        (KERAS_2, "batch_size=32", {("train", "25 to 800"), ("test", "7 to 224")}),  # of images, until 2019
        (KERAS_3, "batch_size=32, steps_per_epoch=25", set()),
        (KERAS_3, "batch_size=B", set()),
    ],
)
def test_batches_give_an_interval(submit: Make, bar: str, option: str, found: set[tuple[str, str]]) -> None:
    cells = (f"model.fit(x, y, {option})", BARS.format(bar)), ("model.evaluate(test_set)", TESTED.format(bar))
    found_sizes = Splits().collect(submit({"a.ipynb": notebook(*cells)})).sizes
    assert {(size.split, size.words) for size in found_sizes} == found


@pytest.mark.parametrize(
    ("sizes", "range_"),
    [
        ([Size("train", 800, "", "log"), Size("train", 800, "", "log", 769)], (800, 800)),
        ([Size("train", 832, "", "log", 801), Size("train", 800, "", "log", 769)], None),
        ([Size("train", 832, "", "log", 790), Size("train", 800, "", "log", 769)], (790, 800)),
    ],
)
def test_sources_are_intersected(sizes: list[Size], range_: tuple[int, int] | None) -> None:
    assert splits.together(sizes) == range_


@pytest.mark.parametrize(("tolerance", "level"), [(0, "error"), (5, "note")])
def test_the_tolerance_of_the_assignment(submit: Make, tolerance: int, level: str) -> None:
    """810 training images of two classes where 800 are asked for: five more in each."""
    rows = [
        f"{split}{at}.jpg,cat,{split}"
        for split, n in (("train", 810), ("val", 200), ("test", 200))
        for at in range(n)
    ]
    check = Splits(tolerance=tolerance)
    found = check.judge(check.collect(submit({"splits.csv": "\n".join(["image,label,split", *rows])})))
    assert max((each.level for each in found), key=["note", "error"].index) == level


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["torchvision.datasets.CIFAR10('d', download=True)"], "CIFAR-10"),
        (["!kaggle competitions download -c dogs-vs-cats"], "Dogs vs. Cats"),
        (["The dataset is Fashion-MNIST, from https://example.org"], "Fashion-MNIST"),
        (["# like CIFAR10"], None),  # nothing says that the images are of it
        (["datasets.CIFAR10()", "datasets.CIFAR100()"], None),
    ],
)
def test_well_known_data_sets(lines: list[str], title: str | None) -> None:
    found = splits.named(lines)
    assert (found.title if found else None) == title


def test_more_images_than_the_well_known_set_has(submit: Make) -> None:
    """397 pictures of hymenoptera; 300 and 153 are 56 more."""
    sizes = ("Found 300 images belonging to 2 classes.", "Found 153 images belonging to 2 classes.")
    source = "t = g.flow_from_directory('hymenoptera_data/train')\nv = g.flow_from_directory('d/val')\n"
    book = notebook((source + "!wget https://download.pytorch.org/hymenoptera_data.zip", "\n".join(sizes)))
    check, found = Splits(), []
    with pytest.raises(NotMeasured):
        for finding in check.judge(check.collect(submit({"a.ipynb": book}))):
            found += [finding.message] if finding.level == "warning" else []
    (warned,) = found
    assert warned.startswith("the splits have 56 images more than the 397 of hymenoptera")


def test_a_test_set_that_is_looked_at_in_every_epoch(submit: Make) -> None:
    source = (
        "train_loader = DataLoader(ImageFolder('d/train'))\ntest_loader = DataLoader(ImageFolder('d/test'))\n"
        "for epoch in range(5):\n    loss.backward()\n    check(model, test_loader)\n"
    )
    assert splits.sets(submit({"a.py": source})).watched == ("a.py:5",)
    assert splits.sets(submit({"a.py": source.replace("    check", "check")})).watched == ()


def test_samples(submit: Make) -> None:
    source = "cats = random.sample(files, 400)\nfaces = women.limit(150).union(men.limit(150))\ndf.limit(5)\n"
    assert splits.sets(submit({"a.py": source})).facts == (
        ("400 are sampled", "a.py:1"),
        ("150 + 150 are sampled", "a.py:2"),
    )


def test_pictures_that_look_the_same(submit: Make) -> None:
    """The same scene, smaller and mirrored, in another split; the other pictures are different."""
    from PIL import Image

    def picture(seed: int, side: int = 96, *, mirrored: bool = False) -> bytes:
        colours = Image.new("RGB", (4, 4))
        colours.putdata([((seed * 37 + at * 61) % 256, at * 16, (seed * at * 29) % 256) for at in range(16)])
        large = colours.resize((side, side), Image.Resampling.BICUBIC)
        out = io.BytesIO()
        (large.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else large).save(out, "JPEG")
        return out.getvalue()

    files: dict[str, str | bytes] = {f"data/train/{seed}.jpg": picture(seed) for seed in (1, 2, 3, 4)}
    files |= {"data/test/a.jpg": picture(2, 64, mirrored=True), "data/test/b.jpg": picture(9)}
    twins = Splits().collect(submit(files)).twins
    assert twins.pairs == (("data/test/a.jpg", "data/train/2.jpg", True),)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("trainset, testset = load(), load()", {"train", "test"}),
        ("train_loader, val_loader, test_loader, stats = load_data(folder)", {"train", "val", "test"}),
        ("testloader = make(testset)\nval_images = len(x)", {"test"}),
        ("test_images = ['a.jpg', 'b.jpg']", set()),
        ("train_files = files[:n]\ntest_files = files[n:]", {"train", "test"}),
        ("test_accuracy = evaluate(model)\ntested = attest()\nlatest_set = f()", set()),
    ],
)
def test_data_sets_of_ones_own_functions(submit: Make, source: str, found: set[str]) -> None:
    assert splits.sets(submit({"a.py": source + "\n"})).splits == found


def test_a_list_of_predictions_is_no_list_of_the_data(submit: Make) -> None:
    assert sizes(submit, {"runs/predictions.csv": "image,answer\na.jpg,cat\nb.jpg,dog\n"}) == set()


def test_names_about_a_split_that_nothing_shows_decide_nothing(submit: Make) -> None:
    """A test folder in a configuration, and validation images of another program."""
    none = "train = ImageFolder('d/train')\nval = ImageFolder('d/val')\n" + FIT.format("val")
    assert errors(submit, {"a.py": none, "config.py": "test_dir = ''\n"}) == []
    assert errors(submit, {"a.py": none, "b.py": "def load_train_test_split():\n    pass\n"}) == []
    assert errors(submit, {"a.py": "loader = DataLoader(pictures)\nmodel.fit(loader, epochs=2)\n"}) == []
    both = "train = ImageFolder('d/train')\ntest = ImageFolder('d/test')\n" + FIT.format("test")
    assert errors(submit, {"a.py": both, "config.py": "valid_dir = ''\n"}) == []
