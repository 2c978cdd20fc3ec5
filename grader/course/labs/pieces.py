"""A starter file and a reference in pieces: what stands above the functions, and each function."""

import ast
import textwrap
from collections.abc import Iterator

from msgspec import Struct


class Piece(Struct, frozen=True):
    """A function: its lines up to the end of its docstring, and those below."""

    name: str
    head: str
    body: str
    uses: frozenset[str]


def functions(source: str) -> Iterator[Piece]:
    """The functions of a file, in their order."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            last = node.body[0].end_lineno if ast.get_docstring(node) else node.body[0].lineno - 1
            head = "\n".join(lines[node.lineno - 1 : last])
            body = "\n".join(lines[last : node.end_lineno])
            uses = frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            yield Piece(node.name, head, body, uses)


def above(source: str) -> str:
    """The imports of a file."""
    tree = ast.parse(source)
    found = [ast.unparse(each) for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    return "\n".join(found)


def solution(name: str, asked: frozenset[str], reference: str) -> str:
    """The body of a function of the reference, with those of its further functions that it uses above it."""
    known = {piece.name: piece for piece in functions(reference)}
    wanted, left = [], [name]
    while left:
        piece = known[left.pop()]
        wanted.append(piece)
        seen = {each.name for each in wanted}
        left += [each for each in sorted(piece.uses & known.keys()) if each not in asked | seen | set(left)]
    own, *further = wanted
    # A function that another one uses stands above it.
    inner = [textwrap.indent(f"{each.head}\n{each.body}\n", "    ") for each in reversed(further)]
    return "\n".join([*inner, own.body])
