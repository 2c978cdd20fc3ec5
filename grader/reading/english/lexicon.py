"""The word lexicon and the character n-grams, as they lie in `model/`: read once, looked up by hash.

A word is found by the CRC-32 of its lower-case UTF-8 form: 4 bytes instead of the word. Among 350,000 entries
one unknown word in 12,000 is taken for another; the scorer never judges by one word of a line alone.
"""

from array import array
from bisect import bisect_left
from functools import lru_cache
from math import sqrt
from pathlib import Path
from zlib import crc32

from msgspec import Struct

FOLDER = Path(__file__).with_name("model")
LANGUAGES = ("hu", "de", "ro", "sk", "cs", "sr", "sl", "pl", "es", "pt", "fr", "it", "tr", "nl")
NGRAM_BITS = 18
NGRAM_STEP = 1 / 16  # one unit of a stored weight
LONGEST_NGRAM = 5


class Entry(Struct, frozen=True):
    """What is known of a word. Frequencies are in steps of half a Zipf value (see `step`), 0 is unknown."""

    english: int = 0  # 0..15
    foreign: int = 0  # 0..15, the best of all languages but English
    jargon: int = 0  # 0..3: seen in the sources of so many programming packages
    name: bool = False  # of persons
    languages: int = 0  # bit i: it is a word of LANGUAGES[i]


class Facts(Struct, frozen=True):
    """All that the models look at in a word, whatever stands beside it."""

    entry: Entry
    shape: float  # log-odds, by its letters alone, that it is not English
    compound: bool  # two common English or jargon words written as one: `tarfile`
    foreign_compound: bool  # two common words of one other language: `idosor`, `dateiname`


UNKNOWN = Entry()
CACHED_WORDS = 20_000
COMMON_FOREIGN = 7  # step of a Zipf value of 4
SHORTEST_PART = 3  # letters of one half of a compound


def step(zipf: float) -> int:
    """1..15 for the Zipf values (log10 of occurrences per billion words) 1.0 to 8.0."""
    return max(1, min(15, int(2 * (zipf - 1)) + 1))


def pack(entry: Entry) -> int:
    return entry.english | entry.foreign << 4 | entry.jargon << 8 | entry.name << 10 | entry.languages << 11


def unpack(bits: int) -> Entry:
    return Entry(bits & 15, bits >> 4 & 15, bits >> 8 & 3, bool(bits >> 10 & 1), bits >> 11)


def key(word: str) -> int:
    return crc32(word.encode())


def ngrams(word: str) -> set[int]:
    """The slots of a word's character n-grams (1 to 5 bytes, with its borders). `word` is in lower case."""
    data = b"^" + word.encode() + b"$"
    mask = (1 << NGRAM_BITS) - 1
    return {
        crc32(data[start : start + size]) & mask
        for size in range(1, LONGEST_NGRAM + 1)
        for start in range(len(data) - size + 1)
    }


class Lexicon:
    """Words and n-gram weights, read from `folder`."""

    def __init__(self, folder: Path = FOLDER) -> None:
        content = (folder / "words.bin").read_bytes()
        self._keys, self._bits = array("I"), array("I")
        self._keys.frombytes(content[: len(content) // 2])
        self._bits.frombytes(content[len(content) // 2 :])
        self._weights = array("b")
        self._weights.frombytes((folder / "ngrams.bin").read_bytes())
        self.facts = lru_cache(CACHED_WORDS)(self._facts)

    def _facts(self, word: str) -> Facts:
        entry = self.entry(word)
        if entry.english or entry.jargon or entry.foreign:
            return Facts(entry, self.shape(word), False, False)
        halves = [
            (self.entry(word[:cut]), self.entry(word[cut:]))
            for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
        ]
        english = any(is_common(left) and is_common(right) for left, right in halves)
        foreign = any(are_foreign(left, right) for left, right in halves)
        return Facts(entry, self.shape(word), english, foreign and not english)

    def entry(self, word: str) -> Entry:
        wanted = key(word)
        place = bisect_left(self._keys, wanted)
        if place < len(self._keys) and self._keys[place] == wanted:
            return unpack(self._bits[place])
        return UNKNOWN

    def shape(self, word: str) -> float:
        weights = self._weights
        slots = ngrams(word)
        return sum(weights[slot] for slot in slots) * NGRAM_STEP / sqrt(len(slots))


def is_common(entry: Entry) -> bool:
    return entry.jargon > 1 or (entry.english > 6 and entry.english >= entry.foreign)


def are_foreign(left: Entry, right: Entry) -> bool:
    """Two common words of the same language, and not both English."""
    if min(left.foreign, right.foreign) < COMMON_FOREIGN or not left.languages & right.languages:
        return False
    return left.english < left.foreign or right.english < right.foreign
