"""What is told of the ways on which images come to a network: plain data that is kept."""

from typing import Literal

from msgspec import Struct

Fit = Literal["match", "geometry differs", "near miss", "mismatch in evaluation", "mismatch", "undetermined"]
WRONG: tuple[Fit, ...] = ("mismatch", "near miss", "mismatch in evaluation")
FITTING: tuple[Fit, ...] = ("geometry differs", "match")
WORST: tuple[Fit, ...] = (*WRONG, "undetermined", *FITTING)


class Judged(Struct, frozen=True, kw_only=True):
    """One way to one network. `found` and `expected` are in words; `trains`: its program trains a network."""

    verdict: Fit
    where: str
    backbone: str
    backbone_where: str
    role: str
    trains: bool
    found: str = ""
    expected: str = ""
    detail: str = ""


class Found(Struct, frozen=True, kw_only=True, tag="free-form"):
    """`trains`: places of calls that train. `unread` could hold more: not there, not Python, or too large.

    `record` is what the training wrote into its log, where a contract names one. `doubtful` are places that
    may load pretrained weights in a way that is not recognised. `idle` are pretrained networks that are
    built, while another one is trained.
    """

    looked_at: int
    ways: tuple[Judged, ...] = ()
    record: Judged | None = None
    pretrained: tuple[str, ...] = ()
    trains: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def decisive(self) -> tuple[Judged, ...]:
        """Those of the programs that train, where any of them does."""
        return tuple(way for way in self.ways if way.trains) or self.ways
