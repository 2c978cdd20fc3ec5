"""Which ways lead to which network: from what is trained, backwards, along the objects of the program."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.reading.preprocessing import comparing
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.comparing import Judged
from grader.reading.preprocessing.pipelines import Chain
from grader.reading.programs.flow import Flow, Reached, Use

NETWORK = ("train", "apply")


class Seen(Struct, frozen=True):
    """A training, or another use of a network: what its network and its images were made from."""

    use: Use
    network: Reached
    images: Reached

    @property
    def nodes(self) -> set[int]:
        return self.network.nodes | self.images.nodes | {id(self.use.node)}

    @property
    def lost(self) -> tuple[str, ...]:
        return (*self.network.lost, *self.images.lost)


class Linked(Struct, frozen=True):
    """What one script shows. `trained` are the pretrained networks that its trainings train.

    `lost` names what was not followed on the way of a training.
    """

    ways: tuple[Judged, ...] = ()
    trained: tuple[Backbone, ...] = ()
    idle: tuple[Backbone, ...] = ()
    trains: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def judge(flow: Flow, built: Mapping[int, Backbone], chains: Sequence[Chain]) -> Linked | None:
    """None where nothing can be said: no training is followed to its network."""
    seen = list(_seen(flow, built, chains))
    trainings = [each for each in seen if each.use.kind == "train"]
    reached = {node for each in trainings for node in each.nodes if node in built}
    pretrained = {node: network for node, network in built.items() if network.pretrained}
    trained = [node for node in pretrained if node in reached]
    lost = tuple(dict.fromkeys(name for each in trainings for name in each.lost))
    if not trainings or (not trained and lost):
        return None
    linked = {id(chain) for each in seen for chain in chains if chain.is_made_in(each.nodes)}
    ways = [way for node in trained for way in _ways(node, pretrained[node], seen, (chains, linked))]
    return Linked(
        tuple(dict.fromkeys(ways)),
        tuple(pretrained[node] for node in trained),
        tuple(network for node, network in pretrained.items() if node not in reached),
        tuple(each.use.place for each in trainings),
        lost,
    )


def _seen(flow: Flow, built: Mapping[int, Backbone], chains: Sequence[Chain]) -> Iterator[Seen]:
    origins = {node for chain in chains for node in chain.origin}
    for use in flow.uses:
        if use.kind not in NETWORK:
            continue
        seen = Seen(use, flow.reached(use.owner), flow.reached(use.given))
        if use.kind == "train" or (seen.nodes & built.keys() and seen.nodes & origins):
            yield seen


def _ways(
    node: int, network: Backbone, seen: Sequence[Seen], found: tuple[Sequence[Chain], set[int]]
) -> Iterator[Judged]:
    """Every way that reaches this network; where none is followed to it, those that reach no other.

    What is for evaluation by its name is so for each network that is trained.
    """
    chains, linked = found
    own = [each for each in seen if node in each.nodes]
    trains = [each for each in own if each.use.kind == "train"]
    ways = [chain for chain in chains if chain.role != "model"]
    layers = [chain for chain in chains if chain.role == "model"]
    fed = [each for each in own if any(chain.is_made_in(each.nodes) for chain in ways)]
    outside = set().union(*(each.images.nodes for each in fed if node not in each.images.nodes))
    steps = [chain for chain in layers if not chain.is_made_in(outside)]
    for each in fed:
        inside = [chain for chain in steps if chain.is_made_in(each.network.nodes)]
        data = [chain for chain in ways if chain.is_made_in(each.nodes)]
        data += [
            chain for chain in ways if chain.role == "eval" and id(chain) not in linked and each in trains
        ]
        yield from comparing.judge((network,), [*data, *inside], bool(trains))
    if not fed:
        steps = [chain for chain in steps if any(chain.is_made_in(each.network.nodes) for each in own)]
        rest = [chain for chain in ways if id(chain) not in linked]
        yield from comparing.judge((network,), [*rest, *steps], bool(trains))
