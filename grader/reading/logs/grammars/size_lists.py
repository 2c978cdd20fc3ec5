"""The sizes of several splits told together: what stands above or before them says what is counted."""

import re
from collections.abc import Iterator, Mapping, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.grammars import sizes
from grader.reading.logs.lines import Line
from grader.reading.logs.names import SPLITS
from grader.reading.logs.records import Split

ENTRY = re.compile(rf"^\W{{0,10}}(?P<name>[A-Za-z]{{2,10}})\s{{0,12}}[:=]\s{{0,12}}{sizes.NUMBER}$")
HEADING = re.compile(r"^\W{0,10}(?P<title>[A-Za-z][A-Za-z ]{3,40}?)\s{0,8}:$")
ONE_LINE = re.compile(
    r"^\W{0,10}(?P<title>[A-Za-z][A-Za-z ]{3,40}?)\s{0,4}(?:[–—-]|:)\s{1,4}(?P<rest>\S.{5,120})$"
)
BETWEEN = re.compile(r"\s*[|;]\s*|,\s+|\s{2,}")
PART = re.compile(r"^\W{0,10}[A-Za-z]\S{0,40}(?: \S{1,40}){0,3}\s{0,12}[:=]\s{0,12}(?P<images>\d{1,9})$")
COUNTED = sizes.COUNTED | {"split", "splits", "sizes"}
FILLERS = sizes.FILLERS | COUNTED
PARTS = 200  # classes that one total may have


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        one = ONE_LINE.match(line.text)
        if one and _counts_images(one["title"]):
            for split, images in _splits(BETWEEN.split(one["rest"].strip())).items():
                yield Event(at=at, kind="size", split=split, images=images)
        heading = HEADING.match(line.text)
        if heading and _counts_images(heading["title"]):
            yield from _below(lines, at)
        yield from _total(lines, at)


def _counts_images(title: str) -> bool:
    words = sizes.WORD.findall(title.lower())
    return not COUNTED.isdisjoint(words) and FILLERS.issuperset(words)


def _below(lines: Sequence[Line], heading: int) -> Iterator[Event]:
    """`Split sizes:`, then a line for each."""
    end = heading + 1
    while end < len(lines) and _follows(lines, end) and ENTRY.match(lines[end].text):
        end += 1
    told = list(_splits([line.text for line in lines[heading + 1 : end]]).items())
    for at, (split, images) in enumerate(told, heading + 1):
        yield Event(at=at, kind="size", split=split, images=images)


def _splits(entries: Sequence[str]) -> Mapping[Split, int]:
    """Each split once, and nothing else; numbers that sum to 100 may be shares."""
    found: dict[Split, int] = {}
    for entry in entries:
        match = ENTRY.match(entry)
        split = SPLITS.get(match["name"].lower()) if match else None
        if match is None or split is None or split in found:
            return {}
        found[split] = sizes.number(match["images"])
    several = len(found) > 1 and sum(found.values()) != 100
    return found if several and min(found.values()) >= sizes.SMALLEST else {}


def _total(lines: Sequence[Line], at: int) -> Iterator[Event]:
    """`Total train: 1500` below `train/cat: 700` and `train/dog: 800`: the sum of what stands there."""
    total = ENTRY.match(re.sub(r"^\W{0,10}total\s", "", lines[at].text, flags=re.IGNORECASE))
    split = SPLITS.get(total["name"].lower()) if total else None
    if total is None or split is None or "total" not in lines[at].text.lower():
        return
    images, left, above = sizes.number(total["images"]), sizes.number(total["images"]), at
    while left > 0 and above > max(0, at - PARTS) and _follows(lines, above):
        above -= 1
        part = PART.match(lines[above].text)
        if part is None:
            return
        left -= int(part["images"])
    if left == 0 and at - above > 1 and images >= sizes.SMALLEST:
        yield Event(at=at, kind="size", split=split, images=images)


def _follows(lines: Sequence[Line], at: int) -> bool:
    """Nothing stands between this line and the one before."""
    return lines[at].number == lines[at - 1].number + 1
