"""Looks at what the repositories of a class offer now: several at a time, few at a host, politely."""

import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from msgspec import Struct

from grader import repository
from grader.course.cohort.batch import Wanted
from grader.ground.errors import GraderError, SubmissionError
from grader.intake import PROTOCOLS
from grader.repository import address, looking

AT_A_TIME = 16
AT_A_HOST = 4


class Look(Struct, frozen=True):
    """`heads` is a name of what is there now; else `trouble` says why nobody can tell."""

    wanted: Wanted
    heads: str = ""
    trouble: str = ""


class Host:
    """How we treat one host: few at a time, and no more at all once it has said for long that it is busy."""

    def __init__(self) -> None:
        self.room = threading.BoundedSemaphore(AT_A_HOST)
        self.given_up = ""

    def look(self, url: str, workplace: Path) -> str:
        """Raises GraderError, SubmissionError."""
        access = repository.access_from(os.environ)
        with self.room:
            if self.given_up:
                raise GraderError(self.given_up)
            try:
                return looking.patiently(lambda: looking.heads(url, workplace, PROTOCOLS, access))
            except GraderError as trouble:
                if looking.BUSY.search(str(trouble)):
                    self.given_up = str(trouble)
                raise


def look(everybody: Sequence[Wanted]) -> Iterator[Look]:
    """Each as soon as its host has answered."""
    hosts: defaultdict[str, Host] = defaultdict(Host)
    with tempfile.TemporaryDirectory(prefix="grader-looks-", ignore_cleanup_errors=True) as folder:
        own = threading.local()

        def one(wanted: Wanted, host: Host) -> Look:
            if not hasattr(own, "place"):  # git keeps settings there: no two looks at a time in one place
                own.place = Path(tempfile.mkdtemp(dir=folder))
            try:
                return Look(wanted, host.look(wanted.request.url, own.place))
            except (GraderError, SubmissionError) as trouble:
                return Look(wanted, trouble=str(trouble))

        with ThreadPoolExecutor(min(AT_A_TIME, len(everybody) or 1)) as pool:
            started = [pool.submit(one, each, hosts[_host(each)]) for each in everybody]
            try:
                yield from (done.result() for done in as_completed(started))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _host(wanted: Wanted) -> str:
    return address.key(wanted.request.url).partition("/")[0]
