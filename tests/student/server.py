"""A web server for a folder, on this computer, that has the faults of a real network when told to."""

import contextlib
import functools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.listening import Silent, listening


@dataclass(frozen=True)
class Fault:
    """What happens instead of an answer: a status, a wait, or an end of the connection too early."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    cut: int = -1  # bytes after which the connection ends
    pace: float = 0.0  # seconds of rest after every 64 kB


@dataclass
class Log:
    """`faults`: file name -> faults of its next requests, in turn; the last stays if `lasting`."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    lasting: bool = False
    lengths: bool = True  # whether answers say how long they are
    asked: Counter[str] = field(default_factory=Counter)
    gets: Counter[str] = field(default_factory=Counter)
    ranges: list[str] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def next_fault(self, name: str, with_body: bool) -> Fault:
        with self.lock:
            waiting = self.faults.get(name, [])
            if not waiting or (waiting[0].cut >= 0 and not with_body):
                return Fault()
            return waiting[0] if self.lasting and len(waiting) == 1 else waiting.pop(0)


class Handler(Silent, SimpleHTTPRequestHandler):
    """Knows ranges, and ETags made of size and time."""

    def __init__(self, *args: Any, log: Log, **kwargs: Any) -> None:
        self.log = log
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        self._counted(with_body=True)

    def do_HEAD(self) -> None:
        self._counted(with_body=False)

    def _counted(self, with_body: bool) -> None:
        name = self.path.rpartition("/")[2]
        with self.log.lock:
            self.log.open += 1
            self.log.most_open = max(self.log.most_open, self.log.open)
            self.log.asked[name] += 1
            self.log.gets[name] += with_body
        try:
            self._answer(name, with_body)
        except (ConnectionError, TimeoutError):
            pass  # who asked has gone
        finally:
            with self.log.lock:
                self.log.open -= 1

    def _answer(self, name: str, with_body: bool) -> None:
        fault = self.log.next_fault(name, with_body)
        time.sleep(fault.wait)
        path = Path(self.translate_path(self.path))
        if fault.status or not path.is_file():
            self.send_response(fault.status or 404)
            for header in fault.headers:
                self.send_header(*header)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = path.read_bytes()
        tag = f'"{len(content)}-{path.stat().st_mtime_ns}"'
        start = 0
        if self.headers["Range"] and self.headers["If-Range"] in (None, tag):
            self.log.ranges.append(f"{name} {self.headers['Range']}")
            start = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", tag)
        if self.log.lengths:
            self.send_header("Content-Length", str(len(content) - start))
        else:
            self.close_connection = True  # the end of the connection is the end of the answer
        self.end_headers()
        if with_body:
            self._body(content[start:], fault)

    def _body(self, content: bytes, fault: Fault) -> None:
        for begin in range(0, len(content), 1 << 16):
            block = content[begin : begin + (1 << 16)]
            if 0 <= fault.cut < begin + len(block):
                self.wfile.write(block[: fault.cut - begin])
                self.close_connection = True
                return
            self.wfile.write(block)
            time.sleep(fault.pace)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Log]]:
    """The address of a server for this folder, and what it notes."""
    log = Log()
    handler = functools.partial(Handler, log=log, directory=str(folder))
    with listening(handler) as address:
        yield address, log
