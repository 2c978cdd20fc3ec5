"""The text of reports (PDF, DOCX) as sentences: line ends and hyphens of the layout undone, pages kept."""

import re
from collections.abc import Iterator, Sequence

from grader.reading.english.citations import is_citation

HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010\ufffe]\s*\n\s*(?=[a-z\u00df-\u017f])")
SENTENCE = re.compile(r"(?<=[.!?:;])\s+(?=[\"(\[]?[^\W\d_a-z])|\s+(?=\u2022)|\s+(?=\[\d+\]\s)")
# what some fonts of PDF files make of the long Hungarian vowel
MISPRINTS = str.maketrans("\u0119\u0118\u0117", "\u0151\u0150\u0151")
HUNGARIAN = re.compile("[\u00e1\u00e9\u00ed\u00f3\u00f6\u00fa\u00fc\u0171]", re.IGNORECASE)
# parentheses of a formula, by another alphabet's numbers: no Icelandic word begins or ends so
FORMULA = re.compile("(?:^|\\W)\u00f0|\u00de(?=\\W|$)")
REFERENCES = re.compile(r"^\W*(?:\d+\.?\s*)?(?:references|bibliography|works cited)\W*$", re.IGNORECASE)
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
SHORT = 0.7  # of the longest line: a paragraph or a heading ends there
LONGEST = 400  # characters of one sentence; text without points (tables, formulas) is cut


def sentences(pages: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(page from 1, sentence)."""
    in_references = False
    for number, page in enumerate(pages, 1):
        for block in _blocks(page.replace("\r\n", "\n").replace("\r", "\n")):
            in_references = in_references or bool(REFERENCES.match(block))
            for sentence in SENTENCE.split(HYPHEN.sub("", block).replace("\n", " ")):
                text = _mended(sentence.strip())[:LONGEST]
                if (
                    text
                    and not FORMULA.search(text)
                    and not (in_references and (is_citation(text) or YEAR.search(text)))
                ):
                    yield number, text


def _blocks(page: str) -> Iterator[str]:
    """Paragraphs; short lines (headings, cells of tables) stand by themselves."""
    lines = page.split("\n")
    width = max(map(len, lines))
    held: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        held.append(line)
        goes_on = following[:1].islower() or line.rstrip().endswith("-")
        if not line.strip() or (len(line) < SHORT * width and not goes_on):
            yield "\n".join(held)
            held = []
    yield "\n".join(held)


def _mended(sentence: str) -> str:
    return sentence.translate(MISPRINTS) if HUNGARIAN.search(sentence) else sentence
