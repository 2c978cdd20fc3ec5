"""TOML into typed records, with mistakes told by file, key and nearest known key."""

import difflib
import tomllib
from typing import Any, TypeVar, get_args

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


class Misfit(ValueError):
    """The text is not what the record asks for. `str()` is one sentence that starts with the file's name."""


def load(text: str | bytes, record: type[Record], name: str) -> Record:
    """The TOML `text` of the file `name` as a `record`.

    Raises:
        Misfit: not UTF-8, not TOML, an unknown key, a missing key, or a value of another type.
    """
    return convert(parse(text, name), record, name)


def parse(text: str | bytes, name: str) -> dict[str, Any]:
    """The tables of a TOML file as plain dictionaries. Raises Misfit."""
    try:
        return tomllib.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Misfit(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misfit(f"{name}: not TOML: {str(error) or 'nested too deeply'}") from None


def convert(data: Any, record: type[Record], name: str, key: str = "") -> Record:
    """`data`, found under `key` of the file `name`, as a `record`. Raises Misfit."""
    refuse_unknown_keys(data, record, name, key)
    try:
        return msgspec.convert(data, record)
    except msgspec.ValidationError as error:
        raise Misfit(f"{name}: {_reworded(str(error), key)}") from None


def refuse_unknown_keys(data: Any, record: type[msgspec.Struct], name: str, key: str = "") -> None:
    """Raises Misfit at the first key, at any depth, that `record` does not have."""
    if not isinstance(data, dict):
        return
    known = {field.encode_name: field.type for field in msgspec.structs.fields(record)}
    for unknown in data.keys() - known.keys():
        raise Misfit(f"{name}: {dotted(key, unknown)} is not a known key{did_you_mean(unknown, known)}")
    for child, kind in known.items():
        for candidate in (kind, *get_args(kind)):
            if child in data and isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
                refuse_unknown_keys(data[child], candidate, name, dotted(key, child))


def did_you_mean(word: str, known: Any) -> str:
    """A closing half-sentence that names the nearest known word, or all of them where none is near."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {nearest[0]}?" if nearest else f"; known are {', '.join(sorted(known))}"


def dotted(key: str, child: str) -> str:
    return f"{key}.{child}" if key else child


def _reworded(complaint: str, key: str) -> str:
    """msgspec says "Expected `int`, got `str` - at `$.a.b`"; people read "a.b: expected int, got str"."""
    what, _, path = complaint.partition(" - at `")
    place = path.rstrip("`").removeprefix("$").removeprefix(".")
    place = dotted(key, place) if place else key
    what = what.replace("Object missing required field", "missing the key").replace("`", "")
    return f"{place}: {what[0].lower()}{what[1:]}" if place else f"{what[0].lower()}{what[1:]}"
