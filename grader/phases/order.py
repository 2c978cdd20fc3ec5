"""Whether the events of a program are the two phases: frozen training, unfreezing, new optimiser, training."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.phases import statements
from grader.phases.events import Event, events
from grader.programs import Reader, programs, read, unread
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
    found = [judge(events(Reader(program))) for program in programs(sources)]
    default = Phases(verdict="no training", reason="there is no program")
    best = min(found, key=lambda each: (BEST.index(each.verdict), -len(each.steps)), default=default)
    return replace(best, steps=best.steps[:KEPT], unread=unread(sources, TRAINING))


def judge(found: Sequence[Event]) -> Phases:
    """Pure: events in order, a verdict. The last training that a freeze precedes is phase one."""
    frozen = first = freed = optimiser = None
    doubt: Phases | None = None
    library = next((event for event in found if event.kind == "library"), None)
    for event in found:
        if event.kind == "freeze" and not statements.is_head(event.what):
            if not (freed and event.partial):
                frozen, freed = event, None
        elif event.kind == "unfreeze" and frozen and not statements.is_head(event.what):
            freed, optimiser = event, None
        elif event.kind == "optimiser" and freed:
            optimiser = event
        elif event.kind == "train" and frozen and not freed:
            first = event
        elif event.kind == "train" and frozen and freed and first:
            steps = tuple(each for each in (frozen, first, freed, optimiser, event) if each)
            if optimiser:
                layers, whole = _layers(found, freed)
                return Phases(verdict="yes", steps=steps, layers=layers, whole=whole)
            doubt = doubt or Phases(
                verdict="doubtful",
                reason="nothing makes a new optimiser, or compiles again, between unfreezing and training",
                steps=steps,
            )
    if doubt:
        return doubt
    if library:
        return Phases(
            verdict="in a library", reason=f"{library.what} does both phases itself", steps=(library,)
        )
    trained = next((event for event in found if event.kind == "train"), None)
    if trained is None:
        return Phases(verdict="no training", reason="no program trains a network")
    return Phases(
        verdict="no", reason=_why_not(frozen, freed), steps=tuple(e for e in (frozen, freed, trained) if e)
    )


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
