"""Bytes to text, whatever editor wrote them: UTF-8, UTF-16 with and without mark, code pages of Windows."""

import codecs
from typing import NamedTuple

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
UTF8 = "utf-8"
SAMPLE = 4_096  # bytes that tell text from data
# Letters that only the Central European code page has, such as those of Hungarian.
CENTRAL = set(bytes(range(0x8A, 0x100)).decode("cp1250", "ignore")) - set(
    bytes(range(0x8A, 0x100)).decode("cp1252", "ignore")
)


class Decoded(NamedTuple):
    """`encoding` is "" where the bytes are no text."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return Decoded(
                content.decode(encoding, "replace").lstrip("\ufeff"),
                UTF8 if mark == codecs.BOM_UTF8 else encoding,
            )
    sample = content[:SAMPLE]
    if b"\0" in sample:
        return _without_mark(content, sample)
    try:
        return Decoded(content.decode(UTF8), UTF8)
    except UnicodeDecodeError:
        return _code_page(content)


def _without_mark(content: bytes, sample: bytes) -> Decoded:
    """UTF-16 of mostly Latin letters has a zero in every other byte; anything else with zeros is data."""
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), len(sample) / 2
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.7 * half and others < 0.3 * half:
            return Decoded(content.decode(encoding, "replace"), encoding)
    return Decoded("", "")


def _code_page(content: bytes) -> Decoded:
    if sum(byte < 9 or 13 < byte < 32 for byte in content[:SAMPLE]) > len(content[:SAMPLE]) / 50:
        return Decoded("", "")
    central = content.decode("cp1250", "replace")
    if set(central) & CENTRAL or "\ufffd" not in central:
        return Decoded(central, "cp1250")
    return Decoded(content.decode("cp1252", "replace"), "cp1252")
