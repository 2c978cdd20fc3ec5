"""What the check `preprocessing` says about the measured behaviour of a submission's program."""

from collections.abc import Iterator, Sequence

from grader import contract
from grader.ground.reference import Reference
from grader.ground.verdict import Finding, error, note, warning
from grader.reading.preprocessing import nearest
from grader.running.behaviour import Behaviour
from grader.workers.messages import Probed

CLOSE = 0.002  # of mean and std, as measured: single precision and 8-bit colours allow no more
HINT = "take the values from the weights: weights.transforms(), or timm.data.resolve_data_config"


def findings(measured: Behaviour, references: Sequence[Reference], weights: str) -> Iterator[Finding]:
    """The one thing that is wrong with it, or a note that nothing is."""
    probed, other = measured.landscape, measured.portrait
    troubled = next((each for each in (probed, other) if each.trouble), None)
    if troubled:
        yield warning(
            f"what [run] preprocess writes {troubled.trouble}", contract.NAME, "save a .npy file: C, H, W"
        )
    elif not _same_colours(probed, other):
        yield error(
            f"measured on two probe images, the network is fed a bright one as {_colours(probed)} and a dark"
            f" one as {_colours(other)}: by numbers of the image itself; {weights} expects the same for all",
            contract.NAME,
            HINT,
        )
    elif not colours_agree(measured, references):
        wanted = nearest(references, probed.mean, probed.std)
        yield error(
            f"measured on a probe image, the network is fed {_colours(probed)}{_cause(probed, wanted)};"
            f" {weights} expects {_colours(wanted)} ({wanted.source})",
            contract.NAME,
            HINT,
        )
    else:
        yield _geometry_finding(measured, references, weights)


def colours_agree(measured: Behaviour, references: Sequence[Reference]) -> bool:
    """Whether order, mean and std are those of one accepted reference, for both images."""
    probed = measured.landscape
    if is_odd(measured) or not _same_colours(probed, measured.portrait):
        return False
    return any(
        probed.order == reference.order
        and _close(probed.mean, reference.mean)
        and _close(probed.std, reference.std)
        for reference in references
    )


def is_odd(measured: Behaviour) -> bool:
    """Whether what was written is nothing that a network is fed, so that it says nothing."""
    return bool(measured.landscape.trouble or measured.portrait.trouble)


def _geometry_finding(measured: Behaviour, references: Sequence[Reference], weights: str) -> Finding:
    for kind, probed in (("", measured.landscape), ("portrait ", measured.portrait)):
        if not any(_same_geometry(probed, reference) for reference in references):
            ways = " or ".join(dict.fromkeys(_geometry(each) for each in references))
            return warning(
                f"measured on a {kind}probe image, it is prepared with {_measured_geometry(probed)},"
                f" {weights} expects {ways}",
                contract.NAME,
                HINT,
            )
    first = measured.landscape
    return note(
        f"measured on a probe image: {_colours(first)}, {_measured_geometry(first)}, as {weights} expects"
    )


def _same_colours(one: Probed, other: Probed) -> bool:
    """Whatever their scale is: a std of 255 is measured less exactly than one of 0.2."""
    pairs = zip((*one.mean, *one.std), (*other.mean, *other.std), strict=True)
    return one.order == other.order and all(abs(a - b) <= 2 * CLOSE * max(1, abs(b)) for a, b in pairs)


def _close(found: Sequence[float], wanted: Sequence[float], factor: float = 1.0) -> bool:
    return all(abs(one - factor * other) <= CLOSE * factor for one, other in zip(found, wanted, strict=True))


def _cause(probed: Probed, wanted: Reference) -> str:
    """The slip that leads to exactly these values, in words."""
    mean, std = probed.mean, probed.std
    if probed.order != wanted.order and sorted(probed.order) == sorted(wanted.order):
        return f": the colours come as {probed.order}"
    if _close(mean, wanted.mean, 1 / 255) and _close(std, wanted.std, 1 / 255):
        return ": 0..255 was normalised, which is meant for 0..1"
    if _close(mean, wanted.mean, 255) and _close(std, wanted.std, 255):
        return ": the pixels were divided by 255 twice"
    if _close(mean, (0, 0, 0)) and _close(std, (1, 1, 1)):
        return ": 0..1, not normalised"
    if _close(mean, (0, 0, 0)) and _close(std, (1, 1, 1), 1 / 255):
        return ": 0..255, neither scaled nor normalised"
    return ""


def _same_geometry(probed: Probed, reference: Reference) -> bool:
    measured = (probed.width, probed.height, probed.resize, probed.fit, probed.interpolation)
    side = reference.crop
    if not reference.resize:  # the source says no more than the size
        return not side or measured[:2] == (side, side)
    return measured == (side, side, reference.resize, reference.fit, reference.interpolation)


def _colours(found: Probed | Reference) -> str:
    return f"{found.order} with mean {_text(found.mean)} and std {_text(found.std)}"


def _measured_geometry(probed: Probed) -> str:
    size = f"{probed.width}x{probed.height}"
    if not probed.resize:
        return f"size {size} by no known way of resizing and cropping"
    return f"{probed.fit} resize {probed.resize}, size {size}, {probed.interpolation}"


def _geometry(reference: Reference) -> str:
    side = reference.crop
    return f"{reference.fit} resize {reference.resize}, size {side}x{side}, {reference.interpolation}"


def _text(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(f"{number:.3g}" for number in numbers) + ")"
