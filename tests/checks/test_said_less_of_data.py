"""As test_said_less.py: what logs, tables and documents nearly say about data and results."""

import json

import pytest

from grader.checks.free_form import sizes
from grader.checks.preprocessing import Preprocessing
from grader.checks.splits import Splits
from grader.checks.training_log import TrainingLog
from tests.checks.test_said_less import DOWNLOAD, said
from tests.conftest import Make


def notebook(*cells: tuple[str, str], html: str = "") -> bytes:
    """A notebook of cells, each with what it showed at its end."""
    shown = [{"text/plain": [text], **({"text/html": [html]} if html else {})} for _, text in cells]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": 1,
                    "metadata": {},
                    "source": [source],
                    "outputs": [
                        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
                    ],
                }
                for (source, _), data in zip(cells, shown, strict=True)
            ],
        }
    ).encode()


ROW = """\
Epoch                  14.000000
Training loss           0.012325
Validation loss         0.018521
Training accuracy      86.764702
Validation accuracy    77.058830
"""
TABLE = "<tr><th></th><th>model</th><th>{name}</th><th>accuracy</th></tr>"
RESULTS = TABLE + "".join(f"<tr><th>{at}</th><td>tree</td><td>0.5</td><td>0.9{at}</td></tr>" for at in "123")


@pytest.mark.parametrize(
    ("book", "runs"),
    [
        (notebook(("best(table)", ROW + "Name: 13, dtype: float64")), 0),
        (notebook(("show()", ROW)), 1),
        (notebook(("table", ""), html=f"<table>{RESULTS.format(name='recall')}</table>"), 0),
        (notebook(("table", ""), html=f"<table>{RESULTS.format(name='loss')}</table>"), 1),
    ],
)
def test_a_table_of_results_is_no_log(submit: Make, book: bytes, runs: int) -> None:
    assert len(TrainingLog().collect(submit({"a.ipynb": book})).runs) == runs


def test_what_is_found_for_two_sets_is_of_neither(submit: Make) -> None:
    log = "Found 1197 files belonging to 2 classes.\nUsing 958 files for training.\n" \
          "Found 1197 files belonging to 2 classes.\nUsing 239 files for validation.\n"  # fmt: skip
    told = {(size.split, size.images) for size in sizes.of(submit({"run.log": log}))}
    assert told == {("train", 958), ("val", 239)}


@pytest.mark.parametrize(("compared", "split"), [("test_labels, told", "test"), ("y_true, y_pred", "")])
def test_the_support_of_a_report_counts_the_images_of_the_split_that_it_names(
    submit: Make, compared: str, split: str
) -> None:
    report = (
        "              precision    recall  f1-score   support\n\n    accuracy"
        + " " * 27
        + "0.84       624\n"
    )
    book = notebook((f"print(classification_report({compared}))", report))
    told = [(size.split, size.images) for size in sizes.of(submit({"a.ipynb": book}))]
    assert told == ([(split, 624)] if split else [])


@pytest.mark.parametrize(("share", "told"), [("0.2", True), ("0", False)])
def test_nothing_is_split_off_by_no_share(submit: Make, share: str, told: bool) -> None:
    source = f"a, b = train_test_split(images, test_size={share})\nnet.fit(a)\n"
    assert (" is split off" in said(submit, Splits(), {"a.py": source})) == told


UNUSED = """\
from tensorflow import keras
def other():
    return build_network(weights={weights})
net = keras.Sequential([keras.layers.Dense(2)])
net.fit(x, y)
"""


@pytest.mark.parametrize(("weights", "denied"), [("None", True), ("'imagenet'", False)])
def test_none_loads_pretrained_weights_if_none_names_any(submit: Make, weights: str, denied: bool) -> None:
    text = said(submit, Preprocessing(), {"a.py": UNUSED.format(weights=weights)})
    assert ("no pretrained weights" in text) == denied


@pytest.mark.parametrize(("name", "told"), [("insects", "insects.zip is committed instead"), ("fish", "")])
def test_an_archive_of_the_folder_that_programs_name_is_the_data(submit: Make, name: str, told: str) -> None:
    files = {"insects.zip": b"PK", "a.py": f"from pathlib import Path\nroot = Path('{name}/train')\n"}
    text = said(submit, DOWNLOAD, files)
    assert (told or "no program downloads the data") in text
    assert ("insects.zip" in text) == bool(told)


def test_comments_of_python_2_count(submit: Make) -> None:
    files = {"a.py": "# the number of buoys in the picture\nprint count\n", "b.py": "x = 1\ny = 2\n"}
    assert "7 words of explanation on 3 lines of code" in said(submit, DOWNLOAD, files)


@pytest.mark.parametrize(("above", "told"), [("Results on the test set:", False), ("It was hard.", True)])
def test_a_list_of_values_is_of_the_split_that_introduces_it(submit: Make, above: str, told: bool) -> None:
    readme = f"# Mugs\n\n{above}\n\n```text\nRecall: 0.97\nAccuracy : 0.9833\n```\n"
    assert ("stated without the images" in said(submit, TrainingLog(), {"README.md": readme})) == told


HISTORY = "epoch,loss,accuracy,val_loss,val_accuracy\n" + "".join(
    f"{at},0.{90 - at}123456,0.{50 + at}765432,0.{95 - at}333333,0.{40 + at}888888\n" for at in range(9)
)
NAMES = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
HEAD = "<table><tr><th></th>{}</tr>{}</table>".format(
    "".join(f"<th>{name}</th>" for name in NAMES),
    "".join(
        f"<tr><th>{at}</th><td>{at}</td><td>0.{90 - at}1235</td><td>0.{50 + at}7654</td>"
        f"<td>0.{95 - at}3333</td><td>0.{{}}{at}8889</td></tr>"
        for at in range(5)
    ),
)
LAST = (
    "```\nEpoch 9/9\n63/63 [====] - 2s 29ms/step - loss: 0.8212 - accuracy: 0.5877 - "
    "val_loss: {} - val_accuracy: 0.4889\n```\n"
)


@pytest.mark.parametrize(
    ("files", "trainings"),
    [
        ({"a.ipynb": notebook(("table.head()", ""), html=HEAD.format(*"44444"))}, 1),
        # the first rows of another training
        ({"a.ipynb": notebook(("table.head()", ""), html=HEAD.format(*"33333"))}, 2),
        ({"README.md": LAST.format("0.8733")}, 1),
        ({"README.md": LAST.format("0.9733")}, 2),
    ],
)
def test_one_training_that_two_places_show_is_one(
    submit: Make, files: dict[str, str | bytes], trainings: int
) -> None:
    told = said(submit, TrainingLog(), {"history.csv": HISTORY, **files})
    assert told.count("epochs, validation accuracy") == trainings


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("urlretrieve(ADDRESS, 'pictures.zip')", "downloads data:"),
        # a network, or pictures of models? a person has to look
        ("urlretrieve(ADDRESS, 'model.zip')", "open: what could download the data was not followed"),
        ("kagglehub.dataset_download('someone/car-models')", "downloads data:"),
        ("def fetch_model():\n    storage.download_file(BUCKET, key, path)\nfetch_model()", "open:"),
        ("print(1)", "no program downloads the data"),
    ],
)
def test_what_may_be_a_network_is_not_taken_for_the_data(submit: Make, source: str, told: str) -> None:
    assert told in said(submit, DOWNLOAD, {"a.py": source})


def test_a_readme_that_names_a_place_does_not_say_how(submit: Make) -> None:
    files = {"a.py": "print(1)", "README.md": "The images are from https://example.org/flowers"}
    assert "the README names where they are" in said(submit, DOWNLOAD, files)


SHARES = (
    "a, b = train_test_split(pictures, test_size=0.2)\nb, c = train_test_split(b, test_size=0.5)\nnet.fit(a)"
)


def test_a_share_is_of_what_the_program_splits(submit: Make) -> None:
    told = said(submit, Splits(), {"a.py": SHARES})
    assert "0.2 of pictures is split off" in told
    assert "0.5 of b is split off" in told


PARTS = ("train", "validation")


@pytest.mark.parametrize(("other", "told"), [("", True), (SHARES, False)])
def test_whole_numbers_of_images_that_a_share_may_not_be_of(submit: Make, other: str, told: bool) -> None:
    """Another program deals out data that are not committed: its accuracy is of nobody knows how many."""
    pictures = {
        f"data/{part}/cat/{at}.jpg": part.encode() + bytes([at]) for part in PARTS for at in range(100)
    }
    files = {"README.md": "Validation accuracy: 0.9637", "a.py": other, **pictures}
    assert ("no whole number of 100 images" in said(submit, TrainingLog(), files)) is told
