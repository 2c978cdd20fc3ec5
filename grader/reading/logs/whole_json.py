"""JSON files that are one value: a Keras history, a list of epochs, Hugging Face's trainer state."""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from grader.reading.logs.lines import Line

LONGEST = 20_000_000  # characters
MOST = 20_000  # objects


def lines(text: str) -> tuple[Line, ...]:
    """One line an object, as a JSON Lines file has them; nothing where the text is not one JSON value."""
    text = text.strip()
    if text[:1] not in ("{", "[") or len(text) > LONGEST:
        return ()
    try:
        if text[0] == "[":
            return _numbered(msgspec.json.decode(text, type=list[Raw]))
        whole = msgspec.json.decode(text, type=dict[str, Raw])
        if "log_history" in whole:
            return _numbered(msgspec.json.decode(whole["log_history"], type=list[Raw]))
        return _numbered([Raw(text.encode())])
    except (msgspec.DecodeError, RecursionError):
        return ()


def _numbered(objects: Sequence[Raw]) -> tuple[Line, ...]:
    """Each object on one line: outside of texts, JSON's line ends mean nothing, and inside there are none."""
    return tuple(
        Line(1, bytes(found).decode().replace("\n", " ").replace("\r", " ")) for found in objects[:MOST]
    )
