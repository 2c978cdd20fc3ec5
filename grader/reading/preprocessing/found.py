"""How a submission prepares its images: whatever its programs say."""

import ast
from collections.abc import Iterable, Sequence, Set
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from grader.reading.preprocessing import comparing, linked, networks
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.linked import Linked
from grader.reading.preprocessing.pipelines import TABLE, Chain, keras_data
from grader.reading.preprocessing.records import Found, Judged
from grader.reading.preprocessing.run_record import recorded
from grader.reading.programs import Reader, Source, called, flow, follow, optimising, read, settings, unread
from grader.reading.programs.flow import Flow
from grader.submission import Submission

TRAINS = (
    "fit", "fit_generator", "fit_one_cycle", "fine_tune", "backward", "fit_flat_cos", "train_on_batch",
    "apply_gradients",
)  # fmt: skip
NETWORKS = r"torch|keras|tensorflow|timm|fastai|PIL|cv2"
KEPT = 40
FRAMEWORKS = {"torch": ("torch", "torchvision", "timm", "fastai"), "keras": ("keras", "tensorflow")}

T = TypeVar("T")


def find(submission: Submission) -> Found:
    """Without a contract: the programs say which network it is, and how its images come to it."""
    sources = submission.once(read)
    saves = networks.save(sources)
    ways = submission.once(flow.of)
    whole, left_out = follow(
        sources, lambda reader: _identified(reader, saves, ways), submission.once(settings)
    )
    parts = [part for each in whole for part in each]
    seen = {way.backbone_where for part in parts for way in part.ways}
    return _found(sources, [replace(part, ways=part.ways or _no_way(part, seen)) for part in parts], left_out)


def find_for(submission: Submission, declared: Backbone, logs: Sequence[str]) -> Found:
    """With a contract: the network is declared, and the log may hold a record of what was applied to it."""
    sources = submission.once(read)
    whole, left_out = follow(sources, lambda reader: _entries(reader, declared), submission.once(settings))
    found = _found(sources, [part for each in whole for part in each], left_out)
    record = recorded(submission, logs)
    judged = comparing.judge((declared,), (record,), trains=True) if record else ()
    return replace(found, record=next(iter(judged), None))


class _Part(Struct, frozen=True, kw_only=True):
    """What one program says."""

    ways: tuple[Judged, ...] = ()
    pretrained: tuple[Backbone, ...] = ()
    trains: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    idle: tuple[Backbone, ...] = ()


def _entries(whole: Reader, declared: Backbone) -> list[_Part]:
    """Each script with its own imports, but for those that are about a network of another framework."""
    return [
        _judged(reader, (declared,)) for reader in whole.entries() if not _is_of_another(reader, declared)
    ]


def _is_of_another(reader: Reader, declared: Backbone) -> bool:
    """Whether a script builds networks of another framework, and uses nothing of the declared one."""
    frameworks = {network.framework for _, network in networks.made(reader) if network.pretrained}
    packages = {reader.dotted(call.func).partition(".")[0] for call in reader.calls()}
    own = FRAMEWORKS[declared.framework]
    return bool(frameworks) and declared.framework not in frameworks and packages.isdisjoint(own)


def _identified(whole: Reader, saves: bool, flows: Sequence[Flow]) -> list[_Part]:
    """Each script with its own imports; all together where the way and the network are in different ones."""
    linked = _linked(whole, flows)
    if linked:
        return linked
    parts = [_judged(reader, networks.find(reader), saves) for reader in whole.entries()]
    together = len(parts) > 1 and not any(part.ways for part in parts)
    return [_judged(whole, networks.find(whole), saves)] if together else parts


def _linked(whole: Reader, flows: Sequence[Flow]) -> list[_Part]:
    """By the objects of its scripts; nothing where no training is followed to its network."""
    own = {source.path for source in whole.program.sources}
    scripts = [each for each in flows if each.path in own]
    made = list(networks.made(whole))
    built = {id(call): network for call, network in made}
    chains = (
        [chain for idiom in TABLE for chain in idiom(whole)]
        if any(each.pretrained for _, each in made)
        else []
    )
    judged = [linked.judge(each, built, chains) for each in scripts if not each.intricate]
    if not any(each and (each.trained or each.trains) for each in judged):
        return []
    if any(each is None and _trains(script) for each, script in zip(judged, scripts, strict=False)):
        return []
    return [_part(each, whole) for each in judged if each]


def _trains(script: Flow) -> bool:
    return any(use.kind == "train" for use in script.uses)


def _part(found: Linked, reader: Reader) -> _Part:
    doubtful = () if found.trained else tuple(networks.doubts(reader, True))
    return _Part(
        ways=found.ways, pretrained=found.trained, trains=found.trains, doubtful=doubtful, idle=found.idle
    )


def _judged(reader: Reader, built: Sequence[Backbone], saves: bool = False) -> _Part:
    places = training(reader)
    pretrained = tuple(network for network in built if network.pretrained)
    if not pretrained:
        return _Part(trains=tuple(places), doubtful=tuple(networks.doubts(reader, saves)))
    chains = [chain for idiom in TABLE for chain in idiom(reader)]
    ways = tuple(comparing.judge(built, _certain(reader, chains), bool(places)))
    return _Part(ways=ways, pretrained=pretrained, trains=tuple(places))


def _no_way(part: _Part, seen: Set[str]) -> tuple[Judged, ...]:
    """A network to which no way leads, neither here nor in another script that builds it (`seen`)."""
    return tuple(
        Judged(
            verdict="undetermined",
            where=network.where,
            backbone=network.shown,
            backbone_where=network.where,
            role="",
            trains=bool(part.trains),
            detail="no code was found that reads images for this network",
        )
        for network in part.pretrained[:1]
        if network.where not in seen
    )


def _found(sources: Sequence[Source], parts: Sequence[_Part], left_out: Sequence[str]) -> Found:
    return Found(
        ways=_each(way for part in parts for way in part.ways),
        pretrained=_each(_named(each) for part in parts for each in part.pretrained),
        trains=_each(place for part in parts for place in part.trains),
        doubtful=_each(place for part in parts for place in part.doubtful),
        idle=_each(_named(each) for part in parts for each in part.idle),
        unread=(*left_out, *unread(sources, NETWORKS)),
        looked_at=len(sources),
    )


def _each(found: Iterable[T]) -> tuple[T, ...]:
    """Each once: scripts share modules."""
    return tuple(dict.fromkeys(found))[:KEPT]


def _certain(reader: Reader, chains: Sequence[Chain]) -> list[Chain]:
    """Without those that leave values as they are while code that no idiom explains may change them."""
    if any(chain.role == "model" for chain in chains) or not _scales_elsewhere(reader, chains):
        return list(chains)
    return [replace(chain, values=None) if chain.framework and chain.is_raw else chain for chain in chains]


def _scales_elsewhere(reader: Reader, chains: Sequence[Chain]) -> bool:
    explained = {chain.where for chain in chains if not chain.is_raw}
    return (
        any(
            called(call) in linked.SCALERS
            and reader.place(call) not in explained
            and not keras_data.is_shown(reader, call)
            for call in reader.calls()
        )
        and not explained
    )


def training(reader: Reader) -> list[str]:
    """Where the program trains a network. `fit` of an encoder or a scaler has no such arguments."""
    return [
        reader.place(call)
        for call in reader.calls()
        if (called(call) in TRAINS or is_minimised(reader, call))
        and (called(call) != "fit" or bool(call.keywords) or len(call.args) > 1)
        and (called(call) != "backward" or optimising.learns(reader.source(call), reader.program.sources))
    ]


def is_minimised(reader: Reader, call: ast.Call) -> bool:
    """`optimizer.minimize(loss)` of TensorFlow; SciPy's function of this name trains nothing."""
    return called(call) == "minimize" and not reader.dotted(call.func).startswith("scipy")


def _named(network: Backbone) -> str:
    return f"{network.library} {network.shown} ({network.where})"
