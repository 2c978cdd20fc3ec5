"""The kinds of settings that an assignment may change, with their bounds: where they are read, these hold."""

from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=10**9)]
Some = Annotated[int, Meta(ge=1, le=10**9)]
Amount = Annotated[float, Meta(ge=0, le=1e9)]  # and neither infinite nor "not a number"
Share = Annotated[float, Meta(ge=0, le=1)]
Percent = Annotated[float, Meta(ge=0, le=100)]
# A path that stays below where it starts.
Inside = Annotated[str, Meta(pattern=r"^(?![/\\]|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))")]
