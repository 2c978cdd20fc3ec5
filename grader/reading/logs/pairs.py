"""Finds `key: number` pairs in one line of text, and the epoch that a line announces."""

import re
from collections.abc import Sequence

from msgspec import Struct

from grader.reading.logs import names
from grader.reading.logs.records import RATIOS, Scale, Split, Value

NUMBER = r"(?:[-+]?(?:\d{1,15}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?|[-+]?\b(?:nan|inf)\b)"
DECIMAL = r"(?:\d{0,15}\.\d{1,20}(?:[eE][-+]?\d{1,3})?|\d{1,3}(?=\s?%)|\bnan\b)"

# A number with what joins it to its key. Each repetition is bounded, so the time is linear in the line.
VALUE = re.compile(
    r"['\"`*]{0,3}\s{0,8}(?:"
    r"(?:[:=]|->|\bis\b|\bof\b)\s{0,8}[\[('\"`*]{0,3}(?:tensor\()?(?:\d{1,9}/\d{1,9}\s{0,2}\((?=[^)%]{1,12}%\)))?"
    rf"(?P<a>{NUMBER})"
    rf"|(?<=\s)(?P<b>{DECIMAL})(?:\s\((?P<mean>{NUMBER})\))?"
    r")(?![\w/]|[.:,]\d)(?P<percent>\s?%)?",
    re.IGNORECASE,
)
KEY_LONGEST = 60  # characters before the number
NO_KEY = re.compile(r"[^\w ./()@*-]|(?<!\w)-|-(?!\w)|\b\d[\d.]{0,15}[A-Za-z]{1,10}(?:/[a-z]{1,8})?\b")

HEADER = re.compile(
    r"^[^\w]{0,40}(?:(?P<phase>(?:phase|stage)\s{0,2}[\w-]{1,20}|"
    r"head|classifier|fine.?tun\w{1,3}|\[[A-Za-z][\w .-]{0,40}\])[\s\]:|,-]{1,8})?"
    r"(?:(?:train(?:ing)?|start(?:ing|ed)?|begin(?:ning)?|running|finished|end of|"
    r"validation|validating|at|after|summary for)\s{1,3})?"
    r"ep(?:och)?\b(?:\s{0,4}(?:number|no\.?|nr\.?))?\s{0,4}[:=#|]?\s{0,4}[\[(]?\s{0,8}(?P<number>\d{1,6})(?![\d.]*\d|[A-Za-z%])"
    r"(?:\s{0,8}[\])]?\s{0,2}(?:/|\bof\b|\bout of\b)\s{0,8}\[?(?P<planned>\d{1,6})(?![\d.]*\d))?"
    r"\s{0,4},?[\])]{0,2}",
    re.IGNORECASE,
)
# `Start 1 epoch of training`, `Starting 3rd epoch`.
COUNTED = re.compile(
    r"^[^\w]{0,40}(?:start(?:ing|ed)?|begin(?:ning)?|running|training|finished)\s{1,3}(?:the\s)?(?P<number>\d{1,6})"
    r"(?:st|nd|rd|th|\.)?\s{1,3}epoch\b(?:\s{0,3}(?:/|\bof\b)\s{0,3}(?P<planned>\d{1,6}))?(?P<phase>)",
    re.IGNORECASE,
)
SPLIT_FIRST = re.compile(
    r"^\W{0,8}(?P<split>train(?:ing)?|val(?:id|idation)?|test(?:ing)?|eval)(?:\s(?:set|phase|results?))?"
    r"\s{0,4}[\]:|>)-]{1,4}(?!\s{0,8}[-+.\d])",
    re.IGNORECASE,
)
STEP = re.compile(r"\b(?:step|batch|iter(?:ation)?|mini-?batch)\b\W{0,4}\d", re.IGNORECASE)
COUNT = re.compile(r"[\[(]\s{0,8}(?P<done>\d{1,9})/(?P<steps>\d{1,9})\s{0,4}[\])(]")
BAR = re.compile(r"\d{1,3}%\|[^|]{0,400}\|\s{0,8}(?P<done>\d{1,9})/(?P<steps>\d{1,9})")


SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,15})?)\s?(%)?")

LONGEST = 4_000  # characters; what stands further right on a line is no log


class Header(Struct, frozen=True):
    """The epoch that a line announces, and what follows on the line."""

    number: int
    planned: int | None
    rest: str
    phase: str


COMPARES = re.compile(r"^\S.{0,60}?(?:\s{2,}|\t)-?\d[\d.]{0,12}%?(?:\s{2,}|\t)-?\d[\d.]{0,12}%?$")


def header(text: str) -> Header | None:
    found = HEADER.match(text) or COUNTED.match(text)
    if found is None:
        return None
    planned = found["planned"]
    return Header(
        int(found["number"]), int(planned) if planned else None, text[found.end() :], found["phase"] or ""
    )


def values(text: str) -> tuple[Value, ...]:
    """Every known metric in the line, in order. A pair without a split takes it from the pair before it
    where the line treats its splits alike (`Train loss, acc | Val loss, acc`), otherwise it has none.
    """
    text = text[:LONGEST]
    if not names.HINT.search(text):
        return ()
    first = SPLIT_FIRST.match(text)
    leading = names.SPLITS.get(first["split"].lower(), "") if first else ""
    found = []
    end = first.end() if first else 0
    for pair in VALUE.finditer(text, end):
        key = NO_KEY.split(text[max(end, pair.start() - KEY_LONGEST) : pair.start()])[-1]
        end = pair.end()
        name = names.read(key)
        if name is None:
            continue
        value = Value(
            name.metric, name.split or leading, pair["mean"] or pair["a"] or pair["b"], _scale(pair)
        )
        if _possible(value):
            found.append(value)
    return _inherit(found)


def compares(text: str) -> bool:
    """A row that compares two networks: `Final loss    0.012    0.030`."""
    return COMPARES.match(text) is not None


def is_step(text: str) -> bool:
    """The line speaks of a part of an epoch: a batch, an iteration, a progress bar that is not full."""
    bar = BAR.search(text) or COUNT.search(text)
    if bar is not None:
        return int(bar["done"]) < int(bar["steps"])
    return STEP.search(text) is not None


def _scale(pair: re.Match[str]) -> Scale:
    return "percent" if pair["percent"] else ""


def _possible(value: Value) -> bool:
    return value.metric not in RATIOS or not (value.number < 0 or value.number > 100)


def _inherit(found: Sequence[Value]) -> tuple[Value, ...]:
    groups: list[list[Value]] = []
    for value in found:
        if value.split or not groups:
            groups.append([])
        groups[-1].append(value)
    if not groups or not groups[0][0].split:
        return tuple(found)
    merged: dict[Split, list[str]] = {}
    for group in groups:
        merged.setdefault(group[0].split, []).extend(value.metric for value in group)
    if len({tuple(sorted(metrics)) for metrics in merged.values()}) != 1:
        return tuple(found)
    return tuple(
        Value(value.metric, group[0].split, value.printed, value.scale) for group in groups for value in group
    )
