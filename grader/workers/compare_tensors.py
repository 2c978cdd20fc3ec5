"""Which tensors of two safetensors files differ, byte by byte.

$ python -m grader.workers.compare_tensors < request.json > answer.json

The format is a length, a JSON header with the place of each tensor, and the bytes: it needs no library
(https://huggingface.co/docs/safetensors).
"""

import hashlib
import struct
from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.workers import wire
from grader.workers.messages import Compared, CompareTensors

HEADER = 50_000_000  # bytes
TENSORS = 20_000
SHOWN = 5


class Entry(Struct, frozen=True):
    data_offsets: tuple[int, int]
    dtype: str = ""
    shape: tuple[int, ...] = ()


class Broken(ValueError):
    """No safetensors file: one sentence."""


def answer(request: CompareTensors) -> Compared:
    try:
        one, other = tensors(request.one), tensors(request.other)
    except (Broken, OSError, ValueError) as trouble:
        return Compared(refused=str(trouble))
    both = [name for name in one if name in other]
    different = [name for name in both if one[name] != other[name]]
    return Compared(
        tensors=len(both),
        different=len(different),
        names=tuple(different[:SHOWN]),
        alone=len(one.keys() ^ other.keys()),
    )


def tensors(path: str) -> dict[str, bytes]:
    """A digest of the type, shape and bytes of each tensor, in the order of the header. Raises Broken."""
    with Path(path).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        if len(content) < 8:
            raise Broken("is too short for a safetensors file")
        (length,) = struct.unpack("<Q", content[:8])
        if length > min(HEADER, len(content) - 8):
            raise Broken("is no safetensors file, or is cut off")
        entries = _entries(content[8 : 8 + length])
        first = 8 + length
        return {name: _digest(content, first, entry) for name, entry in entries.items()}


def _entries(header: bytes) -> dict[str, Entry]:
    try:
        raw = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        if len(raw) > TENSORS:
            raise Broken(f"has {len(raw)} tensors, more than {TENSORS}")
        return {name[:200]: msgspec.json.decode(entry, type=Entry) for name, entry in raw.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Broken("has no header that can be read") from None


def _digest(content: mmap, first: int, entry: Entry) -> bytes:
    start, end = entry.data_offsets
    if not 0 <= start <= end <= len(content) - first:
        raise Broken("is cut off, or its header points outside of it")
    kind = f"{entry.dtype}{entry.shape}".encode()
    return hashlib.sha256(kind + content[first + start : first + end]).digest()


if __name__ == "__main__":
    wire.serve(CompareTensors, answer)
