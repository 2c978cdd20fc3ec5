"""Follows a program through its statements in the order in which they run. Nothing of it is executed."""

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from grader.reading.programs import optimising
from grader.reading.programs.bindings import called
from grader.reading.programs.budget import Steps
from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.flow import calling, conditions, containers, evaluating, importing
from grader.reading.programs.flow.things import Frame, Given, Thing, joined
from grader.reading.programs.sources import Source

ROUNDS = 12  # of a loop over things that are written out
STEPS = 80_000  # some 2 s of a hostile source; a large homework takes some 5,000


class Use(Struct, frozen=True):
    """Something that happens to things: a training, a network that is applied, a flag that is set.

    `over` is the loop around it as written, `conditions` are those inside that loop that decide, `unsure`
    says that nobody knows how often the loop runs. `dotted` is the library's function that is called.
    """

    kind: str
    node: ast.expr | ast.stmt
    place: str
    owner: tuple[Thing, ...] = ()
    made: tuple[Thing, ...] = ()
    given: tuple[Thing, ...] = ()
    what: str = ""
    over: str = ""
    conditions: tuple[str, ...] = ()
    dotted: str = ""
    unsure: bool = False
    constant: Any = UNKNOWN


class Loop(Struct, frozen=True):
    over: str
    unsure: bool


class Run:
    """One script with all that it imports."""

    def __init__(self, sources: Sequence[Source], entry: Source, steps: Steps) -> None:
        self.sources = {source.path: source for source in sources}
        self.entry = entry
        self.steps = steps
        self.modules: dict[str, Thing] = {}
        self.uses: list[Use] = []
        self.saved: dict[str, list[Thing]] = {}
        self.loaded: list[tuple[str, Thing, bool]] = []  # True where the run itself has written the file
        self.called: set[int] = set()
        self.stack: list[int] = []
        self.loops: list[Loop] = []
        self.conditions: list[str] = []  # around, inside the innermost loop
        self.early = False  # in the first epochs of a loop that changes what is frozen later

    def whole(self) -> None:
        """The script, then the functions that nothing calls, if the script itself trains nothing."""
        module = self.module(self.entry.path)
        self.uses = [use for use in self.uses if self._learns(use)]
        if any(use.kind == "train" for use in self.uses):
            return
        for function in [each for each in module.parts.values() if isinstance(each.code, ast.FunctionDef)]:
            if id(function.code) not in self.called:
                calling.own(self, function, Given(), None)
        for made in [each for each in module.parts.values() if isinstance(each.code, ast.ClassDef)]:
            if id(made.code) not in self.called:
                calling.touch_class(self, made)
        self.uses = [use for use in self.uses if self._learns(use)]

    def _learns(self, use: Use) -> bool:
        if use.kind != "train" or not isinstance(use.node, ast.Call) or called(use.node) != "backward":
            return True
        own = self.sources[use.place.rpartition("#c" if "#c" in use.place else ":")[0]]
        return optimising.learns(own, map(self.sources.__getitem__, self.modules))

    def module(self, path: str) -> Thing:
        """What a source of the submission defines, after it ran once."""
        if path not in self.modules:
            thing = self.modules[path] = Thing()
            frame = Frame(path=path)
            thing.parts = frame.names
            tree = self.sources[path].tree
            loops, self.loops = self.loops, []
            self.body(tree.body if tree else (), frame)
            self.loops = loops
        return self.modules[path]

    def place(self, node: ast.expr | ast.stmt, frame: Frame) -> str:
        return self.sources[frame.path].place(node.lineno)

    def use(self, kind: str, node: ast.expr | ast.stmt, frame: Frame, **more: Any) -> None:
        last = self.loops[-1] if self.loops else Loop("", False)
        conditions = tuple(self.conditions) if last.over else ()
        unsure = any(loop.unsure for loop in self.loops)
        place = self.place(node, frame)
        self.uses.append(Use(kind, node, place, over=last.over, conditions=conditions, unsure=unsure, **more))

    def body(self, statements: Iterable[ast.stmt], frame: Frame) -> bool:
        """Whether the statements end before their end: a return, a raise, a break."""
        return any(self._statement(statement, frame) for statement in statements)

    def _statement(self, statement: ast.stmt, frame: Frame) -> bool:
        self.steps.take()
        match statement:
            case ast.Return(value=value):
                frame.returned += [self.value(value, frame)] if value else []
                return True
            case ast.Raise():
                return True
            case ast.Expr(value=value):
                self.value(value, frame)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                evaluating.assignment(self, statement, frame)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                frame.put(statement.name, self._defined(statement, frame))
            case ast.Import() | ast.ImportFrom():
                importing.bind(self, statement, frame)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                frame.outside.update(names)
            case _:
                return self._compound(statement, frame)
        return False

    def _compound(self, statement: ast.stmt, frame: Frame) -> bool:
        match statement:
            case ast.If():
                return self._if(statement, frame)
            case ast.For() | ast.AsyncFor():
                self._for(statement, frame)
            case ast.While(body=body, orelse=last):
                self._round(body, frame, Loop("", True))
                return self.body(last, frame)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    opened = self.value(item.context_expr, frame)
                    if item.optional_vars:
                        evaluating.bind(self, item.optional_vars, opened, frame)
                return self.body(body, frame)
            case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
                self.body([*body, *other], frame)
                for handler in handlers:
                    self._aside(handler.body, frame)
                self.body(last, frame)
        return False

    def _aside(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """What perhaps runs: afterwards names hold what they held, or what it leaves in them."""
        before = dict(frame.names)
        self.body(body, frame)
        _merge(frame, before, dict(frame.names))

    def _if(self, statement: ast.If, frame: Frame) -> bool:
        """One side where the condition is known, else both; in the first epochs, without what comes later."""
        if self.early and _changes_later(statement):
            return self.body(statement.orelse, frame)
        known = conditions.truth(self, statement.test, frame)
        if known is not None:
            return self.body(statement.body if known else statement.orelse, frame)
        self.conditions.append(ast.unparse(statement.test))
        before = dict(frame.names)
        first_ends = self.body(statement.body, frame)
        first = dict(frame.names)
        frame.names.clear()
        frame.names.update(before)
        self.conditions[-1] = f"not ({self.conditions[-1]})"
        second_ends = self.body(statement.orelse, frame)
        self.conditions.pop()
        if first_ends:
            return second_ends
        if second_ends:
            frame.names.update(first)
            return False
        _merge(frame, first, dict(frame.names))
        return False

    def _for(self, statement: ast.For | ast.AsyncFor, frame: Frame) -> None:
        iterated = self.value(statement.iter, frame)
        elements = containers.elements(iterated, ROUNDS)
        over = ast.unparse(statement.iter)
        if elements is not None:
            for element in elements:
                evaluating.bind(self, statement.target, element, frame)
                self._round(statement.body, frame, Loop(over, False))
        else:
            evaluating.bind(self, statement.target, containers.element(self, iterated), frame)
            forget(frame, statement.body)
            changing = any(_changes_later(node) for each in statement.body for node in ast.walk(each))
            if changing and not self.early:
                self.early = True
                self._round(statement.body, frame, Loop(over, True))
                self.early = False
            self._round(statement.body, frame, Loop(over, True))
        self.body(statement.orelse, frame)

    def _round(self, body: Sequence[ast.stmt], frame: Frame, loop: Loop) -> None:
        outer, self.conditions = self.conditions, []
        self.loops.append(loop)
        self.body(body, frame)
        self.loops.pop()
        self.conditions = outer

    def value(self, node: ast.expr, frame: Frame) -> Thing:
        return evaluating.value(self, node, frame)

    def _defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, frame: Frame) -> Thing:
        thing = Thing(node)
        thing.code, thing.scope = node, frame
        if isinstance(node, ast.ClassDef):
            thing.of = [self.value(base, frame) for base in node.bases]
            inner = Frame(frame)
            thing.parts = inner.names
            self.body(node.body, inner)
            for each in inner.names.values():
                each.scope = frame if each.scope is inner else each.scope  # methods do not see class names
        return thing


def forget(frame: Frame, body: Sequence[ast.stmt]) -> None:
    """What a loop changes has no constant value inside it."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in frame.names:
                before = frame.names[node.id]
                if before.constant is not UNKNOWN:
                    frame.names[node.id] = Thing(of=[before])


def _merge(frame: Frame, first: dict[str, Thing], second: dict[str, Thing]) -> None:
    for name in first.keys() | second.keys():
        found = [names[name] for names in (first, second) if name in names]
        frame.names[name] = joined(found)


def _changes_later(node: ast.AST) -> bool:
    """`if epoch == 5: unfreeze(model)`."""
    if not isinstance(node, ast.If) or "epoch" not in ast.unparse(node.test):
        return False
    text = ast.unparse(node)
    return any(word in text for word in ("trainable", "requires_grad", "freeze"))
