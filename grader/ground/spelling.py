"""Paths that name one file in several ways: `./x`, `a\\b`, composed and decomposed accents, letter case."""

import posixpath
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from grader.ground.visible import visible

Record = TypeVar("Record", bound=Struct)


class Spellings:
    """The files of one submission, found by whatever spells their paths."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        for path in paths:
            plain = _plain(path)
            self._exact.setdefault(plain, []).append(path)
            self._folded.setdefault(plain.casefold(), []).append(path)

    def of(self, path: str) -> str:
        """The one file that `path` means; `path` itself where there is none, or more than one."""
        plain = _plain(path.replace("\\", "/"))
        for known, key in ((self._exact, plain), (self._folded, plain.casefold())):
            found = known.get(key, [])
            if len(found) == 1:
                return found[0]
            if found:
                break
        return path


def respelled(record: Record, dotted: Iterable[str], spelled: Callable[[str], str]) -> Record:
    """`record` with its paths, such as "data.splits", as the files are spelled; of a list each file once."""
    for name in dotted:
        first, _, rest = name.partition(".")
        value = getattr(record, first)
        if rest:
            found = respelled(value, (rest,), spelled)
        else:
            found = spelled(value) if isinstance(value, str) else tuple(dict.fromkeys(map(spelled, value)))
        record = replace(record, **{first: found})
    return record


def _plain(path: str) -> str:
    """As git lists it, with composed accents; hidden characters stand as they are shown."""
    return visible(unicodedata.normalize("NFC", posixpath.normpath(path)))
