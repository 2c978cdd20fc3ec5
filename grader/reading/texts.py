"""Bytes to text, whatever editor or shell wrote them. The one decoder of whatever a student wrote."""

import codecs
import re

from msgspec import Struct

UTF8 = "utf-8"
SAMPLE = 4_096  # bytes that tell text from data
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Letters that only the Central European code page has, such as those of Hungarian.
UPPER = bytes(range(0x8A, 0x100))
CENTRAL = set(UPPER.decode("cp1250", "ignore")) - set(UPPER.decode("cp1252", "ignore"))
COMMON = frozenset("的是在不了有和一用为")
FEWEST = 20  # letters
CONTROLS = frozenset(range(32)) - set(b"\t\n\v\f\r\b\x1b")  # terminals write the last two

# PEP 263. Only encodings of text: Python knows others that unpack, or take a time that grows with the square.
CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]{1,40})", re.ASCII)
BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
CODE_PAGES = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp\d+|koi8-\w|mac-\w+|gbk|gb2312|gb18030|big5\w*|shift_jis\w*|euc_\w+"
)


class Text(Struct, frozen=True):
    """`encoding` is named without its mark. `warning` says how it was read where that needed a guess."""

    content: str
    encoding: str = UTF8
    warning: str = ""


def decode(content: bytes) -> Text | None:
    """By its byte order mark, as UTF-16 without one, as UTF-8, by a code page; None where it is no text."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return Text(content[len(mark) :].decode(encoding, "replace"), encoding)
    if 0 in content[:SAMPLE]:
        return _without_mark(content, content[:SAMPLE])
    try:
        return Text(content.decode(UTF8))
    except UnicodeDecodeError as error:
        return _damaged(content, error) or _code_page(content, error.start)


def python(content: bytes) -> Text | None:
    """The text of a Python program: what its coding line names, else as any text.

    Raises:
        ValueError: the coding line names an encoding that is not read.
    """
    named = _coding(content)
    if not named or content.startswith(tuple(mark for mark, _ in MARKS)):
        return decode(content)
    try:
        encoding = codecs.lookup(named).name
    except (LookupError, ValueError):
        encoding = ""
    if not CODE_PAGES.fullmatch(encoding):
        raise ValueError(f'its coding line names "{named}", which is no encoding of programs')
    return decode(content) if encoding == UTF8 else Text(content.decode(encoding, "replace"), encoding)


def _coding(content: bytes) -> str:
    """On the first line, or on the second below a line without code."""
    for line in content[:SAMPLE].split(b"\n")[:2]:
        if found := CODING.match(line):
            return found[1].decode("ascii")
        if not BLANK.match(line.rstrip(b"\r")):
            return ""
    return ""


def _without_mark(content: bytes, sample: bytes) -> Text | None:
    """UTF-16 of mostly Latin letters has a zero in every other byte; anything else with zeros is data."""
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.4 * half and others < 0.1 * half:
            text = content.decode(encoding, "replace")
            return Text(text, encoding, "UTF-16 without a byte order mark")
    return None


def _damaged(content: bytes, error: UnicodeDecodeError) -> Text | None:
    """UTF-8 that was cut off, or has fewer wrong letters than right ones beyond ASCII."""
    repaired = content.decode(UTF8, "replace")
    wrong = repaired.count("\ufffd")
    right = sum(letter > "\x7f" for letter in repaired) - wrong
    if error.end < len(content) and right <= wrong:
        return None
    return Text(repaired, UTF8, f"byte {error.start} is not UTF-8: read with a mark in its place")


def _code_page(content: bytes, first: int) -> Text | None:
    sample = content[:SAMPLE]
    if sum(byte in CONTROLS for byte in sample) * 50 > len(sample):
        return None
    if chinese := _chinese(content):
        return Text(chinese, "gb18030", f"byte {first} is not UTF-8: read as gb18030")
    central = content.decode("cp1250", "replace")
    encoding = "cp1250" if set(central) & CENTRAL or "\ufffd" not in central else "cp1252"
    text = central if encoding == "cp1250" else content.decode(encoding, "replace")
    return Text(text, encoding, f"byte {first} is not UTF-8: read as {encoding}")


def _chinese(content: bytes) -> str:
    """Two bytes a letter without one that is wrong, and the commonest words of Chinese among them."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    letters = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    common = sum(letter in COMMON for letter in text)
    return text if letters >= FEWEST and common * 50 >= letters else ""
