"""`Phase 2: fine-tuning`, `=== Training the head ===`: lines that name the phase of the epochs below them."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.logs.events import Event
from grader.reading.logs.lines import Line

NUMBERED = re.compile(r"^\W{0,40}(?:phase|stage)\s{0,3}#?(?:\d|one|two|i{1,2}\b|a\b|b\b)", re.IGNORECASE)
NAMED = re.compile(
    r"^\W{0,40}(?:start(?:ing)?\s|begin(?:ning)?\s|now\s)?(?:(?:training|train)\s(?:the\s|only\s(?:the\s)?)?"
    r"(?:new\s)?(?:head|classifier|top layers?|upper layers?)|"
    r"fine.?tun(?:e|ing)|unfreez(?:e|ing)|feature extraction)\b",
    re.IGNORECASE,
)
LONGEST = 100  # characters; a sentence about fine-tuning is no heading


def read(lines: Sequence[Line]) -> Iterator[Event]:
    for at, line in enumerate(lines):
        text = line.text
        if len(text) <= LONGEST and (NUMBERED.match(text) or NAMED.match(text)) and "%|" not in text:
            yield Event(at=at, kind="name", name=text.strip(" -=*#:_.\t")[:60])
