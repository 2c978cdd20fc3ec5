"""Reads the scalars of a TensorBoard event file, without TensorFlow.

    python -m grader.workers.events < request.json > answer.json

The file is a sequence of TFRecords (little-endian length, its checksum, data, its checksum), each an `Event`
message: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
"""

import struct
from collections.abc import Iterator

from msgspec import Struct

from grader.workers import wire

RECORD_LIMIT = 64 << 20  # bytes; larger ones hold pictures, and are passed over

FLOAT, DOUBLE = 1, 2  # TensorFlow's numbers for its two types of scalars

Field = tuple[int, int | bytes]


class ReadEvents(Struct, frozen=True):
    path: str
    scalars: int = 20_000  # no more than these are returned


class Scalar(Struct, frozen=True):
    """`printed` is the shortest text that gives the stored 32-bit (or 64-bit) number again."""

    tag: str
    step: int
    printed: str


class Events(Struct, frozen=True, tag="events"):
    """`broken`: the file ended within a record or a checksum was wrong; what came before it counts."""

    scalars: tuple[Scalar, ...]
    broken: bool = False
    more: bool = False


class _Broken(Exception):
    """The bytes are no event file from here on."""


def answer(request: ReadEvents) -> Events:
    found: list[Scalar] = []
    try:
        for event in _records(request.path):
            found += _scalars(event)
            if len(found) > request.scalars:
                return Events(tuple(found[: request.scalars]), more=True)
    except (_Broken, struct.error, IndexError):
        return Events(tuple(found), broken=True)
    return Events(tuple(found))


def _records(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while head := file.read(12):
            length, checksum = struct.unpack("<QI", head)
            if checksum != masked(crc32c(head[:8])):
                raise _Broken
            if length > RECORD_LIMIT:
                file.seek(length + 4, 1)
                continue
            record = file.read(length + 4)
            if len(record) != length + 4:
                raise _Broken
            yield record[:length]


def crc32c(data: bytes) -> int:
    """The Castagnoli checksum; a bit at a time, since it is only taken of eight bytes."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def masked(checksum: int) -> int:
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _scalars(event: bytes) -> Iterator[Scalar]:
    """Event: step = 2, summary = 5. Summary: value = 1, repeated."""
    step, summaries = 0, []
    for number, value in _fields(event):
        if number == 2 and isinstance(value, int):
            step = value if value < 1 << 63 else value - (1 << 64)
        elif number == 5 and isinstance(value, bytes):
            summaries.append(value)
    for summary in summaries:
        for number, value in _fields(summary):
            if number == 1 and isinstance(value, bytes):
                yield from _value(value, step)


def _value(value: bytes, step: int) -> Iterator[Scalar]:
    """Summary.Value: tag = 1, simple_value = 2 (TensorFlow 1, PyTorch), tensor = 8 (TensorFlow 2)."""
    tag, printed = "", ""
    for number, content in _fields(value):
        if not isinstance(content, bytes):
            continue
        if number == 1:
            tag = content.decode("utf-8", "replace")[:200]
        elif number == 2 and len(content) == 4:
            printed = shortest(struct.unpack("<f", content)[0])
        elif number == 8:
            printed = _tensor(content)
    if tag and printed:
        yield Scalar(tag, step, printed)


def _tensor(tensor: bytes) -> str:
    """TensorProto: dtype = 1, tensor_content = 4, float_val = 5, double_val = 6. "" where it is no scalar."""
    kind, content, floats, doubles = 0, b"", b"", b""
    for number, value in _fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif isinstance(value, bytes):
            content = value if number == 4 else content
            floats = value if number == 5 else floats
            doubles = value if number == 6 else doubles
    if kind == FLOAT and len(floats or content) == 4:
        return shortest(struct.unpack("<f", floats or content)[0])
    if kind == DOUBLE and len(doubles or content) == 8:
        return repr(struct.unpack("<d", doubles or content)[0])
    return ""


def shortest(number: float) -> str:
    """The shortest decimal text that a 32-bit float gives again."""
    for digits in range(1, 9):
        text = f"{number:.{digits}g}"
        if _stored(float(text)) == _stored(number):
            return text
    return f"{number:.9g}"


def _stored(number: float) -> bytes:
    """The four bytes of a 32-bit float; none where a rounded text is beyond the largest."""
    try:
        return struct.pack("<f", number)
    except OverflowError:
        return b""


def _fields(message: bytes) -> Iterator[Field]:
    """The fields of a protobuf message: a varint as a number, all others as their bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        match key & 7:
            case 0:
                value, at = _varint(message, at)
                yield key >> 3, value
                continue
            case 1:
                size = 8
            case 2:
                size, at = _varint(message, at)
            case 5:
                size = 4
            case _:
                raise _Broken
        if at + size > len(message):
            raise _Broken
        yield key >> 3, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _Broken


if __name__ == "__main__":
    wire.serve(ReadEvents, answer)
