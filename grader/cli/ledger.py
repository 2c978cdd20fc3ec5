"""`grader snapshot` and `grader verify-ledger`: what was pushed when, by a clock of our own."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from grader import intake, repository
from grader.cli import rosters
from grader.intake.clocks import ledger
from grader.intake.clocks.ledger import snapshot as snapshots
from grader.intake.clocks.ledger.rows import Row


def snapshot(arguments: Namespace) -> int:
    """Prints the ledger's new seal, which is worth noting elsewhere."""
    keep = arguments.objects or Path(f"{arguments.ledger}.objects")
    access = repository.access_from(os.environ)
    observer = snapshots.Observer(keep=keep, allow=intake.PROTOCOLS, access=access)
    urls = [member.url for member in rosters.members(arguments) if member.url]
    print(f"seal {snapshots.snapshot(urls, arguments.ledger, observer, _tell_look)}")
    return 0


def verify(arguments: Namespace) -> int:
    print(ledger.verify(arguments.ledger, arguments.seal))
    return 0


def _tell_look(row: Row) -> None:
    branches = "1 branch" if len(row.refs) == 1 else f"{len(row.refs)} branches"
    print(f"{row.url}: {row.trouble or branches}", file=sys.stderr)
