"""What is told of a training's two phases: plain data that is kept."""

from typing import Literal

from msgspec import Struct

Kind = Literal["freeze", "unfreeze", "optimiser", "train", "library"]
Order = Literal["yes", "doubtful", "in a library", "no", "no training"]


class Event(Struct, frozen=True):
    """`partial`: some layers only, by a slice or a condition. `what` is as written, with its loop."""

    kind: Kind
    where: str
    what: str = ""
    partial: bool = False


class Phases(Struct, frozen=True, kw_only=True):
    """`steps` are the events that decide, in order. `unread` are programs that could hold others.

    `lost` are names on the way that could not be followed: they may stand for what was not seen.
    """

    verdict: Order
    reason: str = ""
    steps: tuple[Event, ...] = ()
    layers: str = ""
    whole: bool = False  # phase two trains every layer of the backbone
    unread: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
