"""Text to a syntax tree, or the reason why there is none. Nothing is compiled or run."""

import ast
import re
import sys
import warnings

from grader.ground import encoded

# What a newer Python added to the language: its version, how a line shows it, what it is called.
ADDED = (
    ((3, 12), re.compile(r"^\s*type\s+\w+\s*(?:\[.*\])?\s*="), "a `type` statement"),
    ((3, 12), re.compile(r"^\s*(?:async\s+def|def|class)\s+\w+\s*\["), "parameters in brackets"),
    ((3, 12), re.compile(r"""[fF][rR]?(["'])[^{]*\{[^}"']*\1[^"']*\1"""), "quotes inside the same quotes"),
    ((3, 12), re.compile(r"""[fF](["'])[^{]*\{[^}]*\\"""), "a backslash inside an f-string"),
    ((3, 14), re.compile(r"""(?<![\w"'])[tT][rR]?["']"""), "a t-string"),
    (
        (3, 14),
        re.compile(r"^\s*except\*?\s+[\w.]+(?:\s*,\s*(?:\w+\.)*[A-Z]\w*)+\s*:"),
        "`except` without brackets",
    ),
)
PYTHON_2 = re.compile(
    r"""^\s*(?:print\s+[^\s(=]|exec\s+["']|raise\s+\w+\s*,|except\s+[\w.()]+\s*,\s*\w+\s*:)|<>|`|\bur["']"""
)


class NotPython(ValueError):
    """The text is no Python that can be parsed here. `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def parse(text: str) -> ast.Module:
    """Python's parser bounds nesting itself: hostile text raises, it does not overflow the stack.

    Raises:
        NotPython: the text is none, or of a version that this interpreter does not know.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # the student's invalid escapes are not our output
            return ast.parse(text)
    except SyntaxError as error:
        line = min(error.lineno or 1, text.count("\n") + 1)
        reason = _reason(text, line, error.msg)
    except (ValueError, RecursionError, MemoryError):
        line, reason = 1, "it is nested more deeply than Python reads, or holds a zero byte"
    raise NotPython(line, reason)


def _reason(text: str, line: int, message: str) -> str:
    conflict = encoded.conflict(text)
    if conflict:
        return f"a merge conflict that is not resolved begins on line {conflict}"
    wrong = text.split("\n")[line - 1]
    for version, shows, what in ADDED:
        if version > sys.version_info[:2] and shows.search(wrong):
            ours = ".".join(map(str, sys.version_info[:2]))
            return f"Python {'.'.join(map(str, version))} ({what}) on line {line}, read with Python {ours}"
    if PYTHON_2.search(wrong):
        return f"Python 2 on line {line}"
    plain = "" if message.startswith("invalid") else f": {message}"
    return f"line {line} is not Python{plain}"
