"""Our own record of what repositories were when: rows that are only added, each sealed with the last.

Only one observer writes at a time, a crash while writing loses at most the row that was being written, and a
row that was changed, removed or moved is found by its number. What the file cannot show by itself is that its
newest rows were cut off: for that, `Chain.seal` is noted elsewhere, as every snapshot prints it.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from grader.deadlines import Gathered, Observation, Subject
from grader.ground.errors import GraderError
from grader.intake.clocks.ledger import rows
from grader.intake.clocks.ledger.rows import FIRST, Row
from grader.repository import address

TAIL = 1_000_000  # bytes; more than any row


class Chain(Struct, frozen=True):
    """A ledger that was checked. `seal` is `number:hash` of its last row; `torn`: a crash cut one off."""

    rows: tuple[Row, ...]
    seal: str
    torn: bool = False


class Ledger(Struct, frozen=True):
    """A ledger as a source of evidence."""

    chain: Chain

    def gather(self, subject: Subject) -> Gathered:
        """When its branch was seen where."""
        wanted = address.key(subject.url)
        keys = {url: address.key(url) for url in {row.url for row in self.chain.rows}}
        seen = [row for row in self.chain.rows if keys[row.url] == wanted]
        others = [row for row in self.chain.rows if keys[row.url] != wanted]
        looks = [row for row in seen if not row.trouble]
        observations = tuple(
            Observation("the ledger", row.asked, row.answered, row.refs.get(subject.branch, ""))
            for row in looks
        )
        missed = len(seen) - len(looks)
        troubles = [f"The ledger's observer got no answer {missed} times."] if missed else []
        troubles += _elsewhere(
            others, keys, set(subject.commits) - {sha for row in looks for sha in row.refs.values()}
        )
        return Gathered(observations, tuple(troubles))


def _elsewhere(others: Sequence[Row], keys: Mapping[str, str], commits: Collection[str]) -> Iterator[str]:
    """The same work under another address. What several of them have is what a course starts from."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for row in others:
        for sha in row.refs.values():
            places[sha].add(keys[row.url])
    for row in reversed(others):
        for sha in row.refs.values():
            if sha in commits and len(places[sha]) == 1:
                yield (
                    f"The ledger saw commit {sha[:7]} of this history at another address (row {row.seq},"
                    f" {row.time}): compare the two addresses."
                )
                return


def read(path: Path) -> Chain:
    """All rows of a ledger, checked. A last row without an end is left out: the next observer repairs it.

    Raises:
        GraderError: there is no ledger, or a row was changed, is missing or was moved.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path}: the ledger cannot be read: {error.strerror}") from None
    whole, newline, torn = content.rpartition(b"\n")
    checked = tuple(rows.check(whole.split(b"\n") if newline else (), path.name))
    seal = f"{len(checked)}:{checked[-1].hash if checked else FIRST}"
    return Chain(checked, seal, bool(torn))


def verify(path: Path, noted: str = "") -> str:
    """One sentence on a sound ledger. `noted` is a seal `number:hash` that was written down earlier.

    Raises:
        GraderError: as `read`, or the ledger does not hold the noted row.
    """
    chain = read(path)
    if noted:
        number, _, seal = noted.partition(":")
        if not number.isdecimal() or not seal:
            raise GraderError(f"{noted!r} is not a seal; it is written as number:hash")
        if seal != (chain.rows[int(number) - 1].hash if 0 < int(number) <= len(chain.rows) else FIRST):
            raise GraderError(f"{path.name}: row {number} is missing or another one than was noted")
    end = "; a crash cut off a further row, which the next snapshot repairs" if chain.torn else ""
    return f"{path.name}: {len(chain.rows)} rows, all sound{end}. Its seal is {chain.seal}"


def append(path: Path, looks: Sequence[Row]) -> str:
    """Adds rows and returns the ledger's new seal. Observers at the same time wait for each other.

    Raises:
        GraderError: the ledger cannot be written, or its last row was changed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = _repaired_end(file, path)
            number, prev = (last.seq, last.hash) if last else (0, FIRST)
            text = b""
            for each in looks:
                row = rows.seal(each, number + 1, prev)
                number, prev = row.seq, row.hash
                text += rows.line(row)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise GraderError(f"{path}: the ledger cannot be written: {error.strerror}") from None
    return f"{number}:{prev}"


def _repaired_end(file: BinaryIO, path: Path) -> Row | None:
    """The last row. A row that a crash cut off is finished if only its end is missing, else moved aside."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    whole, _, torn = tail.rpartition(b"\n")
    if torn and rows.parse(torn):
        file.write(b"\n")
        whole = torn
    elif torn:
        with open(path.with_name(f"{path.name}.torn"), "ab") as aside:
            aside.write(torn + b"\n")
        file.truncate(size - len(torn))
    text = whole.rpartition(b"\n")[2]
    if not text:
        return None
    last = rows.parse(text)
    if last is None:
        raise GraderError(f"{path.name}: its last row was changed; grader verify-ledger says more")
    return last
