"""TOML into typed records, with mistakes told by file, key and nearest known key."""

import re
import tomllib
from typing import Any, TypeVar, get_args

import msgspec

from grader.ground import encoded

Record = TypeVar("Record", bound=msgspec.Struct)

LIMIT = 1_000_000  # characters of one file
# The parser's time grows with the square of a key's depth. Ours are four deep.
DOTS = 100  # on one line, outside of quotes
INTEGERS = range(-(2**63), 2**63)  # https://toml.io/en/v1.0.0#integer
_QUOTED = re.compile(
    r'"""(?:\\.|.)*?(?:"""|\Z)|'
    r"'''.*?(?:'''|\Z)|"
    r'"(?:\\[^\n]|[^"\\\n])*+"?|'
    r"'[^'\n]*+'?|#[^\n]*+",
    re.DOTALL,
)

_BY_PATTERN = re.compile("Expected `str` matching regex .*", re.DOTALL)  # of `settings.Inside`, the only one


class Misfit(ValueError):
    """The text is not what the record asks for. `str()` is one sentence that starts with the file's name."""


def load(text: str | bytes, record: type[Record], name: str) -> Record:
    """The TOML `text` of the file `name` as a `record`.

    Raises:
        Misfit: not UTF-8, not TOML, an unknown key, a missing key, or a value of another type.
    """
    return convert(parse(text, name), record, name)


def parse(text: str | bytes, name: str) -> dict[str, Any]:
    """The tables of a TOML file as plain dictionaries, in a time that its length bounds. Raises Misfit."""
    try:
        text = text if isinstance(text, str) else encoded.text(text)
    except UnicodeDecodeError as error:
        raise Misfit(
            f"{name}: byte {error.start} is not {error.encoding.upper()}; save the file as UTF-8"
        ) from None
    _require_short(text, name)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = encoded.conflict(text)
        found = f"a merge conflict that is not resolved begins on line {line}" if line else _plainly(error)
        raise Misfit(f"{name}: {found}") from None
    except RecursionError:
        raise Misfit(f"{name}: not TOML: nested too deeply") from None
    except ValueError:  # of Python's int(), at thousands of digits
        raise Misfit(f"{name}: a number has more digits than TOML's integers, which have 64 bits") from None
    _require_integers(tables, name)
    return tables


def _plainly(error: tomllib.TOMLDecodeError) -> str:
    return f"not TOML: {str(error)[:300].replace('Invalid', 'cannot read the', 1)}"


def _require_short(text: str, name: str) -> None:
    if len(text) > LIMIT:
        raise Misfit(f"{name}: {len(text):,} characters, at most {LIMIT:,} are read")
    if text.count(".") > DOTS:
        deepest = max(line.count(".") for line in _QUOTED.sub("", text).split("\n"))
        if deepest > DOTS:
            raise Misfit(f"{name}: a line has {deepest:,} dots outside of quotes, at most {DOTS} are read")


def _require_integers(tables: dict[str, Any], name: str) -> None:
    """Python takes integers of any size; nothing that we write them to does."""
    left: list[tuple[str, Any]] = [("", tables)]
    while left:
        key, value = left.pop()
        if isinstance(value, dict):
            left += [(dotted(key, child), each) for child, each in value.items()]
        elif isinstance(value, list):
            left += [(key, each) for each in value]
        elif isinstance(value, int) and value not in INTEGERS:
            raise Misfit(f"{name}: {key[:100]}: a larger number than TOML's integers, which have 64 bits")


def mistakes(data: dict[str, Any], record: type[msgspec.Struct], name: str, key: str = "") -> list[str]:
    """All that keeps `data` from being a `record`, in the words of `convert`; none where it is one."""
    found = []
    for field in msgspec.structs.fields(record):
        if field.encode_name in data:
            found += _mistake(data[field.encode_name], field.type, name, dotted(key, field.encode_name))
        elif field.required:
            found.append(f"{name}: {f'{key}: ' if key else ''}missing the key {field.encode_name}")
    known = record.__struct_encode_fields__
    unknown = [each for each in data if each not in known]
    found += (
        f"{name}: {dotted(key, each)} is not a known key{did_you_mean(each, known)}" for each in unknown
    )
    return found or _mistake(data, record, name, key)


def _mistake(data: Any, kind: Any, name: str, key: str) -> list[str]:
    try:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            refuse_unknown_keys(data, kind, name, key)
        msgspec.convert(data, kind)
    except Misfit as misfit:
        return [str(misfit)]
    except msgspec.ValidationError as error:
        return [f"{name}: {_reworded(str(error), key)}"]
    return []


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
    import difflib  # only a mistake has a nearest word

    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {nearest[0]}?" if nearest else f"; known are {', '.join(sorted(known))}"


def dotted(key: str, child: str) -> str:
    return f"{key}{'' if child.startswith('[') else '.'}{child}" if key else child


def _reworded(complaint: str, key: str) -> str:
    """msgspec says "Expected `int`, got `str` - at `$.a.b`"; people read "a.b: expected int, got str"."""
    what, _, path = complaint.partition(" - at `")
    what = _BY_PATTERN.sub("expected a path that stays inside", what)
    place = path.rstrip("`").removeprefix("$").removeprefix(".")
    place = dotted(key, place) if place else key
    what = what.replace("Object missing required field", "missing the key").replace("`", "")
    return f"{place}: {what[0].lower()}{what[1:]}" if place else f"{what[0].lower()}{what[1:]}"
