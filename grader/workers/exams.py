"""The private parts of a lab, as functions: its reference, its cases, and its known wrong solutions."""

import ast
import itertools
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy
from msgspec import Struct

from grader.workers.examining import Case
from grader.workers.lab_messages import Exam

SEEDS_APART = 1000  # calls of one exam, at most


class Misfit(Exception):
    """The instructor's files do not fit together: which one, and why."""


class Edit(Struct, frozen=True):
    """In the reference's text `at`, which stands there exactly once, becomes `instead`."""

    at: str
    instead: str


class Wrong(Struct, frozen=True):
    """A known wrong solution: the reference with one mistake, which `mistake` tells a student who made it."""

    mistake: str
    edits: tuple[Edit, ...]


class Mistaken(Struct, frozen=True):
    """A wrong solution's functions; `within`: the one of them that holds the mistake, "" where several do."""

    mistake: str
    within: str
    functions: Mapping[str, Any]


class Loaded(Struct, frozen=True):
    """An exam for one seed."""

    reference: Mapping[str, Any]
    cases: tuple[Case, ...]
    wrong: Mapping[str, Mistaken]


def loaded(exam: Exam, seed: int) -> Loaded:
    """All calls of one function stand together, so that one that does not return takes no other with it.

    Raises Misfit.
    """
    reference = _executed(exam.reference, "reference.py")
    given = _executed(exam.cases, "cases.py")
    drawn: Iterable[Case] = given["cases"](numpy.random.default_rng(seed), SimpleNamespace(**reference))
    grouped: dict[str, list[Case]] = {}
    for case in drawn:
        grouped.setdefault(case.function, []).append(case)
    wrong = dict(_wrong(exam))
    return Loaded(reference, tuple(itertools.chain(*grouped.values())), wrong)


def seed_of(seed: int, number: int) -> int:
    """What a function that draws is seeded with, in the call of this number."""
    return (seed * SEEDS_APART + number) % (1 << 32)


def _executed(text: str, name: str) -> dict[str, Any]:
    """The names of a file of the instructor's."""
    namespace: dict[str, Any] = {"__name__": name.removesuffix(".py")}
    exec(compile(text, name, "exec"), namespace)
    return namespace


def _wrong(exam: Exam) -> Iterator[tuple[str, Mistaken]]:
    right = _bodies(exam.reference)
    for name, described_ in sorted(exam.wrong.items()):
        wrong = described(described_, name)
        text = edited(exam.reference, wrong, name)
        functions = _executed(text, f"{name}.py")
        within = [each for each, body in _bodies(text).items() if body != right.get(each)]
        yield name, Mistaken(wrong.mistake, within[0] if len(within) == 1 else "", functions)


def _bodies(text: str) -> dict[str, str]:
    """Its functions, each without its place in the text."""
    return {each.name: ast.dump(each) for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)}


def described(text: str, name: str) -> Wrong:
    """A wrong solution's file. Raises Misfit."""
    found = tomllib.loads(text)
    try:
        edits = tuple(Edit(each["at"], each["instead"]) for each in found["edits"])
        return Wrong(found["mistake"], edits)
    except (KeyError, TypeError) as trouble:
        raise Misfit(
            f"wrong/{name}.toml: mistake, and edits with at and instead, are needed: {trouble}"
        ) from None


def edited(reference: str, wrong: Wrong, name: str) -> str:
    """The wrong solution's text. Raises Misfit."""
    for edit in wrong.edits:
        count = reference.count(edit.at)
        if count != 1:
            raise Misfit(
                f"wrong/{name}.toml: {edit.at!r} stands {count} times in reference.py, expected once"
            )
        reference = reference.replace(edit.at, edit.instead)
    return reference


def call(functions: Mapping[str, Any], case: Case, seed: int) -> Any:
    """What one of our own functions answers, with arguments of its own. May raise whatever it raises."""
    function: Callable[..., Any] = functions[case.function]
    numpy.random.seed(seed)
    with numpy.errstate(all="ignore"):
        found = [function(**_copied(case.arguments)) for _ in range(case.times)]
    return found[0] if case.judged is None else found


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(each) for each in value]
    return value.copy() if isinstance(value, numpy.ndarray) else value
