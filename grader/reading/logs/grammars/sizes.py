"""How many images there are: `Found 2000 files belonging to 2 classes.`, `{'train': 244, 'val': 153}`."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line
from grader.reading.logs.names import SPLITS
from grader.reading.logs.records import Split

NUMBER = r"(?P<images>\d{1,3}(?:,\d{3}){1,2}|\d{1,9})"
WORD = re.compile(r"[a-z]+")
OTHER = {"y", "label", "labels", "batch", "target", "targets", "output", "features"}
FOUND = re.compile(
    r"^Found (\d{1,9}) (?:validated )?(?:image(?:s| files| filenames)|files) belonging to \d{1,5} classes"
)
USING = re.compile(r"^Using (\d{1,9}) files for (training|validation)")
TRAIN_ON = re.compile(r"^Train on (\d{1,9}) samples(?:, validate on (\d{1,9}) samples)?")


# What a program prints itself: a dictionary, the shape of an array, a number behind the name of a split.
ENTRY = re.compile(
    r"['\"](train|training|val|valid|validation|dev|test|testing)['\"]\s?:\s?(\d{1,9})(?=[,}])"
)
DICTIONARY = re.compile(r"^[^{}]{0,60}\{(?:['\"]\w{1,20}['\"]\s?:\s?\d{1,9}(?:,\s?)?){2,4}\}$")
SHAPE = re.compile(
    r"^(?P<name>[\w .()'\"-]{1,60}?)\s?[:=]?\s{0,8}(?:torch\.Size\()?[(\[](?P<images>\d{1,9}), ?"
    r"(?:3, ?\d{2,4}, ?\d{2,4}|\d{2,4}, ?\d{2,4}, ?[13])[)\]]"
)
NAMED = re.compile(
    rf"^[^\w]{{0,10}}(?P<name>[A-Za-z][A-Za-z _-]{{2,50}}?)\s?[:=]\s{{0,8}}{NUMBER}"
    r"(?:\s(?P<unit>images|samples|pictures|files|examples))?"
    r"(?:,?\s{1,4}\(?\d{1,7} batches(?: of \d{1,5})?\)?)?[.,]?$"
)
COUNTED = {"images", "image", "samples", "dataset", "data", "set", "files", "pictures", "examples", "size"}
FILLERS = COUNTED | {
    "number",
    "of",
    "total",
    "in",
    "the",
    "num",
    "n",
    "length",
    "len",
    "count",
    "found",
    "loaded",
}
BATCHES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}  # the first number of a shape may be one batch
SMALLEST = 20


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        if FOUND.match(line.text) and at + 1 < len(lines) and USING.match(lines[at + 1].text):
            continue  # of all splits together
        for split, images in _loaded(line.text) or _printed(line.text):
            yield Event(at=at, kind="size", split=split, images=images)


def _loaded(text: str) -> list[tuple[Split, int]]:
    """What Keras says itself."""
    if folder := FOUND.match(text):
        return [("", int(folder[1]))]
    if using := USING.match(text):
        return [("train" if using[2] == "training" else "val", int(using[1]))]
    train = TRAIN_ON.match(text)
    if train is None:
        return []
    found: list[tuple[Split, int]] = [("train", int(train[1]))]
    return [*found, ("val", int(train[2]))] if train[2] else found


def _printed(text: str) -> list[tuple[Split, int]]:
    """What the program counted, where the words around a number say nothing else."""
    if DICTIONARY.match(text):
        return [(SPLITS[name], int(images)) for name, images in ENTRY.findall(text)]
    shape = SHAPE.match(text)
    if shape:
        images, words = int(shape["images"]), WORD.findall(shape["name"].lower())
        return _of(words, images) if images not in BATCHES and not OTHER.intersection(words) else []
    named = NAMED.match(text)
    words = WORD.findall(named["name"].lower()) if named else []
    counts = named is not None and (bool(named["unit"]) or not COUNTED.isdisjoint(words))
    if named is None or not counts or not all(word in FILLERS or word in SPLITS for word in words):
        return []
    return _of(words, number(named["images"]))


def number(text: str) -> int:
    """Of `6000` and `6,000`."""
    return int(text.replace(",", ""))


def _of(words: Sequence[str], images: int) -> list[tuple[Split, int]]:
    splits = {SPLITS[word] for word in words if word in SPLITS}
    return [(splits.pop(), images)] if len(splits) == 1 and images >= SMALLEST else []
