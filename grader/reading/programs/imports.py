"""Which of a submission's own files an import means, as Python would look for it."""

from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import PurePosixPath


def resolve(module: str, level: int, importer: str, paths: Collection[str]) -> str:
    """The path of a module's file, or of a package's `__init__.py`; "" for what is a library's.

    Where a script was started from decides what a name means: its own folder comes first, then the folders
    around it, then the one file that the name fits anywhere, for students move files.
    """
    wanted = module.replace(".", "/")
    for folder in _folders(importer, level):
        for path in _files(folder, wanted):
            if path in paths and path != importer:
                return path
    if level or not wanted:
        return ""
    ends = [
        path
        for path in paths
        if path != importer and f"/{path}".endswith((f"/{wanted}.py", f"/{wanted}/__init__.py"))
    ]
    return (
        ends[0]
        if len(ends) == 1
        else _guessed(module, importer, [path for path in paths if path != importer])
    )


def _folders(importer: str, level: int) -> Iterator[PurePosixPath]:
    folder = PurePosixPath(importer).parent
    if level:
        yield (
            folder.joinpath(*[".."] * 0)
            if level == 1
            else PurePosixPath(*folder.parts[: len(folder.parts) - level + 1])
        )
        return
    yield folder
    yield from folder.parents


def _files(folder: PurePosixPath, wanted: str) -> Iterator[str]:
    if not wanted:
        yield str(folder / "__init__.py")
        return
    yield str(folder / f"{wanted}.py")
    yield str(folder / wanted / "__init__.py")


@lru_cache(10_000)  # each import of each file asks about all files
def _names(path: str) -> frozenset[str]:
    """Of the folders, and of the file with and without its ending."""
    return frozenset((*PurePosixPath(path).parts, PurePosixPath(path).stem))


def _guessed(module: str, importer: str, paths: Sequence[str]) -> str:
    """In the importer's folder, else the path most like the module's name: students rename folders."""
    wanted = module.replace(".", "/")
    first = wanted.split("/")[0]
    if not any(first in _names(path) for path in paths):
        return ""  # a library's, such as keras.models beside an own models.py
    named = [path for path in paths if PurePosixPath(path).stem == PurePosixPath(wanted).name]
    exact = [path for path in named if path.endswith(f"{wanted}.py")]
    folder = PurePosixPath(importer).parent
    beside = [path for path in exact or named if PurePosixPath(path).parent == folder]
    if len(exact or named) == 1 or not named:
        return (exact or named or [""])[0]
    if beside:
        return beside[0]
    return max(named, key=lambda path: SequenceMatcher(None, wanted, path).ratio())
