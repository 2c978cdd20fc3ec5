"""README, report, download and comments, found by what they are and do."""

import json

import pytest

from grader.checks.required_files import RequiredFiles
from grader.ground.errors import NotMeasured
from grader.reading import deliverables
from tests import work
from tests.conftest import Make

CHECK = RequiredFiles(
    paths=("submission.toml", "README.md"), declared=("documents.report", "documents.download")
)
README = "# Cats\n" + "This project tells cats from dogs by fine-tuning a network. " * 5


@pytest.mark.parametrize(
    ("path", "source", "how"),
    [
        ("a.py", "from urllib.request import urlretrieve\nurlretrieve(url, 'data.zip')\n", "urlretrieve"),
        ("get.py", "import requests\nopen('d.zip', 'wb').write(requests.get(URL).content)\n", "requests.get"),
        ("a.py", "from openimages.download import download_dataset\ndownload_dataset('d', "
                 "class_labels=['Cat'], limit=9)\n",
         "download_dataset"),
        ("a.py", "from openimages.download import _download_single_image\n_download_single_image(asked)\n",
         "_download_single_image"),
        ("a.py", "import kagglehub\nkagglehub.dataset_download('x/y')\n", "kagglehub.dataset_download"),
        ("a.py", "import torchvision\ntorchvision.datasets.CIFAR10('d', "
                 "download=True)\n", "torchvision.datasets.CIFAR10"),
        ("a.py", "import os\nos.system('kaggle competitions download -c dogs')\n", "os.system"),
        ("a.py", "import requests\ns = requests.Session()\nf = open(d.get('to'), 'wb')\n"
                 "f.write(s.get(URL).content)\n",
         "s.get"),
        ("a.py", "from roboflow import Roboflow\nRoboflow(k).project('p').version(1).download('folder')\n",
         "Roboflow(k).project('p').version(1).download"),
        ("get.sh", "aws s3 --no-sign-request cp s3://open-images-dataset/train/a.jpg data/\n",
         "aws s3 --no-sign-request cp s3://open-images-dataset/train/a"),
        ("run.sh", "# wget no\nwget https://example.org/data.zip\n", "wget https://example.org/data.zip"),
        ("a.py", "from pyspark.sql import SparkSession\nd = spark.read.csv('/open_images/boxes.csv')\n"
                 "d.filter(d.Label == 'Dog').limit(600).write.parquet('/user/me/dogs')\n",
         "Spark reads a cluster's files and writes a selection"),
        # A newer Python than ours: read as text.
        ("a.py", "f = open('d', 'wb')\nr = requests.get(u)\nprint(f\"{a[\"b\"]}\" if 1 else", "requests.get"),
    ],
)  # fmt: skip
def test_downloads(submit: Make, path: str, source: str, how: str) -> None:
    (found,) = deliverables.downloads(submit({path: source})).found
    assert (found.how, found.where.split(":")[0]) == (how, path)


def test_what_a_download_asks_for(submit: Make) -> None:
    source = (
        "from openimages.download import download_dataset\ndownload_dataset('d', "
        "class_labels=['Cat', 'Dog'], limit=600)\n"
    )
    (found,) = deliverables.downloads(submit({"a.py": source})).found
    assert (found.categories, found.limit, found.where) == (("Cat", "Dog"), 600, "a.py:2")


@pytest.mark.parametrize(
    "source",
    [
        "def download():\n    print('put the pictures into data/')\n",
        "import requests\nrequests.get('http://localhost:8000/predict')\n",
        "from google.colab import files\nfiles.download('model.h5')\n",
        "import requests\nprint(requests.get('https://example.org').text)\n",
        "from urllib.request import urlretrieve\nurlretrieve('https://example.org/resnet18.pth', 'w')\n",
        "# urlretrieve(url, 'data.zip')\n",
    ],
)
def test_what_downloads_no_data(submit: Make, source: str) -> None:
    assert deliverables.downloads(submit({"download.py": source})).found == ()


def test_a_command_in_a_cell(submit: Make) -> None:
    cell = {"cell_type": "code", "source": "!wget https://example.org/d.zip\nx = 1", "outputs": []}
    (found,) = deliverables.downloads(submit({"a.ipynb": json.dumps({"cells": [cell]})})).found
    assert found.where == "a.ipynb#c0"


def test_readme_and_report_wherever_they_are(submit: Make) -> None:
    files = {
        "README": "",
        "Readme.MD": README,
        "docs/readme.pt.md": README * 2,
        "doc/dokumentacio.pdf": "%PDF",
        "LICENSE.pdf": "x",
    }
    readme = deliverables.readme(submit(files))
    assert readme is not None and (readme.path, readme.words, readme.has_substance) == ("Readme.MD", 51, True)
    assert deliverables.reports(submit(files)) == ("doc/dokumentacio.pdf",)
    empty = deliverables.readme(submit({"README.md": ""}))
    assert empty is not None and not empty.has_substance
    assert deliverables.readme(submit({"a.py": ""})) is None


def test_comments_are_counted_and_dead_code_is_not(submit: Make) -> None:
    source = "# freeze the base first\nx = 1\n# model.fit(x, y)\ndef f():\n    return x\n"
    found = deliverables.comments(submit({"a.py": source}))
    assert (found.words, found.code_lines, found.functions, found.unexplained) == (4, 3, 1, ("a.py:4",))


def test_what_machines_write_explains_nothing(submit: Make) -> None:
    """Two words in a docstring of a class count; Colab's header, a ruler and a linter's mark do not."""
    source = (
        '# -*- coding: utf-8 -*-\n"""Automatically generated by Colab.\n\nOriginal file is at x\n"""\n'
        '# ------\nx = 1  # noqa: E501\nclass A:\n    """Two words."""\n'
        "    async def f(self):\n        pass\n"
    )
    found = deliverables.comments(submit({"a.py": source}))
    assert (found.words, found.bare) == (2, 0)


def test_the_check_without_a_contract(submit: Make) -> None:
    def findings(**files: str) -> list[tuple[str, str]]:
        named = {name.replace("__", "."): text for name, text in files.items()}
        return [
            (each.level, each.message)
            for each in CHECK.judge(CHECK.collect(submit(named)))
            if each.level != "note"
        ]

    missing = (
        "warning", "submission.toml is not in the commit, so the checks look at what the repository shows",
    )  # fmt: skip
    script = "from urllib.request import urlretrieve\n# get the pictures of both classes\nurlretrieve(u, f)\n"
    assert findings(README__md=README, report__pdf="%PDF", get__py=script) == [missing]
    assert [message for _, message in findings()] == [
        missing[1], "there is no README", "there is no report: no PDF, DOCX, ODT, PPTX or LaTeX document",
        "no program downloads the data",
    ]  # fmt: skip
    with pytest.raises(NotMeasured, match="a.ipynb"):
        findings(README__md=README, a__ipynb="broken")


def test_data_that_is_only_named(submit: Make) -> None:
    """An address in the README, and a sample of the images in a folder that a program reads."""
    readme = README + "\n\nDownload the dataset from https://www.kaggle.com/c/dogs-vs-cats\n"
    code = "# reads the pictures and shows them\nshow('train_sample/')\n"
    check = RequiredFiles(paths=("submission.toml",), declared=("documents.download",))

    def told(files: dict[str, str | bytes]) -> tuple[str, str, str]:
        last = list(check.judge(check.collect(submit(files))))[-1]
        return last.level, last.message.replace(";", ":").split(":")[0], last.where

    files: dict[str, str | bytes] = {"README.md": readme, "a.py": code}
    assert told(files) == ("error", "no program downloads the data", "README.md:4")
    files |= {f"train_sample/{at}.jpg": str(at) for at in range(60)}
    assert told(files) == ("warning", "no program downloads the data", "")


def test_thousands_of_functions_are_looked_at_once(submit: Make) -> None:
    """Each with its comment: 7,000 in one file, none of them bare."""

    def commented(functions: int) -> deliverables.Comments:
        return deliverables.comments(submit({"a.py": "# say what\ndef f(): pass\n" * functions}))

    found = commented(7_000)
    assert (found.functions, found.bare, found.words) == (7_000, 0, 14_000)
    assert work.growth(commented, 500) < 2.2
