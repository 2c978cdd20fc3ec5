"""Ways to a network against what its weights want: by behaviour on probe images, then by sizes."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from grader.preprocessing import affine, backbones
from grader.preprocessing.affine import Affine
from grader.preprocessing.backbones import Backbone
from grader.preprocessing.pipelines import Chain
from grader.preprocessing.references import Reference

# In grey levels of 0..255: division by 256, a mean of 104 for 103.939 and (x - 128) / 128 are roundings.
TOLERANCE = 1.05
SLIP = 0.001  # two numbers closer than this were meant to be the same

Verdict = Literal[
    "match", "geometry differs", "near miss", "mismatch in evaluation", "mismatch", "undetermined"
]
WORST: tuple[Verdict, ...] = (
    "mismatch", "near miss", "mismatch in evaluation", "undetermined", "geometry differs", "match",
)  # fmt: skip


class Judged(Struct, frozen=True, kw_only=True):
    """One way to one network. `found` and `expected` are in words; `trains`: its program trains a network."""

    verdict: Verdict
    where: str
    backbone: str
    backbone_where: str
    role: str
    trains: bool
    found: str = ""
    expected: str = ""
    detail: str = ""


def judge(networks: Sequence[Backbone], chains: Sequence[Chain], trains: bool) -> Iterator[Judged]:
    """Every way that carries images to a pretrained network."""
    steps = [chain for chain in chains if chain.role == "model"]
    ways = [chain for chain in chains if chain.role != "model"]
    training = [chain for chain in ways if chain.role != "predict"]
    pretrained = [network for network in networks if network.pretrained]
    judged = []
    for chain in training or ways:
        fitting = [each for each in pretrained if chain.framework in ("", each.framework)]
        if fitting:
            judged.append(_best([_compare(each, _inside(chain, steps, each), trains) for each in fitting]))
    untrained = any(not network.pretrained for network in networks)
    yield from _doubted(judged) if untrained else judged
    if not ways and pretrained:
        first = pretrained[0]
        yield Judged(
            verdict="undetermined",
            where=first.where,
            backbone=first.shown,
            backbone_where=first.where,
            role="",
            trains=trains,
            detail="no code was found that reads images for this network",
        )


def _doubted(judged: Sequence[Judged]) -> Iterator[Judged]:
    """Where another network starts from random weights, what fits no weights may well be for that one."""
    fits = any(each.verdict in ("match", "geometry differs") for each in judged)
    for each in judged:
        if fits and each.verdict in ("mismatch", "mismatch in evaluation", "near miss"):
            detail = f"{each.detail}; it may be for the network without pretrained weights"
            each = replace(each, verdict="undetermined", detail=detail)
        yield each


def _inside(chain: Chain, steps: Sequence[Chain], network: Backbone) -> Chain:
    """The way with what the network itself does at its beginning."""
    if network.framework == "keras":
        for step in steps:
            chain = chain.then(step)
    return chain


def _best(judged: Sequence[Judged]) -> Judged:
    """A program with several networks: the way belongs to the one that it fits."""
    return max(judged, key=lambda each: WORST.index(each.verdict))


def _compare(network: Backbone, chain: Chain, trains: bool) -> Judged:
    verdict, reference, detail = _verdict(network, chain)
    return Judged(
        verdict=verdict,
        where=chain.where,
        backbone=network.shown,
        backbone_where=network.where,
        role=chain.role,
        trains=trains,
        found="the values of the weights themselves" if chain.library else _values(chain.values),
        expected=_values(backbones.wanted(reference)) + f", by {reference.source}" if reference else "",
        detail=detail,
    )


def _verdict(network: Backbone, chain: Chain) -> tuple[Verdict, Reference | None, str]:
    if chain.library:
        return "match", None, ""
    if chain.values is None:
        return "undetermined", None, "reading cannot tell what becomes of the values of a pixel"
    if not network.references:
        return "undetermined", None, f"no reference is known for {network.library} {network.shown}"
    found = chain.values
    nearest = min(network.references, key=lambda each: affine.distance(found, backbones.wanted(each)))
    apart = affine.distance(found, backbones.wanted(nearest))
    if apart > TOLERANCE:
        slip = _slip(found, backbones.wanted(nearest))
        evaluation: Verdict = "mismatch in evaluation" if chain.role == "eval" else "mismatch"
        far = f"up to {apart:.0f} grey levels of 255 apart" if apart <= 255 else "on another scale"
        detail = slip or far
        return ("near miss" if slip else evaluation), nearest, detail
    if chain.role == "eval" and chain.random:
        return "mismatch in evaluation", nearest, f"{chain.random} gives other images at each evaluation"
    return _sizes(network.references, nearest, chain)


def _sizes(
    references: Sequence[Reference], nearest: Reference, chain: Chain
) -> tuple[Verdict, Reference | None, str]:
    """Keras publishes no recipe for sizes; training may cut as it likes."""
    crop = chain.crop or (chain.resize if chain.squash else 0)
    if chain.role == "train" or chain.random or not nearest.resize or not (crop or chain.resize):
        return "match", nearest, ""
    if not chain.squash and any((chain.resize, crop) == (each.resize, each.crop) for each in references):
        return "match", nearest, ""
    wanted = f"expected resize {nearest.resize}, crop {nearest.crop}"
    if any(_is_typo(chain.crop, each.crop) for each in references):
        return "near miss", nearest, f"crop {crop} for {nearest.crop}, a typing mistake?"
    shown = f"both sides {crop}" if chain.squash else f"resize {chain.resize}, crop {crop or 'none'}"
    return "geometry differs", nearest, f"{shown}; {wanted}"


def _is_typo(found: int, wanted: int) -> bool:
    """One digit, and not the first, is another one: 244 for 224."""
    one, other = str(found), str(wanted)
    differing = [at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    return len(one) == len(other) > 2 and len(differing) == 1 and differing[0] > 0


def _slip(found: Affine, wanted: Affine) -> str:
    """One wrong number among six is a slip of the hand."""
    if found.order != wanted.order:
        return ""
    pairs = [*zip(found.mean, wanted.mean, strict=True), *zip(found.std, wanted.std, strict=True)]
    wrong = [(is_, meant) for is_, meant in pairs if abs(is_ - meant) > SLIP]
    if len(wrong) != 1:
        return ""
    return f"{wrong[0][0]:.4g} for {wrong[0][1]:.4g}, a typing mistake?"


def _values(values: Affine | None) -> str:
    """`RGB, mean (0.485, ...), std (0.229, ...)`, or the range where no colour is special."""
    if values is None:
        return "not known"
    if len(set(values.factor)) == len(set(values.shift)) == 1:
        least, most = values.apply((0.0, 0.0, 0.0))[0], values.apply((255.0, 255.0, 255.0))[0]
        return f"values from {least:.4g} to {most:.4g}"
    mean, std = (", ".join(f"{each:.4g}" for each in triple) for triple in (values.mean, values.std))
    return f"{values.order.upper()}, mean ({mean}), std ({std})"
