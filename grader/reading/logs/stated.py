"""The accuracies that a text states: in prose, in tables, in pasted reports."""

import bisect
import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.logs import names, pairs, scales
from grader.reading.logs.claims import CLAIMS_LIMIT, Claim
from grader.reading.logs.grammars import keras3_bar, reports
from grader.reading.logs.lines import Line, split
from grader.reading.logs.records import Split, Value
from grader.submission import Submission

README_LIMIT = 1_000_000  # bytes
READMES = ("readme", "readme.md", "readme.txt", "readme.rst")

NUMBER_FIRST = re.compile(
    r"(?<![\w.,/])(?P<number>\d{1,3}(?:\.\d{1,10})?)\s?%\s(?P<name>(?:\w{1,20}\s){0,2}?accuracy)\b",
    re.IGNORECASE,
)
AFTERWARDS = re.compile(
    r"^\W{0,6}(?:on|for|over|in)\s(?:the\s|our\s|a\s|all\s)?(?:\d{1,7}\s)?(?:\w{1,20}\s)?"
    r"(?P<split>train(?:ing)?|val(?:id|idation)?|test(?:ing)?)\b",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"(?<![\d.,])(?P<images>\d{1,3}(?:,\d{3}){1,2}|\d{1,7})\s(?:\w{1,20}\s){0,2}?(?:images|pictures|samples|photos)\b",
    re.IGNORECASE,
)
# `Recall: 0.97`, and the language of a fence.
PAIR = re.compile(r"^[\w .@-]{1,40}:\s{0,8}\S.{0,60}$|^\w{0,20}$")
ARTICLE = re.compile(r"\b(?=(?:an?|the|our|its)\s)")
OF_SPLIT = re.compile(r"\b(?=(?:train|training|val|validation|test|testing)\s(?:set\s)?acc)", re.IGNORECASE)
EMPHASIS = re.compile(r"[*`]{1,3}|(?<!\w)_{1,2}|_{1,2}(?!\w)|</?(?:b|strong|em|i|code)>")
RULE = re.compile(r"^\|?[\s:|-]{3,}$")


def in_text(path: str, text: str) -> tuple[Claim, ...]:
    """Accuracies in prose, tables and pasted reports of a Markdown or plain text."""
    lines = [Line(line.number, EMPHASIS.sub("", line.text)) for line in split(text[:2_000_000])]
    found = [*_tables(path, lines), *_reports(path, lines), *_prose(path, lines)]
    known = [claim for claim in found if claim.value.metric == "accuracy" and claim.value.scale]
    ordered = sorted(known, key=_line)[:CLAIMS_LIMIT]
    headings = [(line.number, line.text) for line in lines if line.text.startswith("#")]
    return tuple(replace(claim, section=_heading(headings, _line(claim))) for claim in ordered)


def _line(claim: Claim) -> int:
    return int(claim.where.rsplit(":", 1)[1])


def _heading(headings: Sequence[tuple[int, str]], number: int) -> str:
    at = bisect.bisect(headings, (number, ""))
    return headings[at - 1][1][:100] if at else ""


def in_readme(submission: Submission) -> tuple[Claim, ...]:
    """Accuracies that the README at the root states; none where there is none that can be read."""
    found: list[Claim] = []
    for path in sorted(submission.sizes):
        if path.lower() in READMES:
            try:
                text = texts.decode(submission.read(path, README_LIMIT))
            except (SubmissionError, NotMeasured):
                continue  # other checks look at the README itself
            found += in_text(path, text.content) if text else ()
    return tuple(found)


def _prose(path: str, lines: Sequence[Line]) -> Iterator[Claim]:
    for at, line in enumerate(lines):
        if line.text.lstrip().startswith("|") or reports.ACCURACY.match(line.text):
            continue
        approximate = keras3_bar.BAR.match(line.text) is not None
        images = COUNTED.search(line.text)
        for value in (*_after_number(line.text), *_named(line.text)):
            yield Claim(
                where=f"{path}:{line.number}",
                value=value if value.split else replace(value, split=_introduced(lines, at)),
                images=int(images["images"].replace(",", "")) if images else None,
                approximate=approximate,
            )


def _introduced(lines: Sequence[Line], at: int) -> Split:
    """Of which split the list of values is that this line stands in: `Results on the test set:` above it."""
    while at >= 0 and PAIR.match(lines[at].text):
        at -= 1
    above = lines[at].text if at >= 0 else ""
    found = {names.SPLITS[word] for word in re.findall(r"[a-z]+", above.lower()) if word in names.SPLITS}
    return found.pop() if len(found) == 1 and above.endswith(":") else ""


def _named(text: str) -> Iterator[Value]:
    """`Test accuracy: 0.97`, and `an accuracy of 97 % on the test set`, whose split follows the number."""
    for value in scales.settle(_accuracies(text)):
        rest = text[text.find(value.printed) + len(value.printed) :]
        yield Value("accuracy", value.split or _afterwards(rest), value.printed, value.scale)


def _accuracies(text: str) -> list[Value]:
    """Of the whole line; where its words name nothing, of each part that begins with an article."""
    for parts in ([text], ARTICLE.split(text), OF_SPLIT.split(text)):
        found = [value for part in parts for value in pairs.values(part) if value.metric == "accuracy"]
        if found:
            return found
    return []


def _after_number(text: str) -> Iterator[Value]:
    for found in NUMBER_FIRST.finditer(text):
        name = names.read(found["name"])
        if name is not None and name.metric == "accuracy" and float(found["number"]) <= 100:
            yield Value(
                "accuracy", name.split or _afterwards(text[found.end() :]), found["number"], "percent"
            )


def _afterwards(rest: str) -> Split:
    found = AFTERWARDS.match(rest)
    return names.SPLITS[found["split"].lower()] if found else ""


def _reports(path: str, lines: Sequence[Line]) -> Iterator[Claim]:
    for event in reports.read(lines):
        for value in event.values:
            yield Claim(where=f"{path}:{lines[event.at].number}", value=value, images=event.images)


def _tables(path: str, lines: Sequence[Line]) -> Iterator[Claim]:
    header: list[str] = []
    for above, line in zip(lines, lines[1:], strict=False):
        if RULE.match(line.text) and "|" in above.text:
            header = _cells(above.text)
        elif header and "|" in line.text:
            cells = _cells(line.text)
            yield from _row(f"{path}:{line.number}", header, cells)
        else:
            header = []


def _row(where: str, header: Sequence[str], cells: Sequence[str]) -> Iterator[Claim]:
    subject = cells[0] if cells and names.read(cells[0]) is None else ""
    for column, cell in zip(header, cells, strict=False):
        number = pairs.SHARE.fullmatch(cell)
        name = names.read(column) or names.read(cells[0])
        if number and name is not None and name.metric == "accuracy":
            values = scales.settle([Value("accuracy", name.split, number[1], "percent" if number[2] else "")])
            yield Claim(where=where, value=values[0], subject=subject)


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.strip().strip("|").split("|")]
