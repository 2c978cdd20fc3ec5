"""Text from a submission made safe to show: nothing moves a cursor, hides, reorders, or names a person."""

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


# A university code is six capital letters and digits. Without a digit it is an ordinary word, unless the text
# speaks of codes; these look like codes and are none.
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*[0-9])[A-Z0-9]{6}(?![A-Za-z0-9])(?!\.(?:jpe?g|png|bmp))"
)
_SPOKEN_OF = re.compile(
    r"(?P<before>neptun(?:[- ]?(?:code|k[oó]d\w*|id))?\W{1,6})(?P<code>[A-Za-z0-9]{6})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NO_CODES = frozenset(
    "CONV1D CONV2D CONV3D SHA256 SHA512 RGB565 UTF16L BASE64 FLOAT8 UINT16 UINT32 INT128 MD5SUM "
    "FASTA2".split()
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?=[\w-]{1,63}\.[A-Za-z])[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_OF_HOSTS = ("git@",)


def masked(text: str, keep: str = "") -> str:
    """`text` without university codes and e-mail addresses of persons; `keep` is the student's own code."""

    def code(match: "re.Match[str]") -> str:
        found = match[0]
        return found if found == keep or found in _NO_CODES else "******"

    def spoken(match: "re.Match[str]") -> str:
        return match[0] if match["code"] == keep else f"{match['before']}******"

    text = _ADDRESS.sub(lambda match: match[0] if match[0].startswith(_OF_HOSTS) else "***@***", text)
    return _CODE.sub(code, _SPOKEN_OF.sub(spoken, text))
