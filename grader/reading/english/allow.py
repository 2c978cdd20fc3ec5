"""What may stand in another language: words, phrases, names and paths, of the assignment and of the student.

The assignment's list (`Settings.allow`) takes words out before anything is judged. The submission's own
`english.toml` is a request: a line that only it excuses is shown, with its reason, and no longer fails.
"""

import re
import string
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from msgspec import Struct

from grader.ground import toml
from grader.reading.english.settings import Allow
from grader.reading.english.words import Word, plain, split

FILE_NAME = "english.toml"
LARGEST_LIST = 64_000  # bytes
LONGEST_ENTRY = 200  # characters of a phrase
MARKER = re.compile(r"english:\s*ignore(?:\[[\w, -]*\])?\s*(.*)")
COURSE = Path(__file__).with_name("course.toml")


def load(content: bytes, name: str) -> Allow:
    """Raises grader.ground.toml.Misfit: not TOML, a key that is not known, or too large."""
    if len(content) > LARGEST_LIST:
        raise toml.Misfit(f"{name}: {len(content):,} bytes, at most {LARGEST_LIST:,} are read")
    return toml.load(content, Allow, name)


@cache
def course() -> Allow:
    """What every assignment allows: the names of the course, the department and the university."""
    return load(COURSE.read_bytes(), COURSE.name)


@cache
def usual() -> "Excused":
    return excused(course())


class Excused(Struct, frozen=True):
    """Allow-lists made ready: which words of a line are not judged."""

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    phrases: re.Pattern[str] | None = None

    def without_phrases(self, text: str) -> str:
        return self.phrases.sub(" ", text) if self.phrases else text

    def has(self, word: Word) -> bool:
        name = plain(word.lower)
        return name in self.words or (name in self.names and word.text[0].isupper())


def excused(*lists: Allow, people: Iterable[str] = ()) -> Excused:
    """The entries of several lists together; `people` are further names, such as the commits' authors."""
    phrases = sorted({phrase[:LONGEST_ENTRY] for item in lists for phrase in item.phrases if phrase.strip()})
    return Excused(
        words=_spellings(word for item in lists for word in item.words),
        names=_spellings([*people, *(name for item in lists for name in item.names)]),
        phrases=re.compile("|".join(map(_pattern, phrases)), re.IGNORECASE) if phrases else None,
    )


def _spellings(entries: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(word.lower) for entry in entries for word in split(entry))


def _pattern(phrase: str) -> str:
    """A phrase as a regular expression that accepts each letter with and without accents."""
    return "".join(
        f"[{_accented()[base]}]" if base in _accented() else re.escape(base) for base in plain(phrase.lower())
    )


@cache
def _accented() -> dict[str, str]:
    """Each Latin letter with all its accented forms: `a` is `aáàâäãåāăą...`."""
    forms = {letter: letter for letter in string.ascii_lowercase}
    for letter in map(chr, range(0xDF, 0x180)):
        base = plain(letter)
        if base in forms and base != letter:
            forms[base] += letter
    return forms


def marked(line: str) -> str:
    """The reason given by an in-line marker (`# english: ignore[hu] a class name`); "" without a marker."""
    match = MARKER.search(line)
    return (match[1].strip() or "no reason given") if match else ""
