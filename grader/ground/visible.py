"""Text from a submission made safe to show: nothing moves a cursor, hides, or reorders."""

import re

# C0 and C1 controls, DEL, zero-width and bidirectional marks, line separators, tags, variation selectors,
# lone halves of surrogate pairs (bytes that were not UTF-8) and characters that Unicode keeps for itself.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str, longest: int = 0) -> str:
    """`text` on one line, hidden characters as escapes, cut to `longest` characters (0: not cut)."""
    shown = _HIDDEN.sub(_escaped, text)
    return shown if not longest or len(shown) <= longest else f"{shown[: longest - 1]}…"


def _escaped(match: "re.Match[str]") -> str:
    code = ord(match.group())
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
