"""What the check `preprocessing` says about the ways from image to network that were read."""

from collections.abc import Iterator, Sequence

from grader.checks import free_form
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, error, note, warning
from grader.reading.preprocessing import FITTING, WRONG, Found, Judged

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
    if ways and not certain and (wrong or found.unread):
        unread = f"; it may be in {', '.join(found.unread[:3])}, which cannot be read" if found.unread else ""
        raise NotMeasured(
            f"the program that trained this network is not here, so nobody can tell what it did{unread}"
        )
    if not wrong:
        require_decided(ways)


def findings(ways: Sequence[Judged], certain: bool) -> Iterator[Finding]:
    """Errors, or warnings where another witness is stronger; then warnings on sizes, then what is right."""
    wrong = [way for way in ways if way.verdict in WRONG]
    for way in wrong[: free_form.SHOWN]:
        yield (error if certain else warning)(_text(way), way.where, HINT)
    if len(wrong) > free_form.SHOWN:
        yield note(f"{len(wrong)} such places in all")
    for way in [each for each in ways if each.verdict == "geometry differs"][: free_form.SHOWN]:
        yield warning(f"the values are right for {way.backbone}, the size is not: {way.detail}", way.where)
    for way in [each for each in ways if each.verdict == "match"][: free_form.SHOWN]:
        yield note(f"as {way.backbone} wants it: {way.found}", way.where)


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


def _text(way: Judged) -> str:
    found = f"{way.found}, expected {way.expected}" if way.found != way.expected else way.found
    return f"{WORDS[way.verdict]} for {way.backbone} ({way.backbone_where}): {found}: {way.detail}"
