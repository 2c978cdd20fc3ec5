"""Prints verdicts, writes them in the formats that were asked for, and gives the exit status."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Outcome, Verdict
from grader.render import FORMATS, terminal

# Of several verdicts the first that one has, in this order, is the exit status.
STATUS = {Outcome.FAILED: 1, Outcome.BROKEN: 3, Outcome.INCONCLUSIVE: 4, Outcome.PASSED: 0}


def show(verdicts: Sequence[Verdict], arguments: Namespace) -> int:
    """Prints the verdicts, writes the formats that were asked for, and returns the status of the worst."""
    wanted = {name: getattr(arguments, name) for name in FORMATS if getattr(arguments, name)}
    if len(verdicts) > 1 and wanted:
        raise GraderError(f"--{next(iter(wanted))} writes one verdict; judge one evidence file at a time")
    printed = [name for name, path in wanted.items() if path == "-"]
    for name, path in wanted.items():
        if path != "-":
            evidence_file.write(Path(path), FORMATS[name](verdicts[0]))
    style = terminal.style(sys.stdout)
    texts = [FORMATS[name](verdicts[0]) for name in printed] or [
        terminal.text(each, style) for each in verdicts
    ]
    print("\n".join(texts), end="")
    outcomes = {verdict.outcome for verdict in verdicts}
    return 0 if arguments.exit_zero else next(STATUS[each] for each in STATUS if each in outcomes)
