"""Asks everybody whose clock counts when a submission was there: our ledger, its host, receipts."""

import os
from collections.abc import Iterator
from pathlib import Path

from grader import deadlines, repository
from grader.assignment import Witnesses
from grader.deadlines import Gathered, History, Source, Subject
from grader.intake.clocks import host, ledger
from grader.intake.clocks.ledger import snapshot
from grader.repository import Repository
from grader.repository.receipts import Receipts


def with_kept(fetched: Repository, witnesses: Witnesses, url: str) -> Repository:
    """Together with the commits that an observer kept, which may be gone by now. Raises GraderError."""
    if not witnesses.ledger:
        return fetched
    store = snapshot.store(Path(witnesses.objects or f"{witnesses.ledger}.objects"), url)
    return fetched.with_kept(store) if store.is_dir() else fetched


def gather(fetched: Repository, witnesses: Witnesses, url: str, history: History) -> Gathered:
    """What they recorded. A witness that cannot be asked leaves a sentence."""
    subject = Subject(url, history.branch, history.commits, fetched.receipts(history.commits))
    return deadlines.gather(_sources(witnesses, url), subject)


def _sources(witnesses: Witnesses, url: str) -> Iterator[Source]:
    if witnesses.ledger:
        yield ledger.Ledger(ledger.read(Path(witnesses.ledger)))
    if witnesses.host:
        access = repository.access_from(os.environ)
        record = host.source(url, access.token if access else "", witnesses.api, witnesses.kind)
        if record:
            yield record
    if witnesses.authority or witnesses.signers:
        files = (Path(name) if name else None for name in (witnesses.authority, witnesses.signers))
        yield Receipts(*files)
