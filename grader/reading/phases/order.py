"""Whether events are the two phases: frozen training, unfreezing, new optimiser, training."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.phases import statements
from grader.reading.phases.events import Event, events
from grader.reading.programs import follow, read, unread
from grader.submission import Submission

Verdict = Literal["yes", "doubtful", "in a library", "no", "no training"]
BEST: tuple[Verdict, ...] = ("yes", "doubtful", "in a library", "no", "no training")
TRAINING = r"trainable|requires_grad|freeze|\.fit|backward\("
KEPT = 20


class Phases(Struct, frozen=True, kw_only=True):
    """`steps` are the events that decide, in order. `unread` are programs that could hold others."""

    verdict: Verdict
    reason: str = ""
    steps: tuple[Event, ...] = ()
    layers: str = ""
    whole: bool = False  # phase two trains every layer of the backbone
    unread: tuple[str, ...] = ()


def find(submission: Submission) -> Phases:
    """The clearest two phases that any program of a submission shows."""
    sources = submission.once(read)
    found, left_out = follow(sources, lambda reader: judge(events(reader)))
    default = Phases(verdict="no training", reason="there is no program")
    best = min(found, key=lambda each: (BEST.index(each.verdict), -len(each.steps)), default=default)
    return replace(best, steps=best.steps[:KEPT], unread=(*left_out, *unread(sources, TRAINING)))


def judge(found: Sequence[Event]) -> Phases:
    """Pure: events in order, a verdict. The last training that a freeze precedes is phase one."""
    seen = Seen()
    doubt: Phases | None = None
    for event in found:
        seen = _after(seen, event)
        if event.kind == "train" and seen.first and seen.freed:
            if seen.optimiser:
                layers, whole = _layers(found, seen.freed)
                return Phases(verdict="yes", steps=_steps(seen, event), layers=layers, whole=whole)
            doubt = doubt or Phases(
                verdict="doubtful",
                reason="nothing makes a new optimiser, or compiles again, between unfreezing and training",
                steps=_steps(seen, event),
            )
    return doubt or _without_phases(found, seen)


class Seen(Struct, frozen=True):
    """The events so far: the freeze, the training under it, what was freed since, an optimiser"""

    frozen: Event | None = None
    first: Event | None = None
    freed: Event | None = None
    optimiser: Event | None = None


def _after(seen: Seen, event: Event) -> Seen:
    """A partial freeze after the unfreezing says what stays frozen; a new head is not of the backbone."""
    own_head = statements.is_head(event.what)
    if event.kind == "freeze" and not own_head and not (seen.freed and event.partial):
        return replace(seen, frozen=event, freed=None)
    if event.kind == "unfreeze" and not own_head and seen.frozen:
        return replace(seen, freed=event, optimiser=None)
    if event.kind == "optimiser" and seen.freed:
        return replace(seen, optimiser=event)
    if event.kind == "train" and seen.frozen and not seen.freed:
        return replace(seen, first=event)
    return seen


def _steps(seen: Seen, last: Event | None) -> tuple[Event, ...]:
    return tuple(each for each in (seen.frozen, seen.first, seen.freed, seen.optimiser, last) if each)


def _without_phases(found: Sequence[Event], seen: Seen) -> Phases:
    library = next((event for event in found if event.kind == "library"), None)
    if library:
        return Phases(
            verdict="in a library", reason=f"{library.what} does both phases itself", steps=(library,)
        )
    trained = next((event for event in found if event.kind == "train"), None)
    if trained is None:
        return Phases(verdict="no training", reason="no program trains a network")
    steps = tuple(each for each in (seen.frozen, seen.freed, trained) if each)
    return Phases(verdict="no", reason=_why_not(seen.frozen, seen.freed), steps=steps)


def _why_not(frozen: Event | None, freed: Event | None) -> str:
    if frozen is None:
        return "nothing freezes the pretrained layers before a training"
    if freed is None:
        return "the pretrained layers are frozen, and nothing unfreezes any of them later"
    return "no training stands between freezing and unfreezing"


def _layers(found: Sequence[Event], freed: Event) -> tuple[str, bool]:
    """Which layers phase two trains, as written, and whether these are all."""
    after = found[found.index(freed) :]
    kept = next((each for each in after[:4] if each.kind == "freeze" and each.partial), None)
    if kept and not freed.partial:
        return f"{freed.what}, without {kept.what}", False
    return freed.what, not freed.partial and not kept
