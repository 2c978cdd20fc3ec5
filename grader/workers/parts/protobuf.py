"""Reads the wire format of protocol buffers: numbered fields, nothing decoded before it is asked for.

https://protobuf.dev/programming-guides/encoding. Nothing recurses and no content is copied.
"""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
WIDTHS = {FIXED64: 8, FIXED32: 4}
VARINT_LONGEST = 10  # bytes
FIELDS = 200_000  # of one message
PACKED_LARGEST = 4 << 20  # bytes of integers in one field; larger tensors are stored raw
Value = int | memoryview


class Malformed(ValueError):
    """These bytes are no message, one that says the same thing twice, or one that says too much."""


class Message:
    """One message; a field is asked for by its number."""

    def __init__(self, content: memoryview) -> None:
        self._fields: dict[int, list[Value]] = {}
        for count, (number, value) in enumerate(_fields(content)):
            if count == FIELDS:
                raise Malformed
            self._fields.setdefault(number, []).append(value)

    def has(self, *numbers: int) -> bool:
        return any(number in self._fields for number in numbers)

    def messages(self, number: int) -> Iterator["Message"]:
        return (Message(content) for content in self.contents(number))

    def contents(self, number: int) -> list[memoryview]:
        """Every value of a field of strings, bytes or messages."""
        values = self._fields.get(number, [])
        if not all(isinstance(value, memoryview) for value in values):
            raise Malformed
        return [value for value in values if isinstance(value, memoryview)]

    def content(self, number: int) -> memoryview:
        """The value of a field that stands there at most once: readers differ in what a second means."""
        values = self.contents(number)
        if len(values) > 1:
            raise Malformed
        return values[0] if values else memoryview(b"")

    def message(self, number: int) -> "Message":
        return Message(self.content(number))

    def text(self, number: int) -> str:
        return str(self.content(number), "utf-8", "replace")

    def integer(self, number: int) -> int:
        values = self.integers(number)
        if len(values) > 1:
            raise Malformed
        return values[0] if values else 0

    def integers(self, number: int) -> list[int]:
        """Every value of a field of int64, packed or not."""
        found: list[int] = []
        for value in self._fields.get(number, []):
            found += [value] if isinstance(value, int) else _packed(value)
        return [value - (1 << 64) if value >> 63 else value for value in found]


def _packed(content: memoryview) -> list[int]:
    if len(content) > PACKED_LARGEST:
        raise Malformed
    found, at = [], 0
    while at < len(content):
        value, at = _varint(content, at)
        found.append(value)
    return found


def _fields(content: memoryview) -> Iterator[tuple[int, Value]]:
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(content, at)
            yield number, value
            continue
        length = WIDTHS.get(kind, -1)
        if kind == BYTES:
            length, at = _varint(content, at)
        if length < 0 or length > len(content) - at:
            raise Malformed
        yield number, content[at : at + length]
        at += length


def _varint(content: memoryview, at: int) -> tuple[int, int]:
    """The number that stands at `at`, and where it ends."""
    value = 0
    for shift, byte in enumerate(content[at : at + VARINT_LONGEST]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value & ((1 << 64) - 1), at + shift + 1
    raise Malformed
