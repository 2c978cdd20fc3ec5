"""The gradebook as a CSV file that a spreadsheet may open: nothing in it is a formula."""

import csv
import io
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from grader import engine
from grader.course.cohort.batch import Wanted
from grader.course.roster import Member
from grader.ground import evidence_file
from grader.ground.verdict import Verdict
from grader.ground.visible import visible

COLUMNS = ("student", "name", "outcome", "points", "at most", "of", "commit", "status", "url", "trouble")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell


class Line(Struct, frozen=True):
    """One student: a verdict, or why there is none."""

    member: Member
    verdict: Verdict | None
    trouble: str = ""

    @property
    def outcome(self) -> str:
        return str(self.verdict.outcome) if self.verdict else "not measured"


def lines(wanted: Sequence[Wanted]) -> tuple[Line, ...]:
    return tuple(_line(each) for each in wanted)


def _line(wanted: Wanted) -> Line:
    if wanted.trouble.exists():
        return Line(wanted.member, None, wanted.trouble.read_text())
    return Line(wanted.member, engine.judge(wanted.assignment, evidence_file.load(wanted.path)))


def text(found: Sequence[Line]) -> str:
    """All students with their points, and a column for the outcome of each check."""
    verdicts = [line.verdict for line in found if line.verdict]
    checks = list(dict.fromkeys(result.check for verdict in verdicts for result in verdict.results))
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow([*COLUMNS, *checks])
    table.writerows([guarded(cell) for cell in _cells(line, checks)] for line in found)
    return written.getvalue()


def guarded(cell: str | float) -> str | float:
    """A cell as text that no spreadsheet computes; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    shown = visible(cell)
    return f"'{shown}" if cell.startswith(FORMULA) or shown.startswith(FORMULA) else shown


def summary(found: Sequence[Line]) -> str:
    """`18 passed, 1 failed, 1 not measured`"""
    return ", ".join(
        f"{count} {outcome}" for outcome, count in Counter(line.outcome for line in found).items()
    )


def _cells(line: Line, checks: Sequence[str]) -> list[str | float]:
    member, verdict = line.member, line.verdict
    if not verdict:
        return [member.student, member.name, line.outcome, "", "", "", "", "", member.url, line.trouble,
                *[""] * len(checks)]  # fmt: skip
    outcomes = {result.check: str(result.outcome) for result in verdict.results}
    commit = verdict.commit
    return [
        member.student, member.name, line.outcome, verdict.points.min, verdict.points.max, verdict.points.of,
        commit.sha[:12] if commit else "", commit.status if commit else "", member.url, "",
        *(outcomes.get(check, "") for check in checks),
    ]  # fmt: skip
