"""One network in the spellings that its library and its users have for it."""

from collections.abc import Iterable

DEFAULTS = frozenset({"", "default"})  # of weights: those that stand first
HUB = ("hf_hub:", "hf-hub:", "timm/")  # where timm looks for a name
TAKEN_FOR = str.maketrans("oil", "011")
CASELESS = ("torchvision", "timm")  # their names are all small; Keras' are not, and tell networks apart


def named(library: str, backbone: str, weights: str) -> tuple[str, str]:
    """Backbone and weights as the library itself calls them.

    timm writes both as one name, `resnet50.a1_in1k`; torchvision has `ResNet50_Weights.DEFAULT`.
    Raises ValueError: one name holds other weights than are named beside it.
    """
    if library not in CASELESS:
        return backbone, weights
    backbone = backbone.strip().lower()
    if library == "torchvision":
        return backbone, _of_torchvision(weights.strip())
    for prefix in HUB:
        backbone = backbone.removeprefix(prefix)
    name, _, tag = backbone.partition(".")
    weights = weights.strip().lower()
    if tag and weights not in DEFAULTS and weights not in (tag, backbone):
        raise ValueError(f"backbone {backbone!r} names the weights {tag!r}, weights is {weights!r}")
    return name, tag or weights.removeprefix(f"{name}.")


def same(backbone: str, known: Iterable[str]) -> str:
    """The one of these names that differs by case, dashes and the like alone; "" where none or several do."""
    found = [name for name in known if _plain(name) == _plain(backbone)]
    return found[0] if len(found) == 1 else ""


def _of_torchvision(weights: str) -> str:
    name = weights.rpartition(".")[2]
    return name.lower() if name.lower() in DEFAULTS else name.upper()


def _plain(name: str) -> str:
    """What is left of a name that somebody typed from a screen: `ResNet-5O` as `resnet50`."""
    return "".join(letter for letter in name.casefold().translate(TAKEN_FOR) if letter.isalnum())
