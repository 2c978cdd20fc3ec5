"""How each pretrained weight wants its images: the table that training/preprocessing_table.py writes."""

import csv
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.ground import networks, toml
from grader.ground.reference import Reference, Triple

TABLE = Path(__file__).with_name("table.tsv")
DEFAULT = ("default", "DEFAULT")  # what torchvision and timm call the weights that stand first in the table


class Unknown(LookupError):
    """The table has no such library, backbone or weights: one sentence."""


def accepted(library: str, backbone: str, weights: str) -> tuple[Reference, ...]:
    """Every accepted way, the library's own first. Raises Unknown."""
    rows = tuple(_rows(library, backbone))
    if not rows:
        raise Unknown(_unknown_backbone(library, backbone))
    wanted = rows[0]["weights"] if weights in DEFAULT else weights
    chosen = tuple(_reference(row) for row in rows if row["weights"] == wanted)
    if not chosen:
        near = toml.did_you_mean(weights[:100], {row["weights"] for row in rows})
        raise Unknown(f"{library} has no weights {weights[:100]!r} for {backbone}{near}")
    return chosen


@functools.cache
def names(library: str) -> frozenset[str]:
    """Every backbone of a library."""
    with TABLE.open(encoding="utf-8") as file:
        pairs = (line.split("\t", 2)[:2] for line in file)
        return frozenset(backbone for owner, backbone in pairs if owner == library)


def nearest(references: Sequence[Reference], mean: Sequence[float], std: Sequence[float]) -> Reference:
    """The reference whose mean and std differ least; the first where nothing is known (empty sequences)."""

    def distance(reference: Reference) -> float:
        pairs = [*zip(mean, reference.mean, strict=False), *zip(std, reference.std, strict=False)]
        return sum(abs(one - other) for one, other in pairs)

    return min(references, key=distance)


def _rows(library: str, backbone: str) -> Iterator[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        columns = file.readline().split()
        own = (line for line in file if line.startswith(f"{library}\t{backbone}\t"))
        yield from csv.DictReader(own, columns, delimiter="\t")


def _reference(row: dict[str, str]) -> Reference:
    return Reference(
        resize=int(row["resize"] or 0),
        crop=int(row["crop"] or 0),
        fit=row["fit"],
        interpolation=row["interpolation"],
        mean=_triple(row["mean"]),
        std=_triple(row["std"]),
        order=row["order"],
        source=row["source"],
    )


def _triple(text: str) -> Triple:
    red, green, blue = map(float, text.split(","))
    return red, green, blue


def _unknown_backbone(library: str, backbone: str) -> str:
    with TABLE.open(encoding="utf-8") as file:
        names = [line.split("\t", 2)[:2] for line in file][1:]
    libraries = {name for name, _ in names}
    if library not in libraries:
        return f"the library {library!r} is not known{toml.did_you_mean(library, libraries)}"
    known = {name for owner, name in names if owner == library}
    meant = networks.same(backbone[:100], known)  # the nearest name would be another network
    hint = f"; did you mean {meant}?" if meant else ""
    return f"{library} has no pretrained backbone {backbone[:100]!r}{hint}"
