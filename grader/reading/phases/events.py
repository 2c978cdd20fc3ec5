"""What a program does to a training, in the order in which it runs, and to which of its networks."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.phases import statements
from grader.reading.phases.records import Event
from grader.reading.phases.statements import Effect
from grader.reading.programs import UNKNOWN
from grader.reading.programs.flow import Flow, Reached, Use

NETWORKS = re.compile(
    r"^torchvision\.models(?:\.\w+)?\.(?:[a-z]\w*|\?)$|\.applications\.(?:\w+\.)?(?:[A-Z]\w*|\?)$|"
    r"^timm\.(?:\w+\.)*create_model$|^tensorflow_hub\.|^torch\.hub\.load$|(?:vision|cnn|unet)_learner$|create_cnn$|"
    r"^load_model$|^load_learner$|^efficientnet_pytorch|^pretrainedmodels|^open_clip|^clip\.load|"
    r"(?:Model|For\w*Classification|EfficientNet)\.from_pretrained$"
)


class Happening(Struct, frozen=True):
    """An event with the networks that it is about, none where nobody knows. `lost` was not followed.

    `outside`: networks that only prepare what is trained on: their own layers stay as they are.
    """

    event: Event
    networks: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()
    lost: tuple[str, ...] = ()
    head: bool = False
    named: tuple[tuple[int, str], ...] = ()  # what made each network

    @property
    def is_of_a_file(self) -> bool:
        return any(name == "load_model" for _, name in self.named)

    def may_be_of(self, network: int) -> bool:
        """An optimiser may be of any; what a network from nothing goes through is of no pretrained one."""
        about = self.networks | self.outside
        return network in about or (
            not about and (bool(self.lost) or self.event.kind in ("optimiser", "library"))
        )


def happenings(flow: Flow) -> Iterator[Happening]:
    """Raises Intricate: there are too many objects to follow."""
    for use in flow.uses:
        effects = [effect for idiom in statements.TABLE for effect in idiom(use)]
        if effects:
            owner, given, made = (flow.reached(each) for each in (use.owner, use.given, use.made))
            yield from (_happening(use, effect, owner, given, made) for effect in effects)


def continued(seen: Sequence[Happening]) -> list[Happening]:
    """One network goes on where another of its kind is loaded into it: the two are one from there on."""
    same: dict[int, int] = {}
    names = {network: name for each in seen for network, name in each.named}
    for each in seen:
        if each.event.kind == "train":
            first: dict[str, int] = {}
            for network in sorted(each.networks, key=lambda one: _first_seen(seen, one)):
                same[network] = same.get(first.setdefault(names[network], network), first[names[network]])
    return [
        replace(
            each,
            networks=frozenset(same.get(one, one) for one in each.networks),
            outside=frozenset(same.get(one, one) for one in each.outside),
        )
        for each in seen
    ]


def _first_seen(seen: Sequence[Happening], network: int) -> int:
    return next(at for at, each in enumerate(seen) if network in each.networks | each.outside)


def foreign(flow: Flow) -> Iterator[tuple[str, frozenset[int]]]:
    """Functions that are not here and that are handed a network: they may freeze it, or train it."""
    for use in flow.uses:
        if use.kind == "foreign":
            handed = _networks(flow.reached(use.owner))
            if handed:
                yield f"{use.what} ({use.place})" if "(" not in use.what else use.what, handed


def _happening(use: Use, effect: Effect, owner: Reached, given: Reached, made: Reached) -> Happening:
    """Inside a loop the loop says which layers: `for layer in base.layers[:120]`."""
    flagged = effect.kind in ("freeze", "unfreeze")
    what = use.over or effect.what if flagged else effect.what
    chosen = bool(use.conditions) or (use.kind == "field" and use.constant is UNKNOWN)
    partial = flagged and (chosen or "[" in what or any(char.isdigit() for char in what))
    inside, around = _networks(owner), _networks(given)
    if flagged and not use.owner:
        inside = _networks(made)
    if effect.kind == "train" and not owner.things:
        inside, around = around, frozenset()
    fits = effect.kind == "train" and effect.what != "backward" and not _is_trainer(use)
    apart = fits and bool(owner.things) and inside.isdisjoint(around)
    return Happening(
        Event(effect.kind, use.place, what, partial),
        inside if flagged else inside | around,
        around if apart else frozenset(),
        tuple(owner.lost),
        flagged and statements.is_head(use, what),
        tuple(
            (key, each.made)
            for reached in (owner, given)
            for key, each in reached.things.items()
            if key in inside | around
        ),
    )


def _is_trainer(use: Use) -> bool:
    """`trainer.fit(model, data)` trains what it is given."""
    return any("rainer" in thing.made or "rainer" in thing.name for thing in use.owner)


def _networks(reached: Reached) -> frozenset[int]:
    return frozenset(
        key for key, thing in reached.things.items() if thing.made and NETWORKS.search(thing.made)
    )
