"""Markdown, reStructuredText and plain text: lines of prose; fenced code goes to the readers of code."""

import re
from collections.abc import Iterator

from grader.reading.english.citations import is_citation
from grader.reading.english.sources import code
from grader.reading.english.sources.python import Piece

FENCE = re.compile(r"^\s*(?:>\s*)*(`{3,}|~{3,})\s*\{?\.?([\w+-]*)")
INLINE_CODE = re.compile(r"(`{1,3})[^`\n]{1,300}\1")
LINK_TARGET = re.compile(
    r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|^\s*\[[^\]]{1,80}\]:\s*\S+|<https?:[^>]*>"
)
ROLE = re.compile(r":[\w:+.-]+:(?=`)|^\s*\.\. [\w-]+::.*$|^\s*:[\w -]+:\s*$")
REFERENCES = re.compile(
    r"^\s*(?:#+\s*|\\section\*?\{)?\W*(?:references|bibliography|literature|works cited|further reading)\W*$",
    re.IGNORECASE,
)
HEADING = re.compile(r"^\s*(?:#{1,6}\s|\\section|[=\-~^]{4,}\s*$)")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
LONGEST_REFERENCES = 80  # lines below such a heading that may be cited works


def pieces(text: str) -> Iterator[Piece]:
    fence = ""
    language = ""
    block: list[str] = []
    references = number = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if fence and match and match[1].startswith(fence) and not match[2]:
            yield from _code(block, language, number)
            fence, block = "", []
        elif fence:
            block.append(line)
        elif match:
            fence, language, block = match[1], match[2], []
        else:
            references = _left_of_references(line, references)
            prose = _prose(line)
            if prose and not (references and (is_citation(line) or YEAR.search(line))):
                yield number, "markdown", prose
    yield from _code(block, language, number + 1)


def _code(block: list[str], language: str, after: int) -> Iterator[Piece]:
    """The pieces of a fenced block; `after` is the number of the line below it."""
    for line, kind, text in code.read("\n".join(block), language):
        if kind != "identifier":  # what a text quotes is seldom the student's own name
            yield after - len(block) + line - 1, kind, text


def _left_of_references(line: str, left: int) -> int:
    if REFERENCES.match(line):
        return LONGEST_REFERENCES
    if left and HEADING.match(line) and not line.strip(" =-~^"):
        return left  # the line under a heading
    return 0 if HEADING.match(line) else max(0, left - 1)


def _prose(line: str) -> str:
    for pattern in (INLINE_CODE, LINK_TARGET, ROLE):
        line = pattern.sub(" ", line)
    return line.strip()
