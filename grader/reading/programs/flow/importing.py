"""What imports bind: own modules, which run at once, and the names of libraries."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from grader.reading.programs import imports
from grader.reading.programs.flow.things import Frame, Thing

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run


class _Source(NamedTuple):
    """`from ..module import`: its name, the path if it is an own one, the number of dots."""

    module: str
    path: str
    level: int


def bind(run: "Run", node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            path = imports.resolve(alias.name, 0, frame.path, run.sources)
            first = alias.name.split(".")[0]
            if path and alias.asname or path and first == alias.name:
                frame.put(alias.asname or first, run.module(path))
            elif path:
                _nested(run, alias.name, path, frame)
            else:
                frame.put(alias.asname or first, Thing(name=alias.name if alias.asname else first))
        return
    module = node.module or ""
    path = imports.resolve(module, node.level, frame.path, run.sources)
    for alias in node.names:
        _taken(run, _Source(module, path, node.level), alias, frame)


def _nested(run: "Run", name: str, path: str, frame: Frame) -> None:
    """`import utils.data`: `utils.data.load` is found through the package."""
    first, *rest = name.split(".")
    thing = frame.find(first) or Thing()
    frame.put(first, thing)
    for part in rest[:-1]:
        thing = thing.parts.setdefault(part, Thing())
    thing.parts[rest[-1]] = run.module(path)


def _taken(run: "Run", source: _Source, alias: ast.alias, frame: Frame) -> None:
    """`from module import name as other`; a package's own names win over its files of that name."""
    module, path, level = source
    name = alias.asname or alias.name
    own = run.module(path).parts if path else {}
    if alias.name == "*":
        if path:
            frame.names.update({key: each for key, each in own.items() if not key.startswith("_")})
        else:
            frame.put("*", Thing(name=module))
    elif alias.name in own:
        frame.put(name, own[alias.name])
    elif file := imports.resolve(f"{module}.{alias.name}".strip("."), level, frame.path, run.sources):
        frame.put(name, run.module(file))
    elif path or level:
        where = f"{alias.name} ({run.sources[frame.path].path})"
        frame.put(name, Thing(lost=where))
    else:
        frame.put(name, Thing(name=f"{module}.{alias.name}"))
