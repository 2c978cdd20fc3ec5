"""The evidence of a course, one folder for each assignment. What is there is never replaced by less."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.ground import evidence_file
from grader.ground.errors import GraderError
from grader.ground.verdict import Crashed, Evidence, Measured, Measurement, Unfit

EARLIER = "earlier"  # evidence of other commits than the newest that was measured


class Place(Struct, frozen=True):
    """Where one student's evidence is. `trouble` says in a sentence why the last look found nothing new."""

    path: Path

    @property
    def trouble(self) -> Path:
        return self.path.with_suffix(".trouble")


def place(folder: Path, student: str) -> Place:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", student)[:40].strip("-")
    return Place(folder / f"{plain}-{hashlib.sha256(student.encode()).hexdigest()[:6]}.json")


def load(where: Place) -> Evidence | None:
    """What is kept, or None. Raises GraderError: it cannot be read."""
    return evidence_file.load(where.path) if where.path.exists() else None


def trouble(where: Place) -> str:
    return where.trouble.read_text() if where.trouble.exists() else ""


def keep(where: Place, found: Evidence) -> None:
    """Writes new evidence. That of another commit moves to `earlier`; a measurement is never lost to a
    machine that could measure less of the same commit; a repository that is gone takes nothing away.
    """
    before = _readable(where)
    if before and before.commit and found.commit is None:
        tell(where, f"nothing can be graded there any more: {_complaint(found)}")
        return
    if before and before.commit and found.commit and before.commit.sha == found.commit.sha:
        found = _united(before, found)
    elif before and before.commit:
        evidence_file.save(_earlier(where, before.commit.sha), before)
    evidence_file.save(where.path, found)
    where.trouble.unlink(missing_ok=True)


def seen(where: Place, heads: str) -> None:
    """The repository offers something else by now, and yet the evidence holds."""
    before = _readable(where)
    if before and before.heads != heads:
        evidence_file.save(where.path, replace(before, heads=heads))
    where.trouble.unlink(missing_ok=True)


def tell(where: Place, told: str) -> None:
    """Notes why the last look found nothing. What was measured before stays."""
    where.trouble.parent.mkdir(parents=True, exist_ok=True)
    where.trouble.write_text(told)


def _readable(where: Place) -> Evidence | None:
    try:
        return load(where)
    except GraderError:
        return None


def _earlier(where: Place, sha: str) -> Path:
    return where.path.parent / EARLIER / f"{where.path.stem}-{sha[:12]}.json"


def _united(before: Evidence, found: Evidence) -> Evidence:
    """New measurements, and old ones in the place of those that could not be made this time."""
    measurements = {
        name: before.measurements[name] if _is_less(now, before.measurements.get(name)) else now
        for name, now in found.measurements.items()
    }
    kept = {name: old for name, old in before.measurements.items() if name not in measurements}
    made_from = {**before.made_from, **found.made_from}
    for name, now in measurements.items():
        if now is not found.measurements[name] and name in before.made_from:
            made_from[name] = before.made_from[name]
    return replace(
        found,
        measurements={**measurements, **kept},
        made_from=made_from,
        static=found.static and before.static,
        seconds={**before.seconds, **found.seconds},
    )


def _is_less(now: Measurement, before: Measurement | None) -> bool:
    return isinstance(before, Measured | Unfit) and not isinstance(now, Measured | Unfit)


def _complaint(found: Evidence) -> str:
    unfit: Mapping[str, Measurement] = found.measurements
    told = (each.finding.message for each in unfit.values() if isinstance(each, Unfit))
    crashed = (each.summary for each in unfit.values() if isinstance(each, Crashed))
    return next(told, next(crashed, "it has no commit"))
