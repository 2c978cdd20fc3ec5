"""Reads the scalars of a TensorBoard event file, without TensorFlow.

    python -m grader.workers.read_events < request.json > answer.json

The file is a sequence of TFRecords (little-endian length, its checksum, data, its checksum), each an `Event`
message: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
"""

import struct
from collections.abc import Iterator

from msgspec import Struct

from grader.workers import wire
from grader.workers.parts.protobuf import Malformed, Message

RECORD_LIMIT = 64 << 20  # bytes; larger ones hold pictures, and are passed over

FLOAT, DOUBLE = 1, 2  # TensorFlow's numbers for its two types of scalars

TAG = 200  # characters of a name


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


def answer(request: ReadEvents) -> Events:
    found: list[Scalar] = []
    try:
        for event in _records(request.path):
            found += _scalars(Message(memoryview(event)))
            if len(found) > request.scalars:
                return Events(tuple(found[: request.scalars]), more=True)
    except (Malformed, struct.error):
        return Events(tuple(found), broken=True)
    return Events(tuple(found))


def _records(path: str) -> Iterator[bytes]:
    """The content of each record. Raises Malformed, struct.error: the rest is no event file."""
    with open(path, "rb") as file:
        while head := file.read(12):
            length, checksum = struct.unpack("<QI", head)
            if checksum != masked(crc32c(head[:8])):
                raise Malformed
            if length > RECORD_LIMIT:
                file.seek(length + 4, 1)
                continue
            record = file.read(length + 4)
            if len(record) != length + 4:
                raise Malformed
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


def _scalars(event: Message) -> Iterator[Scalar]:
    """Event: step = 2, summary = 5. Summary: value = 1, repeated."""
    for summary in event.messages(5):
        for value in summary.messages(1):
            tag, printed = value.text(1)[:TAG], _printed(value)
            if tag and printed:
                yield Scalar(tag, event.integer(2), printed)


def _printed(value: Message) -> str:
    """Summary.Value: simple_value = 2 (TensorFlow 1, PyTorch), tensor = 8 (TensorFlow 2). "": no scalar."""
    simple = value.content(2)
    return shortest(*struct.unpack("<f", simple)) if len(simple) == 4 else _tensor(value.message(8))


def _tensor(tensor: Message) -> str:
    """TensorProto: dtype = 1, tensor_content = 4, float_val = 5, double_val = 6. "" where it is no scalar."""
    kind = tensor.integer(1)
    content = b"".join(tensor.contents(5 if kind == FLOAT else 6)) or tensor.content(4)
    if kind == FLOAT and len(content) == 4:
        return shortest(*struct.unpack("<f", content))
    if kind == DOUBLE and len(content) == 8:
        return repr(*struct.unpack("<d", content))
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


if __name__ == "__main__":
    wire.serve(ReadEvents, answer)
