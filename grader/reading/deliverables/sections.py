"""Sections of a text by their headings, and whether those that were asked for are among them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

FENCE = re.compile(r"^\s*(```|~~~)")
MARKED = re.compile(r"^\s{0,3}#{1,6}\s+(?P<title>.+?)\s*#*\s*$")  # Markdown
UNDERLINE = re.compile(r"^\s{0,3}([=\-~^*\"'])\1{2,}\s*$")  # Markdown and reStructuredText
NUMBER = re.compile(r"^(?:(?:\d+|[IVX]+|[A-Z])[.)]?(?:\d+\.?)*)\s+")
LETTERS = re.compile(r"[^\W\d_]{2,}")
LONGEST = 70  # letters in a heading of a printed page
SEARCHED = 200  # sections


class Section(Struct, frozen=True):
    """A heading, its line counted from 1, and the words below it up to the next heading."""

    title: str
    line: int
    words: int


def of_markup(text: str) -> tuple[Section, ...]:
    """The sections of a README in Markdown or reStructuredText; what is fenced holds no heading."""
    lines = text.splitlines()
    starts = list(_headings(lines))
    ends = [line for _, line, _ in starts[1:]] + [len(lines) + 1]
    return tuple(
        Section(title[:200], line, _words(lines[below : end - 1]))
        for (title, line, below), end in zip(starts[:SEARCHED], ends, strict=False)
    )


def of_pages(pages: Sequence[str]) -> tuple[str, ...]:
    """Lines of printed pages that may be headings: short, beginning with a capital, without a full stop."""
    found: list[str] = []
    for line in (line.strip() for page in pages for line in page.splitlines()):
        plain = NUMBER.sub("", line)
        if 0 < len(plain) <= LONGEST and plain[0].isupper() and not plain.endswith((".", ",", ";")):
            found.append(plain)
    return tuple(dict.fromkeys(found))


def lacking(titles: Sequence[str], wanted: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names of wanted sections of which no title holds one of the words, as whole words, in any case."""
    return tuple(name for name, words in wanted.items() if not find(titles, [name, *words]))


def find(titles: Sequence[str], words: Sequence[str]) -> str:
    """The first title with one of the words; "" for none."""
    told = "|".join(re.escape(word.casefold()) for word in words)
    pattern = re.compile(rf"(?<!\w)(?:{told})(?!\w)")
    return next((title for title in titles if pattern.search(title.casefold())), "")


def _headings(lines: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Title, its line, and how many lines stand above its text."""
    fenced = False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := MARKED.match(line)):
            yield match["title"], number, number
        elif not fenced and number > 1 and UNDERLINE.match(line) and _is_title(lines[number - 2]):
            yield lines[number - 2].strip(), number - 1, number


def _is_title(line: str) -> bool:
    return bool(LETTERS.search(line)) and not MARKED.match(line) and len(line) <= 2 * LONGEST


def _words(lines: Sequence[str]) -> int:
    return sum(len(LETTERS.findall(line)) for line in lines)
