"""Names of persons are nobody's offence: told by a list of names, their capitals, and what stands before."""

import re
from collections.abc import Sequence

from grader.reading.english.lexicon import Facts
from grader.reading.english.words import Word

CONTEXT = re.compile(
    r"\b(?:authors?|by|name|students?|thanks? to|thank|supervisors?|lecturers?|teachers?|dr|prof|maintainers?"
    r"|copyright|\(c\)|\u00a9|team|contributors?|members?|consultants?|neptun)\b[^\w]*(?:\d{4}[^\w]*)?$",
    re.IGNORECASE,
)
LONGEST_NAME = 5
Known = Sequence[tuple[Word, Facts]]


def without(words: Known, text: str) -> list[tuple[Word, Facts]]:
    """The words that belong to no name."""
    left: list[tuple[Word, Facts]] = []
    place = 0
    while place < len(words):
        end = _run(words, place, text)
        if end > place and _is_name(words[place:end], text):
            place = end
        else:
            left.extend(words[place : max(end, place + 1)])
            place = max(end, place + 1)
    return left


def _run(words: Known, start: int, text: str) -> int:
    """The end of the run of capitalised words at `start`, joined by a space, a hyphen or an initial."""
    end = start
    while end < len(words) and (words[end][0].is_title or (end > start and words[end][0].text.isupper())):
        end += 1
        if end == len(words):
            break
        before = words[end - 1][0]
        between = text[before.start + len(before.text) : words[end][0].start]
        if not re.fullmatch(r"[ \-]|, ?|(?:,? [A-Z]\.)+ ?|\. ", between):
            break
    return end


def _is_name(run: Known, text: str) -> bool:
    if len(run) > LONGEST_NAME:
        return False
    named = sum(facts.entry.name for _, facts in run)
    if CONTEXT.search(text[: run[0][0].start]):
        return named > 0 or len(run) > 1
    if len(run) == 1:
        word, facts = run[0]
        return facts.entry.name and text.strip(" .,:;#*-|") == word.text
    return 2 * named >= len(run)
