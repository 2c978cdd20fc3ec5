"""Text of a submission made safe to show: nothing moves a cursor, hides, reorders, or commands a CI."""

import re
import unicodedata
from functools import lru_cache

# General categories (Unicode Standard, table 4-4): controls, formats, lone halves of surrogate pairs (bytes
# that were not UTF-8), separators of lines and paragraphs, and what this Python's Unicode does not know yet.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
# Other_Default_Ignorable_Code_Point and Variation_Selector of Unicode's PropList.txt, where the category does
# not say it; U+2800, a Braille cell without dots. U+FE0F stays: it makes an emoji of a sign.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)
# What a CI system obeys in a log: a GitHub workflow command at the start of a line, however it comes to stand
# there, and the older form anywhere in it, which Azure and TeamCity have too.
_COMMAND = re.compile(r":(?=:[A-Za-z-]+(?: [^\n]*?)?::)|#(?=#(?:\[|vso\[|teamcity\[))")


def visible(text: str, longest: int = 0) -> str:
    """`text` on one line, hidden characters as escapes, cut to `longest` characters (0: not cut)."""
    plain = text.isascii() and text.isprintable()
    shown = _COMMAND.sub(_escaped, text if plain else "".join(map(_character, text)))
    return shown if not longest or len(shown) <= longest else f"{shown[: longest - 1]}…"


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN or _BLANK.match(character)
    return _code(character) if hidden else character


def _escaped(match: "re.Match[str]") -> str:
    return _code(match.group())


def _code(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
