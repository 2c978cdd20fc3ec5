"""`Compose([...])`, `weights.transforms()`, `create_transform(...)`: transforms that a data set is given."""

import ast
from collections.abc import Iterator

from msgspec.structs import replace

from grader.preprocessing.pipelines import composed, labels, roles, walk
from grader.preprocessing.pipelines.chain import Chain
from grader.programs import Reader, called
from grader.programs.bindings import is_method

MAKERS = ("Compose", "create_transform", "transforms", "from_pretrained", "ImageClassification")


def find(reader: Reader) -> Iterator[Chain]:
    """What gives no tensor is mere augmentation; what nobody refers to feeds nothing."""
    for source in reader.program.sources:
        words = labels.of(source.tree)
        used = labels.loaded(source.tree)
        for call in (
            node for node in ast.walk(source.tree or ast.Module([], [])) if isinstance(node, ast.Call)
        ):
            chain = composed.chain(reader, call, walk.mapped) if called(call) in MAKERS else None
            if chain is None or not chain.tensor or not _is_called(reader, call):
                continue
            own = words.get(id(call), [])
            name = own[0] if own else ""
            role = roles.of(*own, _function(reader, call))
            if chain.library and labels.is_only_asked(source.tree, name):
                continue
            forgotten = name.isidentifier() and name not in used and not labels.is_used(reader, name)
            if role != "display" and not forgotten:
                optional = chain.optional or _is_optional(reader, call)
                yield replace(chain, role=role, where=reader.place(call), framework="torch", name=name,
                              optional=optional)  # fmt: skip


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
        function.name in labels.loaded(source.tree) for source in sources
    )


def _is_optional(reader: Reader, call: ast.Call) -> bool:
    """In a branch that is not the choice between training and evaluation."""
    tests = [ast.unparse(statement.test) for statement, _ in reader.branches(call)]
    return any("__main__" not in test and roles.of(test) == "both" for test in tests)
