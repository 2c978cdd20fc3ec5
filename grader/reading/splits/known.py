"""Well-known data sets and how many images they have: more cannot be dealt out to the splits.

The numbers are those of the data sets' own pages and of https://www.tensorflow.org/datasets/catalog. To add
one, add a row: what it is called, how programs and texts name it, and how many images it has.
"""

import re
from collections.abc import Iterable

from msgspec import Struct


class Known(Struct, frozen=True):
    """What it is called, what names it in programs and texts, and all its images that have labels."""

    title: str
    pattern: str
    images: int


TABLE = (
    Known("CIFAR-10", r"cifar[-_ ]?10", 60_000),
    Known("CIFAR-100", r"cifar[-_ ]?100", 60_000),
    Known("Fashion-MNIST", r"fashion[-_ ]?mnist", 70_000),
    Known("MNIST", r"(?<![-_])mnist", 70_000),
    Known("Dogs vs. Cats", r"dogs?[-_ ]{0,3}(?:vs\.?|versus)[-_ ]{0,3}cats?", 25_000),
    Known("Dogs vs. Cats", r"cats?[-_ ]{0,3}(?:vs\.?|versus)[-_ ]{0,3}dogs?", 25_000),
    Known("cats_and_dogs_filtered", r"cats_and_dogs_filtered", 3_000),
    Known("tf_flowers", r"(?:tf_flowers|flower_photos)", 3_670),
    Known("Oxford 102 Flowers", r"(?:oxford[-_ ]?)?(?:flowers?[-_ ]?102|102[-_ ]flowers?)", 8_189),
    Known("Oxford-IIIT Pet", r"oxford[-_ ]?(?:iiit)?[-_ ]?pets?", 7_349),
    Known("hymenoptera", r"hymenoptera(?:_data)?", 397),
    Known("Food-101", r"food[-_ ]?101", 101_000),
    Known("Caltech-101", r"caltech[-_ ]?101", 9_146),
    Known("Caltech-256", r"caltech[-_ ]?256", 30_607),
    Known("Stanford Dogs", r"stanford[-_ ]?dogs", 20_580),
    Known("Stanford Cars", r"stanford[-_ ]?cars", 16_185),
    Known("CUB-200-2011", r"(?:cub[-_ ]?200(?:[-_ ]2011)?|caltech[-_ ]birds)", 11_788),
    Known("Imagenette", r"imagenette\d?(?:-\d+)?", 13_394),
    Known("Imagewoof", r"imagewoof\d?(?:-\d+)?", 12_954),
    Known("horses_or_humans", r"horses?[-_ ]or[-_ ]humans?", 1_283),
    Known("rock_paper_scissors", r"rock[-_ ]paper[-_ ]scissors", 2_892),
    Known("beans", r"(?:ibeans|load(?:_dataset)?\([\"'](?:AI-Lab-Makerere/)?beans(?=[\"']))", 1_295),
    Known("EuroSAT", r"eurosat", 27_000),
    Known("SVHN", r"svhn(?:_cropped)?", 630_420),
    Known("STL-10", r"stl[-_ ]?10", 13_000),
    Known("Chest X-Ray (pneumonia)", r"chest[-_ ]?xray[-_ ]?pneumonia", 5_856),
    Known("Intel Image Classification", r"intel[-_ ]image[-_ ]classification", 17_034),
    Known("HAM10000", r"ham[-_ ]?10000", 10_015),
    Known("Malaria", r"malaria(?:[-_ ]cell[-_ ]images)?", 27_558),
)  # fmt: skip
DATA = re.compile(r"data ?set|kaggle|tfds|load_data|datasets\.|wget|curl|https?://|download", re.IGNORECASE)
LONGEST = 1_000  # characters of a line


def named(lines: Iterable[str]) -> Known | None:
    """The one data set that lines about data name; None where there is none, or more than one."""
    about = [line[:LONGEST] for line in lines if DATA.search(line[:LONGEST])]
    found = {
        known.title: known
        for known in TABLE
        if any(re.search(rf"(?<![A-Za-z\d])(?:{known.pattern})(?![A-Za-z\d])", line, re.I) for line in about)
    }
    if {"MNIST", "Fashion-MNIST"} == found.keys():
        del found["MNIST"]  # `fashion-mnist` holds the word too
    return next(iter(found.values())) if len(found) == 1 else None
