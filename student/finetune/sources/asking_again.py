"""Asking a server again that had no time: later and later, and never before the moment that it named."""

import datetime
import email.utils
import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tqdm import tqdm

ATTEMPTS = 6
FIRST = 0.5  # seconds before the second attempt; doubled before each further one
LONGEST = 120.0  # seconds: no wish of a server makes us wait longer
TOLD = 5.0  # seconds: a pause of less is not worth a line
# A server that answers so has no time now; every other answer of 400 and above stays the same.
BUSY = (408, 425, 429, 500, 502, 503, 504)

Answer = TypeVar("Answer")


class Again(Exception):
    """No answer now, perhaps later. `pause`: so many seconds the server asks to be left alone."""

    def __init__(self, reason: object, pause: float = 0.0) -> None:
        super().__init__(str(reason))
        self.pause = pause


class Patience:
    """Shared by all threads that talk to one server: when it asks for a pause, all of them keep it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resume = 0.0  # time.monotonic() from when on the server may be asked again

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """What the question returns. Raises Again if each of the attempts did."""
        for attempt in range(ATTEMPTS - 1):
            self._wait()
            try:
                return question()
            except Again as trouble:
                self._hold(min(trouble.pause, LONGEST))
                # Not all threads at the same moment: a server that was busy would be so again.
                time.sleep(FIRST * 2**attempt * random.uniform(0.5, 1))
        self._wait()
        return question()

    def _hold(self, pause: float) -> None:
        with self._lock:
            until = time.monotonic() + pause
            if pause > TOLD and until > self._resume + TOLD:  # told once, not by each thread
                tqdm.write(f"The server asks to be left alone for {pause:.0f} s.")
            self._resume = max(self._resume, until)

    def _wait(self) -> None:
        while (left := self._resume - time.monotonic()) > 0:
            time.sleep(left)


def retry_after(header: str | None, now: datetime.datetime | None = None) -> float:
    """The seconds of a Retry-After header: it holds a number or a date (RFC 9110, 10.2.3). 0 without one."""
    if not header:
        return 0.0
    if header.strip().isdigit():
        return float(header)
    try:
        moment = email.utils.parsedate_to_datetime(header)
        return max(0.0, (moment - (now or datetime.datetime.now(datetime.UTC))).total_seconds())
    except (ValueError, TypeError):
        return 0.0
