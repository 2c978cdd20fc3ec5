"""One line on standard error that says what is being done; gone when it is done."""

import threading
import time
from types import TracebackType
from typing import TextIO

from grader.ground import persons
from grader.ground.visible import visible


class Line:
    """On a terminal the line is rewritten in place; elsewhere each step is a line of its own, once.

    A step that says nothing for `patience` seconds is told to be under way still, each time that they pass.
    """

    def __init__(self, stream: TextIO, patience: float = 30.0) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._started = time.monotonic()
        self._patience = patience
        self._step, self._shown = "", 0
        self._closed = threading.Event()

    def show(self, step: str, far: str = "") -> None:
        """`far`: how far the step is, for those who watch."""
        self._step, self._shown = step, self._shown + 1
        if not far or self._live:
            self._print(step, far)

    def _watch(self) -> None:
        seen, silent = 0, 0.0
        while not self._closed.wait(self._patience):
            silent = silent + self._patience if seen == self._shown else 0.0
            seen = self._shown
            if seen and silent:
                self._print(self._step, f"still under way, silent for {_duration(silent)}")

    def _print(self, step: str, far: str) -> None:
        seconds = time.monotonic() - self._started
        told = persons.masked(f"{step}: {far}" if far else step)
        text = f"[{seconds:5.1f} s] {visible(told, 100)}"
        print(
            f"\r\x1b[K{text}" if self._live else text,
            end="" if self._live else "\n",
            file=self._stream,
            flush=True,
        )

    def pace(self, done: int, of: int, unchanged: int) -> None:
        """How far a class is. `unchanged` of those done took no time, and say nothing about the others."""
        seconds = time.monotonic() - self._started
        measured = done - unchanged
        parts = [f"{done} of {of} students"]
        if unchanged:
            parts.append(f"{unchanged} unchanged")
        if measured and done < of:
            rate = measured / seconds
            parts += [f"{60 * rate:.1f} a minute", f"about {_duration((of - done) / rate)} left"]
        self.show(", ".join(parts))

    def __enter__(self) -> "Line":
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        if self._live:
            print("\r\x1b[K", end="", file=self._stream, flush=True)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if not minutes:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
