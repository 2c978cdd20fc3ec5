"""Ways to a network against what its weights want: by behaviour on probe images, then by sizes."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from grader.ground.reference import Reference
from grader.reading.preprocessing import affine, backbones, slips
from grader.reading.preprocessing.affine import Affine
from grader.reading.preprocessing.backbones import Backbone
from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.records import FITTING, WORST, WRONG, Fit, Judged

# In grey levels of 0..255: division by 256, a mean of 104 for 103.939 and (x - 128) / 128 are roundings.
TOLERANCE = 1.05


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
            best = _best([_compare(each, _inside(chain, steps, each), trains) for each in fitting])
            judged.append((chain, best))
    untrained = any(not network.pretrained for network in networks)
    yield from _doubted(judged, untrained)


def _doubted(judged: Sequence[tuple[Chain, Judged]], untrained: bool) -> Iterator[Judged]:
    """Where one way fits, what fits no weights may well be for another network, or never be taken."""
    fits = any(each.verdict in FITTING for _, each in judged)
    for chain, each in judged:
        doubt = _doubt(chain, untrained)
        if fits and doubt and each.verdict in WRONG:
            each = replace(each, verdict="undetermined", detail=f"{each.detail}; {doubt}")
        yield each


def _doubt(chain: Chain, untrained: bool) -> str:
    if untrained:
        return "it may be for the network without pretrained weights"
    if chain.optional:
        return "it is one of several branches"
    if chain.is_raw and chain.role == "both":
        return "it may be for looking at the images, or for their statistics"
    return ""


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
        found="the values of the weights themselves" if chain.published else _values(_seen(chain, reference)),
        expected=_values(backbones.wanted(reference)) + f", by {reference.source}" if reference else "",
        detail=detail,
    )


def _verdict(network: Backbone, chain: Chain) -> tuple[Fit, Reference | None, str]:
    if chain.published and chain.checkpoint in ("", network.name):
        return "match", None, ""
    if chain.published:
        return "undetermined", None, f"these values are published with {chain.checkpoint}"
    if chain.values is None:
        return "undetermined", None, "reading cannot tell what becomes of the values of a pixel"
    if not network.references:
        return "undetermined", None, f"no reference is known for {network.library} {network.shown}"
    apart, nearest, found = min(
        ((_apart(chain, each), each, _seen(chain, each)) for each in network.references),
        key=lambda measured: measured[0],
    )
    if apart > TOLERANCE:
        slip = slips.of_values(found or Affine(), backbones.wanted(nearest))
        evaluation: Fit = "mismatch in evaluation" if chain.role == "eval" else "mismatch"
        far = f"up to {apart:.0f} grey levels of 255 apart" if apart <= 255 else "on another scale"
        return ("near miss" if slip else evaluation), nearest, slip or far
    if chain.role == "eval" and chain.random:
        return "mismatch in evaluation", nearest, f"{chain.random} gives other images at each evaluation"
    return _sizes(network.references, nearest, chain)


def _seen(chain: Chain, reference: Reference | None) -> Affine | None:
    return chain.seen(reference.mean, reference.std) if reference else chain.values


def _apart(chain: Chain, reference: Reference) -> float:
    return affine.distance(_seen(chain, reference) or Affine(), backbones.wanted(reference))


def _sizes(
    references: Sequence[Reference], nearest: Reference, chain: Chain
) -> tuple[Fit, Reference | None, str]:
    """Keras publishes no recipe for sizes; training may cut as it likes."""
    crop = chain.crop or (chain.resize if chain.squash else 0)
    if chain.role == "train" or chain.random or not nearest.resize or not (crop or chain.resize):
        return "match", nearest, ""
    if any(_fits(chain, crop, each) for each in references):
        return "match", nearest, ""
    typo = next((each.crop for each in references if slips.is_typo(chain.crop, each.crop)), 0)
    if typo:
        return "near miss", nearest, f"crop {crop} for {typo}, a typing mistake?"
    shown = f"both sides {crop}" if chain.squash else f"resize {chain.resize}, crop {crop or 'none'}"
    wanted = f"resize {nearest.resize}, crop {nearest.crop}"
    if chain.interpolation:
        shown, wanted = f"{shown}, {chain.interpolation}", f"{wanted}, {nearest.interpolation}"
    return "geometry differs", nearest, f"{shown}; expected {wanted}"


def _fits(chain: Chain, crop: int, reference: Reference) -> bool:
    return (
        chain.squash == (reference.fit == "squash")
        and (chain.resize, crop) == (reference.resize, reference.crop)
        and chain.interpolation in ("", reference.interpolation)
    )


def _values(values: Affine | None) -> str:
    """`RGB, mean (0.485, ...), std (0.229, ...)`, or the range where no colour is special.

    Of grey levels that are not divided: what is subtracted.
    """
    if values is None:
        return "not known"
    if len(set(values.factor)) == len(set(values.shift)) == 1:
        least, most = values.apply((0.0, 0.0, 0.0))[0], values.apply((255.0, 255.0, 255.0))[0]
        return f"values from {least:.4g} to {most:.4g}{', BGR' if values.order == 'bgr' else ''}"
    if all(abs(each - 1) < 1e-6 for each in values.factor) and all(each <= 0 for each in values.shift):
        return f"subtracts {', '.join(f'{-each:.6g}' for each in values.shift)}, {values.order.upper()}"
    mean, std = (", ".join(f"{each:.4g}" for each in triple) for triple in (values.mean, values.std))
    return f"{values.order.upper()}, mean ({mean}), std ({std})"
