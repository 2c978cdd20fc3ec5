"""Open Images' tables: kept as files, fetched once, and read as a stream.

A table holds a row for each object in millions of photographs, over a gigabyte in all, of which we need a few
thousand. So a table is never in memory: line after line passes by, and the rows that we want are kept. Plain
Python does that in less time than a data frame needs to be built.
"""

import csv
import http
import http.client
import itertools
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from pathlib import Path

from tqdm import tqdm

from finetune.parts import files
from finetune.parts.problem import Problem
from finetune.sources import asking_again
from finetune.sources.asking_again import Again, Patience

BLOCK = 1 << 20  # bytes that are written at a time
TIMEOUT = 30  # seconds without a single byte


class Absent(Problem):
    """The server answers that it has no such file, or will not give it."""


def fetch(address: str, path: Path) -> Path:
    """Make a file of what lies at this address, unless it is here; returns the path.

    While it comes in, it is called `<name>.part`. After an interruption the rest is asked for, not all of it.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    asking = Patience()
    with tqdm(desc=path.name, unit="B", unit_scale=True, unit_divisor=1024, disable=None) as bar:
        try:
            while not asking.ask(lambda: _continue(address, part, bar)):
                pass  # the connection broke, but something came: that counts as a first attempt
        except Again as trouble:
            raise Problem(
                f"{address} cannot be read: {trouble}; check your network and run `make data` again, "
                "it goes on from here"
            ) from trouble
    part.replace(path)
    _tag(part).unlink(missing_ok=True)
    return path


def rows(path: Path, column: str, wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """The rows of a table that have one of the wanted values in this column.

    The column is not the last, and up to it there are no commas or quotation marks inside of cells.
    """
    values = {value.encode() for value in wanted}
    with path.open("rb") as file:
        names = next(csv.reader([file.readline().decode("utf-8-sig")]))
        if column not in names:
            raise Problem(f"{path}: there is no column {column}; delete the file and run `make data` again")
        index = names.index(column)
        for line in file:
            cells = line.split(b",", index + 1)
            if len(cells) > index and cells[index] in values:
                # A title may go over several lines: then the reader takes the next ones too.
                record = (each.decode("utf-8", "replace") for each in itertools.chain([line], file))
                yield dict(zip(names, next(csv.reader(record)), strict=False))


def _continue(address: str, part: Path, bar: tqdm) -> bool:
    """Fetch what is missing; returns whether the file is whole now. Raises Again if nothing new came."""
    had = _size(part)
    whole, trouble = False, "it ends too early"
    try:
        whole = _receive(address, part, bar)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return True  # interrupted after the last byte
        raise _refused(address, error) from error
    except (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
        trouble = str(error)
    if not whole and _size(part) <= had:
        raise Again(trouble)
    return whole


def _receive(address: str, part: Path, bar: tqdm) -> bool:
    """Add to `part` what the server sends; returns whether that was all."""
    had = _size(part)
    tag = _tag(part).read_text() if had and _tag(part).exists() else ""
    # If-Range: only if the file is still the one that we have the beginning of; else all of the new one.
    headers = {"Range": f"bytes={had}-", "If-Range": tag} if tag else {}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        start = had if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
        files.write(_tag(part), response.headers["ETag"] or response.headers["Last-Modified"] or "")
        length = response.headers["Content-Length"]  # not every server tells it
        size = start + int(length) if length else None
        bar.reset(size)
        bar.update(start)
        with part.open("ab" if start else "wb") as file:
            while block := response.read(BLOCK):
                file.write(block)
                bar.update(len(block))
    return size is None or _size(part) == size


def _refused(address: str, error: urllib.error.HTTPError) -> Exception:
    if error.code in asking_again.BUSY:
        return Again(error, asking_again.retry_after(error.headers["Retry-After"]))
    return Absent(
        f"{address} cannot be read: {error}; check `mirror` in submission.toml and your network, "
        "then run `make data` again"
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(part: Path) -> Path:
    """The file that keeps which version of the table a beginning belongs to."""
    return part.with_name(part.name + ".tag")
