"""What the check `preprocessing` says about the ways from image to network that were read."""

from collections.abc import Iterator, Sequence

from grader.checks import free_form
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, error, note, warning
from grader.reading.preprocessing import FITTING, WRONG, Found, Judged
from grader.reading.preprocessing.records import Fit

HINT = (
    "take the values from the weights: weights.transforms(), preprocess_input of the same family, "
    "or timm's data config"
)
WORDS = {"near miss": "nearly right", "mismatch in evaluation": "wrong in evaluation", "mismatch": "wrong"}


def judge(found: Found) -> Iterator[Finding]:
    """Without a contract: what the programs do, and where nobody could know."""
    ways = found.decisive
    certain = any(way.trains for way in ways)
    yield from findings(ways, certain)
    if not ways:
        yield from _no_network(found)
    wrong = any(way.verdict in WRONG for way in ways)
    if ways and not certain:
        unread = f"; it may be in {', '.join(found.unread[:3])}, which cannot be read" if found.unread else ""
        raise NotMeasured(
            f"no program that trains this network was found, so nobody can tell what it did{unread}"
        )
    if not wrong:
        require_decided(ways)


def verified(ways: Sequence[Judged]) -> str:
    """What each network gets, and whether its sizes are others than those of the weights."""
    told = dict.fromkeys(f"{_name(way)} {_verb(way)}{way.found}" for way in ways)
    sizes = ", in another size" if any(way.verdict == "geometry differs" for way in ways) else ""
    return f"As the pretrained weights want it: {'; '.join([*told][: free_form.SHOWN])}{sizes}."


def findings(ways: Sequence[Judged], certain: bool) -> Iterator[Finding]:
    """Errors, or warnings where another witness is stronger; then warnings on sizes, then what is right."""
    wrong = [way for way in ways if way.verdict in WRONG]
    for way in wrong[: free_form.SHOWN]:
        yield (error if certain else warning)(_text(way), way.where, HINT)
    if len(wrong) > free_form.SHOWN:
        yield note(f"{len(wrong)} such places in all")
    size = "the values are right for {name}, the size is not: {detail}"
    for text, where in _once(ways, "geometry differs", size):
        yield warning(text, where)
    for text, where in _once(ways, "match", "as {name} wants it: {found}"):
        yield note(text, where)


def _once(ways: Sequence[Judged], verdict: Fit, text: str) -> list[tuple[str, str]]:
    """What is said of each way of this verdict, the same words once, with the first place."""
    own = [way for way in reversed(ways) if way.verdict == verdict]
    told = {text.format(name=_name(way), detail=way.detail, found=way.found): way.where for way in own}
    return [*told.items()][: free_form.SHOWN]


def require_decided(ways: Sequence[Judged]) -> None:
    """Raises NotMeasured: one of the ways cannot be told, and might be the one that counts."""
    undecided = [way for way in ways if way.verdict not in (*WRONG, *FITTING)]
    if undecided:
        first = undecided[0]
        raise NotMeasured(f"{first.backbone or 'a network'}, {first.where}: {first.detail}")


def _no_network(found: Found) -> Iterator[Finding]:
    if found.unread:
        raise NotMeasured(f"what could say it cannot be read: {', '.join(found.unread[:3])}")
    if not found.trains:
        raise NotMeasured(f"none of the {found.looked_at} programs and notebooks trains a network")
    if found.doubtful:
        raise NotMeasured(f"{found.doubtful[0]}: reading cannot tell whether these are pretrained weights")
    if found.idle:
        yield error(
            f"no pretrained network is trained: {found.idle[0]} is written down, but no training reaches it",
            found.trains[0],
            "train the pretrained network: what the program trains begins from nothing",
        )
        return
    yield error(
        f"no pretrained weights: none of the {found.looked_at} programs and notebooks loads any",
        found.trains[0],
        "begin with a network trained on ImageNet, such as torchvision.models.resnet18(weights='DEFAULT')",
    )


def _name(way: Judged) -> str:
    return way.backbone or "the network that is loaded"


def _verb(way: Judged) -> str:
    return "" if way.found.startswith("subtracts") else "gets "


def _text(way: Judged) -> str:
    found = f"{way.found}, expected {way.expected}" if way.found != way.expected else way.found
    return f"{WORDS[way.verdict]} for {_name(way)} ({way.backbone_where}): {found}: {way.detail}"
