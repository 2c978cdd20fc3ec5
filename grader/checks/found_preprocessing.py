"""The check `preprocessing` without a contract: what the programs do, and where nobody could know."""

from collections.abc import Iterator

from grader.checks import free_form
from grader.errors import NotMeasured
from grader.preprocessing import Found, Judged
from grader.verdict import Finding, error, note, warning

HINT = (
    "take the values from the weights: weights.transforms(), preprocess_input of the same family, "
    "or timm's data config"
)
WRONG = ("mismatch", "near miss", "mismatch in evaluation")


def judge(found: Found) -> Iterator[Finding]:
    yield free_form.said()
    ways = found.decisive
    wrong = [way for way in ways if way.verdict in WRONG]
    certain = any(way.trains for way in ways)
    for way in wrong[: free_form.SHOWN]:
        yield (error if certain else warning)(_text(way), way.where, HINT)
    if len(wrong) > free_form.SHOWN:
        yield note(f"{len(wrong)} such places in all")
    for way in [each for each in ways if each.verdict == "geometry differs"][: free_form.SHOWN]:
        yield warning(f"the values are right for {way.backbone}, the size is not: {way.detail}", way.where)
    for way in [each for each in ways if each.verdict == "match"][: free_form.SHOWN]:
        yield note(f"as {way.backbone} wants it: {way.found}", way.where)
    if not ways:
        yield from _no_network(found)
    if wrong and not certain:
        raise NotMeasured("the program that trained this network is not here, so nobody can tell what it did")
    undecided = [way for way in ways if way.verdict == "undetermined"]
    if undecided and not wrong:
        first = undecided[0]
        raise NotMeasured(f"{first.backbone or 'a network'}, {first.where}: {first.detail}")


def _no_network(found: Found) -> Iterator[Finding]:
    if found.unread:
        raise NotMeasured(f"what could say it cannot be read: {', '.join(found.unread[:3])}")
    if not found.trains:
        raise NotMeasured(f"none of the {found.looked_at} programs and notebooks trains a network")
    yield error(
        f"no pretrained weights: none of the {found.looked_at} programs and notebooks loads any",
        found.trains[0],
        "begin with a network trained on ImageNet, such as torchvision.models.resnet18(weights='DEFAULT')",
    )


def _text(way: Judged) -> str:
    what = {"near miss": "nearly right", "mismatch in evaluation": "wrong in evaluation"}.get(
        way.verdict, "wrong"
    )
    found = f"{way.found}, expected {way.expected}" if way.found != way.expected else way.found
    return f"{what} for {way.backbone} ({way.backbone_where}): {found}: {way.detail}"
