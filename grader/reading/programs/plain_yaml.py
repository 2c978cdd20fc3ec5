"""The part of YAML in which people write settings: nested mappings, lists, numbers, texts.

No anchors, tags or texts of several lines: they are read as they stand, and nobody calculates with them.
PyYAML is no reader for strangers' files in the grader's own process: 90,000 open brackets keep it busy for
minutes, and as many nested lists crash libyaml.
"""

import re
from typing import Any

Line = tuple[int, str]  # indentation, text

LINES = 2_000
LONGEST = 1_000  # characters of one line; nobody writes settings that are longer

KEY = re.compile(r"""^(?:"([^"]*)"|'([^']*)'|([^\s:#\[\]{}"'][^:#]*?))\s*:(?:\s+(.*))?$""")
COMMENT = re.compile(r"(?:^|\s)#.*$")
NUMBER = re.compile(r"^[-+]?(?:\d[\d_]*)?(?:\.\d*)?(?:[eE][-+]?\d+)?$")
WORDS = {"true": True, "false": False, "yes": True, "no": False, "null": None, "~": None, "": None}


def read(text: str) -> Any:
    """The document as plain data. Raises ValueError: it is too long, or written in another way."""
    lines = _lines(text)
    content, rest = _block(lines, lines[0][0]) if lines else ({}, [])
    if rest:
        raise ValueError(f"the indentation of {rest[0][1]!r} belongs to no line above")
    return content


def _lines(text: str) -> list[Line]:
    """Without comments; a list in brackets over several lines is one line."""
    found: list[Line] = []
    is_open = False
    rows = text.splitlines()
    if len(rows) > LINES:
        raise ValueError(f"{len(rows)} lines are more than the {LINES} that settings have")
    if any(len(row) > LONGEST for row in rows):
        raise ValueError(f"a line is longer than the {LONGEST} characters that settings have")
    for line in rows:
        line = COMMENT.sub("", line).rstrip()
        if not line or line.startswith(("---", "...", "%")):
            continue
        if is_open:
            indent, before = found.pop()
            found.append((indent, f"{before} {line.strip()}"))
        else:
            found.append((len(line) - len(line.lstrip()), line.strip()))
        is_open = found[-1][1].count("[") > found[-1][1].count("]")
    return found


def _block(lines: list[Line], indent: int) -> tuple[Any, list[Line]]:
    """The mapping or list that begins with the first line, and the lines after it."""
    return (_list if lines[0][1].startswith("-") else _mapping)(lines, indent)


def _mapping(lines: list[Line], indent: int) -> tuple[dict[str, Any], list[Line]]:
    content: dict[str, Any] = {}
    while lines and lines[0][0] == indent:
        match = KEY.match(lines[0][1])
        if match is None:
            raise ValueError(f"{lines[0][1]!r} is no `key: value`")
        key = next(group for group in match.groups()[:3] if group is not None)
        lines = lines[1:]
        nested = lines and (lines[0][0] > indent or (lines[0][0] == indent and lines[0][1].startswith("- ")))
        if match[4] or not nested:
            content[key] = _scalar(match[4] or "")
        else:
            content[key], lines = _block(lines, lines[0][0])
    return content, lines


def _list(lines: list[Line], indent: int) -> tuple[list[Any], list[Line]]:
    content: list[Any] = []
    while lines and lines[0][0] == indent and lines[0][1].startswith("-"):
        text = lines[0][1][1:].strip()
        inner = indent + len(lines[0][1]) - len(text)
        if text and not KEY.match(text):
            content.append(_scalar(text))
            lines = lines[1:]
            continue
        rest = [(inner, text), *lines[1:]] if text else lines[1:]
        if not rest or rest[0][0] <= indent:
            raise ValueError("a list has an empty line")
        found, lines = _block(rest, rest[0][0])
        content.append(found)
    return content, lines


def _scalar(text: str) -> Any:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(each) for each in text[1:-1].split(",") if each.strip()]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if NUMBER.match(text) and any(letter.isdigit() for letter in text):
        number = text.replace("_", "")
        return float(number) if re.search(r"[.eE]", number) else int(number[:300])
    return WORDS.get(text.lower(), text)
