"""Texts compared as people read them."""

import re
import unicodedata

# What looks like a formula or like code in Markdown.
FORMULA = re.compile(r"(?<!\\)\$[^$]+\$|\\\(|\\\[")
CODE = re.compile(r"`[^`]+`")
JOINED = re.compile(r"\s+|(?<=\w)[-\u2010-\u2015_](?=\w)")
EDGES = " .,;:!?\"'`\u2018\u2019\u201c\u201d"


def same(text: str) -> str:
    """A form that two texts share if a person would call them the same.

    Case, blanks, hyphens in words, quotes and full stops around, and how a character is put together do not
    matter.
    """
    return JOINED.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip(EDGES)


def is_plain(text: str) -> bool:
    """Whether a text has neither formulas nor code."""
    return not FORMULA.search(text) and not CODE.search(text)


def unprintable(text: str) -> str:
    """The characters that the fonts of a plain PDF file do not have."""
    return "".join(sorted({each for each in text if each != "\n" and not each.encode("cp1252", "ignore")}))
