"""How a line that is not English is shown to a person."""

import re
from collections import Counter
from collections.abc import Sequence

from grader.ground.visible import visible
from grader.reading.english.evidence import Hit

LONGEST = 120
LEAST_WORDS = 5  # of a language that name it
# Of the foreign words of Hungarian, German and French lines .7 to .9 are known to be of that language; of
# Indonesian and Uzbek ones, which the lexicon does not have, .2 to .5 are of whatever language fits best.
LEAST_SHARE = 0.6
LEAST_OF_ALL = 0.2  # some lines of Italian look Romanian, so no rare language is named beside a common one
LANGUAGE_NAMES = {
    "hu": "Hungarian", "de": "German", "ro": "Romanian", "sk": "Slovak", "cs": "Czech",
    "sr": "Serbian or Croatian", "sl": "Slovenian", "pl": "Polish", "es": "Spanish", "pt": "Portuguese",
    "fr": "French", "it": "Italian", "tr": "Turkish", "nl": "Dutch",
}  # fmt: skip
SCRIPT_NAMES = {
    "ru": "Cyrillic script", "el": "Greek", "zh": "Chinese characters", "ja": "Japanese", "ko": "Korean",
    "ar": "Arabic script", "he": "Hebrew script", "hi": "an Indian script", "th": "Thai",
    "ka": "a Caucasian script",
}  # fmt: skip
UNSURE = "another language"


def named(hits: Sequence[Hit]) -> dict[str, str]:
    """What each language of these lines is called; one that nobody can be sure of is another language."""
    words: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for hit in hits:
        words[hit.language] += len(hit.words)
        known[hit.language] += hit.known
    least = max(LEAST_WORDS, LEAST_OF_ALL * words.total())
    sure = {
        language: name
        for language, name in LANGUAGE_NAMES.items()
        if known[language] >= max(least, LEAST_SHARE * words[language])
    }
    return {**dict.fromkeys(words, UNSURE), **SCRIPT_NAMES, **sure}


def plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def marked(text: str, words: Sequence[str]) -> str:
    """The line with its foreign words between angle quotes."""
    if not words:
        return text
    pattern = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
    return re.sub(
        f"(?<![^\\W\\d_])(?:{pattern})(?![^\\W\\d_])|(?:{pattern})(?=[A-Z_\\d])",
        lambda match: f"«{match[0]}»",
        text,
    )


def shown(hit: Hit, language: str) -> str:
    line = visible(marked(hit.text, hit.words), LONGEST)
    also = f" (and {plural(hit.repeats, 'more place')})" if hit.repeats else ""
    kind = (
        "name"
        if hit.kind == "identifier"
        else "file name"
        if hit.kind == "path"
        else "page text"
        if hit.kind == "pdf"
        else hit.kind
    )
    return f"{language} in a {kind}: {line}{also}"


def worst_first(hits: Sequence[Hit]) -> list[Hit]:
    """Sentences before words, certain before doubtful, commits and file names last."""
    return sorted(
        hits,
        key=lambda hit: (
            hit.kind in ("commit", "path"),
            not hit.strong,
            -hit.score,
            -len(hit.words),
            hit.where,
        ),
    )
