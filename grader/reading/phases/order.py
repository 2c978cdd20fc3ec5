"""Whether events are the two phases: frozen training, unfreezing, new optimiser, training."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.phases import unmet
from grader.reading.phases.events import Happening, continued, foreign, happenings
from grader.reading.phases.records import Event, Order, Phases
from grader.reading.phases.statements import HEAD_ALONE
from grader.reading.programs import flow, read, unread
from grader.reading.programs.budget import Intricate
from grader.reading.programs.flow import Flow
from grader.submission import Submission

BEST: tuple[Order, ...] = ("yes", "doubtful", "in a library", "no", "no training")
TRAINING = r"trainable|requires_grad|freeze|\.fit|backward\("
KEPT = 20
NEVER_FROZEN = "nothing freezes the pretrained layers before a training"
NEVER_FREED = "the pretrained layers are frozen, and nothing unfreezes any of them later"
NO_OPTIMISER = "nothing makes a new optimiser, or compiles again, between unfreezing and training"
FEATURES = "it only computes features"
NEW_HEAD = "whether phase two goes on with the layers that phase one trained on features cannot be told"
LOST = "what phase one learnt is thrown away"


def find(submission: Submission) -> Phases:
    """The clearest two phases that any program of a submission shows."""
    sources = submission.once(read)
    found: list[Phases] = []
    left_out: list[str] = []
    loose: list[Event] = []
    for script in submission.once(flow.of):
        try:
            found += [] if script.intricate else [_of_script(script)]
            loose += [] if script.intricate else _alone(script)
        except Intricate:
            script = replace(script, intricate=True)
        left_out += [f"{script.path} (too intricate to follow)"] if script.intricate else []
    default = Phases(verdict="no training", reason="there is no program in Python")
    best = min(found, key=lambda each: (BEST.index(each.verdict), -len(each.steps)), default=default)
    lost = dict.fromkeys(name for each in found if each.verdict == "no" for name in each.lost)
    met = {use.place for script in submission.once(flow.of) for use in script.uses if use.kind == "train"}
    lost |= dict.fromkeys(unmet.trainings(sources, met))
    lost |= dict.fromkeys(_loose(best, loose))
    return replace(
        best, steps=best.steps[:KEPT], unread=(*left_out, *unread(sources, TRAINING)), lost=tuple(lost)[:KEPT]
    )


def _alone(script: Flow) -> list[Event]:
    """What a script does to the flags of networks that it does not train itself: somebody else may."""
    seen = list(happenings(script))
    trained = {network for each in seen if each.event.kind == "train" for network in each.networks}
    flags = [each for each in seen if each.event.kind in ("freeze", "unfreeze") and not each.head]
    return [each.event for each in flags if trained.isdisjoint(each.networks)]


def _loose(best: Phases, loose: Sequence[Event]) -> Iterator[str]:
    """What is said to be done nowhere, and a part of the programs does that nothing here calls."""
    kind = {NEVER_FROZEN: "freeze", NEVER_FREED: "unfreeze"}.get(best.reason)
    yield from (f"{each.kind} {each.what} ({each.where})" for each in loose if each.kind == kind)


def _of_script(script: Flow) -> Phases:
    """The clearest that any of its networks shows; a fresh network in phase two is none of phase one."""
    seen = continued(list(happenings(script)))
    networks = list(dict.fromkeys(each for one in seen for each in sorted(one.networks | one.outside)))
    judged = [(network, judge(_about(seen, network))) for network in networks] or [
        (0, judge([each.event for each in seen if not each.head]))
    ]
    network, best = min(judged, key=lambda each: (BEST.index(each[1].verdict), -len(each[1].steps)))
    if best.verdict != "no":
        return best
    handed = [name for name, to in foreign(script) if not to or network in to]
    trained = [
        each
        for each in seen
        if each.event.kind == "train"
        and (not networks or network in each.networks | each.outside or each.is_of_a_file)
    ]
    lost = tuple(dict.fromkeys((*handed, *(name for each in trained for name in each.lost))))
    return replace(_thrown_away(seen, networks) or best, lost=lost)


def _about(seen: Sequence[Happening], network: int) -> list[Event]:
    """The events of one network. Where it only computes features, its layers are not trained."""
    return list(_seen_by(seen, network))


def _seen_by(seen: Sequence[Happening], network: int) -> Iterator[Event]:
    apart = False
    for each in seen:
        event = each.event
        if each.head or not each.may_be_of(network):
            continue
        if event.kind == "freeze" and not event.partial:
            apart = False
        if network in each.outside:
            apart = True
            yield Event("freeze", event.where, FEATURES)
        elif apart and event.kind in ("optimiser", "train") and network in each.networks:
            apart = False
            yield Event("unfreeze", event.where, "it is a part of what is trained", partial=True)
        yield event


def _thrown_away(seen: Sequence[Happening], networks: Sequence[int]) -> Phases | None:
    """Phase one trains one network under a freeze, phase two another one, begun afresh."""
    states = {network: Seen() for network in networks}
    names = {network: name for each in seen for network, name in each.named}
    for each in seen:
        for network in [one for one in networks if not each.head and one in each.networks]:
            state = states[network]
            if each.event.kind == "train" and (state.freed or not state.frozen):
                for other, before in states.items():
                    if (
                        other != network
                        and before.first
                        and not before.freed
                        and names[other] == names[network]
                    ):
                        reason = f"phase two, {each.event.where}, trains a fresh network: {LOST}"
                        steps = (*_steps(before, None), *_steps(state, each.event))
                        return Phases(verdict="no", reason=reason, steps=steps)
            states[network] = _after(state, each.event)
    return None


def judge(found: Sequence[Event]) -> Phases:
    """Pure: events in order, a verdict. The last training that a freeze precedes is phase one."""
    seen = Seen()
    doubt: Phases | None = None
    for event in found:
        seen = _after(seen, event)
        if event.kind == "train" and seen.first and seen.freed:
            apart = seen.frozen is not None and seen.frozen.what == FEATURES
            if seen.optimiser and not apart:
                layers, whole = _layers(found, seen.freed)
                return Phases(verdict="yes", steps=_steps(seen, event), layers=layers, whole=whole)
            doubt = doubt or Phases(
                verdict="doubtful",
                reason=NEW_HEAD if apart else NO_OPTIMISER,
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
    """A partial freeze after phase one, around the unfreezing, says what stays frozen."""
    if event.kind == "freeze" and not ((seen.freed or seen.first) and event.partial):
        return replace(seen, frozen=event, freed=None)
    if event.kind == "unfreeze" and seen.frozen:
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
        return Phases(verdict="no training", reason="no training of a network was found")
    steps = tuple(each for each in (seen.frozen, seen.freed, trained) if each)
    several = len({event.where for event in found if event.kind == "train"}) > 1
    if several and seen.frozen and seen.freed and seen.frozen.where == seen.freed.where:
        reason = f"which layers are frozen at {seen.freed.where} cannot be told"
        return Phases(verdict="doubtful", reason=reason, steps=steps)
    if seen.frozen is None and any(event.what.endswith(HEAD_ALONE) for event in found):
        return _of_the_head(found, trained)
    return Phases(verdict="no", reason=_why_not(seen.frozen, seen.freed), steps=steps)


def _of_the_head(found: Sequence[Event], trained: Event) -> Phases:
    """Nothing else need be frozen under an optimiser that holds the head alone; a later one may hold more."""
    optimisers = [event for event in found if event.kind == "optimiser"]
    trainings = [event for event in found if event.kind == "train"]
    once = len(optimisers) == 1 and len(trainings) == 1
    reason = "the optimiser holds the head alone, and nothing else trains the layers below"
    return Phases(
        verdict="no" if once else "doubtful",
        reason=reason if once else "an optimiser holds the head alone: which layers a training moves is open",
        steps=(*optimisers[:2], trained),
    )


def _why_not(frozen: Event | None, freed: Event | None) -> str:
    if frozen is None:
        return NEVER_FROZEN
    if freed is None:
        return NEVER_FREED
    if freed.where == frozen.where:
        return "one place freezes some layers and frees others, and nothing unfreezes any of them later"
    return "no training stands between freezing and unfreezing"


def _layers(found: Sequence[Event], freed: Event) -> tuple[str, bool]:
    """Which layers phase two trains, as written, and whether these are all."""
    after = found[found.index(freed) :]
    kept = next((each for each in after[:4] if each.kind == "freeze" and each.partial), None)
    if kept and not freed.partial:
        return f"{freed.what}, without {kept.what}", False
    return freed.what, not freed.partial and not kept
