"""Which ways lead to which network: from what is trained, backwards, along the objects of the program."""

from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.preprocessing import comparing
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.pipelines import Chain
from grader.reading.preprocessing.records import FITTING, WRONG, Judged
from grader.reading.programs import called
from grader.reading.programs.flow import Flow, Reached, Use

NETWORK = ("train", "apply")
SCALERS = (
    "normalize",
    "Normalize",
    "preprocess_input",
    "per_image_standardization",
    "convert_image_dtype",
    "Rescaling",
)


class Seen(Struct, frozen=True):
    """A training, or another use of a network: what its network and its images were made from.

    `aside` are transforms that no image passes on its way: they only gave numbers to other transforms.
    `told` is all that lies in a transform that was read.
    """

    use: Use
    network: Reached
    images: Reached
    aside: Set[int] = frozenset()
    told: Set[int] = frozenset()

    @property
    def nodes(self) -> set[int]:
        return (self.network.nodes | self.images.nodes | {id(self.use.node)}) - self.aside

    @property
    def sure(self) -> frozenset[int]:
        """What this use has whichever branches the program takes."""
        return (self.network.sure | self.images.sure | {id(self.use.node)}) - self.aside

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
    chains = [chain for chain in chains if _path(chain.where) in flow.modules]
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


def _path(place: str) -> str:
    """Of `path:line` and `path#c7`."""
    return place.rpartition("#c" if "#c" in place else ":")[0]


def _seen(flow: Flow, built: Mapping[int, Backbone], chains: Sequence[Chain]) -> Iterator[Seen]:
    origins = {node for chain in chains for node in chain.origin}
    for use in flow.uses:
        if use.kind not in NETWORK:
            continue
        seen = Seen(use, flow.reached(use.owner), flow.reached(use.given))
        seen = _with_transforms(flow, seen, chains)
        if use.kind == "train" or (seen.nodes & built.keys() and seen.nodes & origins):
            yield seen


def _with_transforms(flow: Flow, seen: Seen, chains: Sequence[Chain]) -> Seen:
    lists = {node for chain in chains if chain.framework == "torch" for node in chain.origin} & seen.nodes
    if not lists:
        return seen
    things = [*seen.network.things.values(), *seen.images.things.values()]
    made = [thing for thing in things if any(id(node) in lists for node in thing.nodes)]
    direct = flow.reached((*seen.use.owner, *seen.use.given), lists) if len(lists) > 1 else seen
    return replace(seen, aside=lists - direct.nodes, told=flow.reached(made).nodes)


def _ways(
    node: int, network: Backbone, seen: Sequence[Seen], found: tuple[Sequence[Chain], set[int]]
) -> Iterator[Judged]:
    """Every way that reaches this network; where none is followed to it, those that reach no other.

    Who looks what a layer makes of raw images trains nothing with them: where a training's way fits, other
    uses of the same images are not wrong.
    """
    chains, linked = found
    own = [each for each in seen if node in (each.nodes if each.use.kind == "train" else each.network.sure)]
    ways = [chain for chain in chains if chain.role != "model"]
    layers = [chain for chain in chains if chain.role == "model"]
    fed = [each for each in own if any(chain.is_made_in(each.nodes) for chain in ways)]
    outside = set().union(*(each.images.nodes for each in fed if node not in each.images.nodes))
    steps = [chain for chain in layers if not chain.is_made_in(outside)]
    alone = all(node in each.nodes for each in seen if each.use.kind == "train")
    judged = [
        (each.use.kind, way)
        for each in fed
        for way in _of_use(node, network, each, (chains, steps, linked), alone)
    ]
    fitting = {way.where for kind, way in judged if kind == "train" and way.verdict in FITTING}
    yield from (
        way for kind, way in judged if kind == "train" or way.where not in fitting or way.verdict not in WRONG
    )
    if not fed:
        steps = [chain for chain in steps if any(chain.is_made_in(each.network.nodes) for each in own)]
        rest = [chain for chain in ways if id(chain) not in linked]
        yield from comparing.judge((network,), [*rest, *steps], any(each.use.kind == "train" for each in own))


def _of_use(
    node: int,
    network: Backbone,
    each: Seen,
    found: tuple[Sequence[Chain], Sequence[Chain], set[int]],
    alone: bool,
) -> Iterator[Judged]:
    """The ways of one use. Of evaluation by its name alone, the trainings are told where all are of this
    network.
    """
    chains, steps, linked = found
    ways = [chain for chain in chains if chain.role != "model"]
    layers = [chain for chain in chains if chain.role == "model" and chain not in steps]
    before = [chain for chain in layers if chain.is_made_in(each.images.nodes)]
    around = each.network.nodes if node in each.network.nodes else each.images.nodes
    inside = [chain for chain in steps if chain.is_made_in(around)]
    told = {node for chain in chains for node in chain.origin}
    calls = (*each.network.calls, *each.images.calls)
    untold = [one for one in calls if called(one) in SCALERS and id(one) not in told | each.told]
    data = [_then(chain, before) for chain in ways if chain.is_made_in(each.nodes)]
    if each.use.kind == "train" and alone:
        data += [chain for chain in ways if chain.role == "eval" and id(chain) not in linked]
    if untold:  # what leaves pixels as they are is not all that happens to them
        data = [replace(chain, values=None) if chain.framework and chain.is_raw else chain for chain in data]
    sure = [chain for chain in data if chain.is_made_in(each.sure) or not chain.is_made_in(each.nodes)]
    yield from comparing.judge((network,), [*sure, *inside], True)
    branches = [chain for chain in data if chain not in sure]
    yield from _agreed(list(comparing.judge((network,), [*branches, *inside], True)))


def _agreed(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Of ways among which branches of the program choose, one is wrong for certain if all are."""
    if all(way.verdict in WRONG for way in judged):
        yield from judged
        return
    for way in judged:
        if way.verdict in WRONG:
            detail = f"{way.detail}; it is one of several branches"
            yield replace(way, verdict="undetermined", detail=detail)
        else:
            yield way


def _then(chain: Chain, steps: Sequence[Chain]) -> Chain:
    """What Keras's readers give, with what is called on it before a network gets it."""
    for step in steps if chain.framework == "keras" else ():
        chain = replace(chain.then(step), origin=chain.origin)
    return chain
