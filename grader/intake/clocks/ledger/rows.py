"""A ledger's rows: what a repository's branches were at one moment, sealed with the row before."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.ground.errors import GraderError

FIRST = "0" * 64  # stands for the row before the first


class Row(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One look. `asked` and `answered` are the moments before and after it, in seconds since 1970 in UTC.

    `refs` are branches with their commits, `head` is the default branch. `trouble` says why there was no
    answer, `lost` why the objects of an answer were not kept. `hash` seals the row with the one before it.
    """

    seq: int = 0
    time: str = ""  # `answered` for people, ISO 8601
    asked: int
    answered: int
    url: str
    head: str = ""
    refs: dict[str, str] = {}
    trouble: str = ""
    lost: str = ""
    prev: str = FIRST
    hash: str = ""


def seal(row: Row, seq: int, prev: str) -> Row:
    """The row as number `seq` of the ledger, after the row whose hash is `prev`."""
    time = datetime.fromtimestamp(row.answered, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row = replace(row, seq=seq, time=time, prev=prev, hash="")
    return replace(row, hash=hashlib.sha256(msgspec.json.encode(row)).hexdigest())


def line(row: Row) -> bytes:
    return msgspec.json.encode(row) + b"\n"


def parse(text: bytes) -> Row | None:
    """The row of a line, or None if it is no row or its seal does not fit."""
    try:
        row = msgspec.json.decode(text, type=Row)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return row if seal(row, row.seq, row.prev) == row else None


def check(lines: Iterable[bytes], name: str) -> Iterator[Row]:
    """The rows of a ledger, in order.

    Raises:
        GraderError: a row was changed, is missing or stands at another place; the sentence names its number.
    """
    prev, number = FIRST, 0
    for number, text in enumerate(lines, 1):
        row = parse(text)
        if row is None:
            raise GraderError(f"{name}: row {number} was changed: its content does not fit its seal")
        if row.seq != number or row.prev != prev:
            raise GraderError(f"{name}: row {number} does not follow the row before: {_broken(row, number)}")
        prev = row.hash
        yield row


def _broken(row: Row, number: int) -> str:
    if row.seq > number:
        return f"number {row.seq} stands here, so rows are missing or in another order"
    if row.seq < number:
        return f"number {row.seq} stands here, so rows were repeated or are in another order"
    return "it was sealed after another one"
