"""What is imported when somebody first asks for it: functions of a package, entries of a table.

The records of a package are plain data; what fills them loads parsers and grammars. A command that judges
what was saved has use for the records alone. The form is that of Scientific Python's SPEC 1:

    if TYPE_CHECKING:
        from grader.reading.phases.order import find
    else:
        __getattr__ = lazy.attached(__name__, {"find": "order"})
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Entry = TypeVar("Entry")


def attached(package: str, places: Mapping[str, str]) -> Callable[[str], object]:
    """The package's `__getattr__` (PEP 562): `places` says which of its modules defines a name.

    A name must not be that of a module of the package: importing a module puts it in the name's place.
    """

    def find(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(importlib.import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return find


class Table(Mapping[str, Entry]):
    """Name to entry, given as `module.entry` below `package`."""

    def __init__(self, package: str, places: Mapping[str, str]) -> None:
        self._package = package
        self._places = places

    def __getitem__(self, name: str) -> Entry:
        module, _, entry = self._places[name].rpartition(".")
        found: Entry = getattr(importlib.import_module(f"{self._package}.{module}"), entry)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places
