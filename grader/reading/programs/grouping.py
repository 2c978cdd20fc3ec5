"""Which sources belong together: a program is what imports join."""

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.reading.programs import imports
from grader.reading.programs.sources import Source


class Program(Struct, frozen=True):
    """Sources that import one another, and for each the path of the source behind a module's name."""

    sources: tuple[Source, ...]
    modules: dict[str, dict[str, str]]

    def source(self, path: str) -> Source:
        return next(source for source in self.sources if source.path == path)


def programs(sources: Sequence[Source]) -> tuple[Program, ...]:
    """All readable sources in groups, each in the order of the paths."""
    readable = [source for source in sources if source.tree]
    modules = {source.path: _modules(source, readable) for source in readable}
    group = {source.path: source.path for source in readable}

    def root(path: str) -> str:
        while group[path] != path:
            path = group[path]
        return path

    for path, imported in modules.items():
        for other in imported.values():
            group[root(other)] = root(path)
    members: dict[str, list[Source]] = {}
    for source in readable:
        members.setdefault(root(source.path), []).append(source)
    return tuple(
        Program(tuple(own), {each.path: modules[each.path] for each in own}) for own in members.values()
    )


def entries(program: Program) -> tuple[Program, ...]:
    """One program for each source that no other imports, with all that it imports itself.

    Two scripts that share a module are two programs; only sources that import one another stay together.
    """
    imported = {path for paths in program.modules.values() for path in paths.values()}
    roots = [source.path for source in program.sources if source.path not in imported]
    reached = [_reached(program, root) for root in roots]
    left = {source.path for source in program.sources}.difference(*reached)
    groups = [*reached, left] if left else reached
    return tuple(_part(program, paths) for paths in groups)


def _reached(program: Program, root: str) -> set[str]:
    found, waiting = set[str](), [root]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += program.modules[path].values()
    return found


def _part(program: Program, paths: set[str]) -> Program:
    sources = tuple(source for source in program.sources if source.path in paths)
    return Program(sources, {path: program.modules[path] for path in paths})


def _modules(source: Source, sources: Sequence[Source]) -> dict[str, str]:
    """The submission's own modules among the imported ones: name in the import, path."""
    found = {}
    paths = [each.path for each in sources if each.path != source.path]
    for name, level in imported_names(source):
        path = imports.resolve(name, level, source.path, paths)
        if path:
            found[name] = path
    return found


def imported_names(source: Source) -> Iterator[tuple[str, int]]:
    """Modules that a source imports, or what could be one, with the number of leading dots."""
    for node in ast.walk(source.tree) if source.tree else ():
        if isinstance(node, ast.Import):
            yield from ((alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level
            yield from ((f"{node.module or ''}.{alias.name}".strip("."), node.level) for alias in node.names)
