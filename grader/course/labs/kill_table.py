"""Which calls of a lab tell its known wrong solutions from the reference."""

from grader import sandbox
from grader.checks.lab import Loaded
from grader.ground.errors import GraderError, NotMeasured
from grader.workers import asking
from grader.workers.lab_messages import Kill, Killed

SECONDS = 3600


def measure(check: Loaded, seeds: int) -> Killed:
    """Raises GraderError."""
    request = Kill(check.exam, tuple(range(seeds)), check.tolerance, check.sigmas)
    limits = sandbox.Limits(seconds=SECONDS, cpu_seconds=SECONDS)
    try:
        return asking.ask("examine", request, Killed, limits=limits)
    except NotMeasured as trouble:
        raise GraderError(trouble.with_hint) from None


def text(name: str, killed: Killed) -> str:
    """A line for each wrong solution: how many seeds each call told it, and what the student reads about."""
    wide = max(map(len, killed.table), default=0)
    lines = [f"{name}: {len(killed.table)} wrong solutions, {killed.seeds} seeds; a number counts seeds"]
    lines += [f"  {number:2}  {call}" for number, call in enumerate(killed.calls, 1)]
    lines.append(f"  {'':{wide}}  " + "".join(f"{number:5}" for number in range(1, len(killed.calls) + 1)))
    for wrong, told in killed.table.items():
        counts = "".join(f"{count or '.':>5}" for count in told)
        survived = killed.survived[wrong]
        verdict = f"SURVIVES {survived} of {killed.seeds} seeds" if survived else killed.first[wrong]
        lines.append(f"  {wrong:{wide}}  {counts}  {verdict}")
    if killed.reference:
        lines.append(f"  the reference itself fails for {killed.reference} of {killed.seeds} seeds")
    return "\n".join(lines) + "\n\n"
