"""The three pipes of a running process, served without blocking and never beyond a limit."""

import os
import selectors
import subprocess
from typing import IO

from grader.sandbox.records import Heard

PIECE = 1 << 16


class Streams:
    """`stdout` and `stderr` grow while `exchange` is called; `stdin` is fed from a given request.

    `heard` is told each whole line of stderr as it comes.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], request: bytes, limit: int, heard: Heard | None = None
    ) -> None:
        assert process.stdin and process.stdout and process.stderr
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._limit = limit
        self._heard = heard
        self._told = 0  # bytes of stderr, all whole lines
        self._request = memoryview(request)
        self._selector = selectors.DefaultSelector()
        self._listen(process.stdout, selectors.EVENT_READ, self.stdout)
        self._listen(process.stderr, selectors.EVENT_READ, self.stderr)
        self._listen(process.stdin, selectors.EVENT_WRITE, None)

    def _listen(self, stream: IO[bytes], event: int, kept: bytearray | None) -> None:
        os.set_blocking(stream.fileno(), False)
        self._selector.register(stream, event, kept)

    @property
    def open(self) -> bool:
        return bool(self._selector.get_map())

    @property
    def overflowing(self) -> bool:
        return max(len(self.stdout), len(self.stderr)) > self._limit

    def exchange(self, timeout: float) -> bool:
        """Reads and writes what is ready, after at most `timeout` seconds. Tells whether anything was."""
        ready = self._selector.select(timeout)
        for key, _ in ready:
            stream = key.fileobj
            assert not isinstance(stream, int)
            if not (self._write(key.fd) if key.data is None else self._read(key.fd, key.data)):
                self._selector.unregister(stream)
                stream.close()  # type: ignore[attr-defined]
        return bool(ready)

    def rest(self) -> None:
        """Reads what a process that has ended left in its pipes."""
        while self.open and not self.overflowing and self.exchange(0):
            pass

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _read(self, descriptor: int, kept: bytearray) -> bool:
        piece = os.read(descriptor, PIECE)
        kept += piece
        if self._heard and kept is self.stderr:
            self._tell(self._heard)
        return bool(piece)

    def _tell(self, heard: Heard) -> None:
        end = self.stderr.rfind(b"\n", self._told) + 1
        if end:
            for line in self.stderr[self._told : end].splitlines():
                heard(line.decode(errors="replace"))
            self._told = end

    def _write(self, descriptor: int) -> bool:
        try:
            self._request = self._request[os.write(descriptor, self._request[:PIECE]) :]
        except BrokenPipeError:  # it does not want to know
            return False
        return bool(self._request)


def first_and_last(text: bytes, kept: int) -> str:
    """The first and the last `kept` bytes as text, with a line between them that says what is missing."""
    if len(text) <= 2 * kept:
        return text.decode(errors="replace")
    left_out = f"\n... {len(text) - 2 * kept:,} bytes left out ...\n"
    return text[:kept].decode(errors="replace") + left_out + text[-kept:].decode(errors="replace")
