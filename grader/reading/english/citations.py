"""Cited works keep the language of their title: an entry of a list of references is not judged."""

import re

YEAR = re.compile(r"\b(?:19|20)\d\d\b")
AUTHORS = re.compile(r"\b[^\W\d_]\.|\bet al\b|^\s*@\w+\s*\{|\bdoi\b|\bISBN\b", re.IGNORECASE)
NUMBERED = re.compile(r"^\s*(?:[-*]\s*)?(?:\[\w{1,12}\]|\(\d+\)|\d{1,2}\.)\s")
TITLE = re.compile('["\u201c\u201e\u201d\u00ab][^"\u201c\u201d\u00bb]{8,200}["\u201d\u201c\u00bb]')
BIBTEX = re.compile(
    r"^\s*(?:@\w+\s*\{|(?:title|booktitle|journal|author|publisher|school|address|editor)\s*=)", re.IGNORECASE
)
FOREIGN_NOTE = re.compile(r"\(in [A-Z][a-z]+\)")


def is_citation(line: str) -> bool:
    """BibTeX; or a year and two of: `[3]`, initials of authors, a quoted title, "(in Hungarian)"."""
    if BIBTEX.search(line):
        return True
    marks = (NUMBERED, AUTHORS, TITLE, FOREIGN_NOTE)
    return bool(YEAR.search(line)) and sum(bool(mark.search(line)) for mark in marks) >= 2
