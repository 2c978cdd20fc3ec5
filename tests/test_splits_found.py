"""Splits without a contract: each source of sizes, and what proves that splits overlap."""

import json

import pytest

from grader import splits
from grader.checks.splits import Splits
from grader.errors import NotMeasured
from grader.splits import Size
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
