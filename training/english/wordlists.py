"""The lexicon: which words are English, foreign, jargon of programming, or names of persons."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from grader.reading.english.lexicon import LANGUAGES, Entry, step
from grader.reading.english.words import plain, split
from training.english import archives

LIST_NAMES = {"sr": "sh"}  # wordfreq keeps Serbian, Croatian and Bosnian together, in Latin script
LEAST_ENGLISH = 1.8  # Zipf value; rarer words of the English list are mostly foreign words in English text
LEAST_FOREIGN = {"hu": 3.0, "de": 3.4, "ro": 3.4, "sk": 3.4, "sr": 3.4}  # 3.0 is a whole list
LEAST_OTHER = 3.8
LONGEST = 24
# what splitting at letters leaves of "don't" and its like
CONTRACTED = set(
    "don isn wasn aren weren doesn didn hasn haven hadn won wouldn couldn shouldn ain ll ve re".split()
)
WORD = re.compile(r"[^\W\d_]{2,}")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def spellings(word: str, language: str) -> set[str]:
    """How a word may be written: with its accents, without, and in German with ae, oe, ue."""
    return {word, plain(word)} | ({word.translate(UMLAUTS)} if language == "de" else set())


def rare_words(packages: Iterable[archives.Pieces], jargon: Collection[str]) -> list[str]:
    """The words of the sources that are not in `jargon`."""
    return sorted(_counted(packages).keys() - set(jargon))


def jargon_levels(packages: Iterable[archives.Pieces]) -> dict[str, int]:
    """1..3 for the words of names, comments and docstrings that occur in at least 2, 5, 12 packages."""
    counts = _counted(packages)
    return {word: 1 + (number >= 5) + (number >= 12) for word, number in counts.items() if number >= 2}


def _counted(packages: Iterable[archives.Pieces]) -> Counter[str]:
    """In how many packages each word of a name, comment or docstring occurs."""
    seen: Counter[str] = Counter()
    for pieces in packages:
        prose = (text for kind, texts in pieces.items() if kind != "string" for text in texts)
        seen.update({word.lower for text in prose for word in split(text) if 2 <= len(word.lower) <= LONGEST})
    return seen


def lexicon(folder: Path, jargon: dict[str, int]) -> dict[str, Entry]:
    english = {
        word: zipf
        for word, zipf in archives.frequencies(folder, "en", "large").items()
        if zipf >= LEAST_ENGLISH and WORD.fullmatch(word) and len(word) <= LONGEST and word.isascii()
    }
    foreign: dict[str, float] = defaultdict(float)
    languages: dict[str, int] = defaultdict(int)
    for index, language in enumerate(LANGUAGES):
        least = LEAST_FOREIGN.get(language, LEAST_OTHER)
        for word, zipf in archives.frequencies(folder, LIST_NAMES.get(language, language), "small").items():
            if zipf >= least and WORD.fullmatch(word) and len(word) <= LONGEST:
                for spelling in spellings(word, language):
                    foreign[spelling] = max(foreign[spelling], zipf)
                    languages[spelling] |= 1 << index
    names = archives.person_names(folder)
    words = set(english) | set(foreign) | set(jargon) | names | CONTRACTED
    return {
        word: Entry(
            english=max(step(english[word]) if word in english else 0, 10 if word in CONTRACTED else 0),
            foreign=step(foreign[word]) if word in foreign else 0,
            jargon=jargon.get(word, 0),
            name=word in names,
            languages=languages.get(word, 0),
        )
        for word in sorted(words)
    }
