"""`Compose([...])`, `weights.transforms()`, `create_transform(...)`: transforms that a data set is given."""

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from grader.reading.preprocessing.chain import Chain
from grader.reading.preprocessing.pipelines import composed, labels, roles, walk
from grader.reading.programs import Reader, Source, called
from grader.reading.programs.bindings import is_method

MAKERS = ("Compose", "create_transform", "transforms", "from_pretrained", "ImageClassification")


def find(reader: Reader) -> Iterator[Chain]:
    """What gives no tensor is mere augmentation; what nobody refers to feeds nothing."""
    for source in reader.program.sources:
        made = [(call, chain) for call in _calls(source) if (chain := _read(reader, call)) is not None]
        words = labels.of(source.tree) if made else {}
        for call, chain in made:
            own = words.get(id(call), [])
            role = roles.of(*own, _function(reader, call))
            if role != "display" and _is_handed_on(reader, source, chain, own[0] if own else ""):
                optional = chain.optional or _is_optional(reader, call)
                yield replace(
                    chain,
                    role=role,
                    where=reader.place(call),
                    framework="torch",
                    optional=optional,
                    origin=(id(call),),
                )


def _calls(source: Source) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree) if source.tree else ():
        if isinstance(node, ast.Call) and called(node) in MAKERS:
            yield node


def _read(reader: Reader, call: ast.Call) -> Chain | None:
    chain = composed.chain(reader, call, walk.mapped)
    return chain if chain and chain.tensor and _is_called(reader, call) else None


def _is_handed_on(reader: Reader, source: Source, chain: Chain, name: str) -> bool:
    """Not where a variable gets it that nobody reads, or that is only asked for its numbers."""
    if chain.library and labels.is_only_asked(reader, source, name):
        return False
    return not name.isidentifier() or labels.is_read(reader, source, name) or labels.is_used(reader, name)


def _function(reader: Reader, node: ast.AST) -> str:
    function = reader.function(node)
    return function.name if isinstance(function, ast.FunctionDef) else ""


def _is_called(reader: Reader, call: ast.Call) -> bool:
    """Not in a function that the program never names. Whoever calls a method, it is a class that is named."""
    function = reader.function(call)
    if not isinstance(function, ast.FunctionDef) or is_method(function):
        return True
    sources = reader.program.sources
    return labels.is_used(reader, function.name) or any(
        labels.is_read(reader, source, function.name) for source in sources
    )


def _is_optional(reader: Reader, call: ast.Call) -> bool:
    """In a branch that is not the choice between training and evaluation."""
    tests = [ast.unparse(statement.test) for statement, _ in reader.branches(call)]
    return any("__main__" not in test and roles.of(test) == "both" for test in tests)
