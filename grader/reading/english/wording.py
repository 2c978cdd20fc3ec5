"""How a line that is not English is shown to a person."""

import re
from collections.abc import Sequence

from grader.ground.visible import visible
from grader.reading.english.evidence import Hit

LONGEST = 120
LANGUAGE_NAMES = {
    "hu": "Hungarian", "de": "German", "ro": "Romanian", "sk": "Slovak", "cs": "Czech",
    "sr": "Serbian or Croatian", "sl": "Slovenian", "pl": "Polish", "es": "Spanish", "pt": "Portuguese",
    "fr": "French", "it": "Italian", "tr": "Turkish", "nl": "Dutch", "ru": "Cyrillic script",
    "el": "Greek", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "he": "Hebrew",
    "hi": "an Indian script", "th": "Thai", "ka": "a Caucasian script",
}  # fmt: skip


def language_name(code: str) -> str:
    return LANGUAGE_NAMES.get(code, "another language")


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


def shown(hit: Hit) -> str:
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
    return f"{language_name(hit.language)} in a {kind}: {line}{also}"


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
