"""What an expression in a program stands for: a library's name, a number, a text, another expression."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from grader.reading.programs import bindings, grouping, objects
from grader.reading.programs.bindings import Binding, Branch, Function, Names, called
from grader.reading.programs.budget import Steps
from grader.reading.programs.constants import UNKNOWN, calculated
from grader.reading.programs.grouping import Program
from grader.reading.programs.scopes import Scopes
from grader.reading.programs.sources import Source

T = TypeVar("T")

DEPTH = 12  # names and operations followed from one expression
ELEMENTS = 200  # of one tuple, list or dictionary

# Calls that hand their first argument on, whatever they wrap it in.
WRAPPERS = {
    "tuple", "list", "array", "asarray", "tensor", "Tensor", "FloatTensor", "as_tensor", "float32", "float",
    "int", "str", "Path", "constant", "view", "reshape",
}  # fmt: skip


class Reader:
    """Resolves expressions of one program. Every answer holds for at least one way to run it.

    `settings` are the submission's configuration files by path, each as one literal expression.
    Whatever is asked takes `steps`; the question after the last of them raises Intricate.
    """

    def __init__(
        self,
        program: Program,
        settings: Mapping[str, ast.expr] | None = None,
        names: Mapping[str, Names] | None = None,
        steps: Steps | None = None,
    ) -> None:
        self.program = program
        self.settings = settings or {}
        self._steps = steps or Steps()
        self._scopes = Scopes(program, self._steps, names)
        self._known: dict[Callable[[Reader], Any], Any] = {}

    def entries(self) -> Iterator["Reader"]:
        """A reader for each script of the program, with the modules that it imports."""
        for part in grouping.entries(self.program):
            yield Reader(part, self.settings, self._scopes.names, self._steps)

    def spend(self, number: int = 1) -> None:
        """Takes steps for work that a caller does. Raises Intricate: none are left."""
        self._steps.take(number)

    def once(self, measure: "Callable[[Reader], T]") -> T:
        """`measure(self)`, computed at the first call: an index of the program's nodes, say."""
        if measure not in self._known:
            self._known[measure] = measure(self)
        value: T = self._known[measure]
        return value

    def source(self, node: ast.AST) -> Source:
        return self._scopes.home(node).source

    def place(self, node: ast.expr | ast.stmt) -> str:
        return self.source(node).place(node.lineno)

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return self._scopes.function(node)

    def branches(self, node: ast.AST) -> tuple[Branch, ...]:
        """The sides of the `if` statements around a node, the outermost first."""
        return self._scopes.branches(node)

    def calls(self) -> Iterator[ast.Call]:
        return iter(self._scopes.calls)

    def dotted(self, node: ast.expr, depth: int = DEPTH) -> str:
        """The full name of what a library defines: `torchvision.models.resnet18`; "" for anything else."""
        if depth == 0:
            return ""
        self._steps.take()
        match node:
            case ast.Attribute(value=value, attr=attribute):
                before = self.dotted(value, depth - 1)
                return f"{before}.{attribute}" if before else ""
            case ast.Name(id=name):
                names = self._scopes.home(node)
                bound = self._scopes.bound(node, name)
                if bound and bound.index < 0 and isinstance(bound.value, ast.Name | ast.Attribute):
                    return self.dotted(bound.value, depth - 1)
                if bound is None and self.local_function(node) is None:
                    return names.imports.get(name, "")
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, name_node, *_]):
                name_value = self.value(name_node, depth - 1)
                before = self.dotted(owner, depth - 1)
                return f"{before}.{name_value}" if before and isinstance(name_value, str) else ""
            case ast.Call(func=function):
                made = self.local_function(function)
                returned = self._scopes.returns(made) if made else ()
                if returned:
                    return self.dotted(returned[-1], depth - 1)
        return ""

    def local_function(self, node: ast.expr) -> Function | None:
        """The submission's own function behind a name, behind `self.name`, or behind `module.name`."""
        return self._scopes.local_function(node)

    def local_class(self, node: ast.expr) -> ast.ClassDef | None:
        """The submission's own class of this name."""
        return self._scopes.local_class(node)

    def assigned(self, function: ast.FunctionDef) -> Mapping[str, Sequence[ast.expr]]:
        """What names and fields are set to anywhere in a function."""
        return self._scopes.assigned(function)

    def method(self, name: str) -> Function | None:
        """The one method of the submission's own classes that has this name."""
        return self._scopes.method(name)

    def expression(self, node: ast.expr, depth: int = DEPTH) -> ast.expr:
        """The expression behind names: what was assigned last above, or handed over as an argument."""
        while depth > 0:
            depth -= 1
            self._steps.take()
            if isinstance(node, ast.Name):
                bound = self._scopes.bound(node, node.id) or self._scopes.imported(node)
                following = self._element(bound) if bound else next(iter(self._scopes.arguments(node)), None)
            elif isinstance(node, ast.Attribute):
                following = self._attribute(node, depth)
            elif isinstance(node, ast.Subscript):
                following = objects.item(self, node, depth)
            elif isinstance(node, ast.Call):
                following = objects.got(self, node, depth)
            else:
                return node
            if following is None or following is node:
                return node
            node = following
        return node

    def value(self, node: ast.expr | None, depth: int = DEPTH) -> Any:
        """The constant that `node` stands for: number, text, None, truth or tuple; else UNKNOWN."""
        self._steps.take()
        if node is None or depth <= 0:
            return UNKNOWN
        node = self.expression(node, depth)
        match node:
            case ast.Constant(value=constant):
                return constant
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if len(elements) <= ELEMENTS:
                values = [self.value(element, depth - 1) for element in elements]
                return UNKNOWN if UNKNOWN in values else tuple(values)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return calculated(ast.Mult(), self.value(operand, depth - 1), -1)
            case ast.BinOp(left=left, op=op, right=right):
                return calculated(op, self.value(left, depth - 1), self.value(right, depth - 1))
            case ast.IfExp(body=body):
                return self.value(body, depth - 1)
            case ast.JoinedStr(values=parts):
                return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            case ast.Call(func=ast.Attribute(attr="join"), args=[_, *_]):
                joined = [self.value(argument, depth - 1) for argument in node.args]
                return "/".join(str(part) for part in joined if isinstance(part, str)) or UNKNOWN
            case ast.Call(args=[first, *_]) if called(node) in WRAPPERS:
                return self.value(first, depth - 1)
        return UNKNOWN

    def made(self, node: ast.expr, depth: int = DEPTH) -> ast.expr:
        """Like `expression`, and through own functions that return the object."""
        node = self.expression(node, depth)
        if isinstance(node, ast.Call) and depth > 0 and called(node) not in WRAPPERS:
            function = self.local_function(node.func)
            returned = self._scopes.returns(function) if function else ()
            if len(returned) == 1:
                return self.made(returned[0], depth - 1)
        if isinstance(node, ast.IfExp) and depth > 0:
            return self.made(node.body, depth - 1)
        return node

    def handed(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """What all calls hand over where the node is a parameter; else the node itself."""
        is_bound = isinstance(node, ast.Name) and self._scopes.bound(node, node.id) is None
        given = self._scopes.arguments(node) if isinstance(node, ast.Name) and is_bound else ()
        return given or (node,)

    def alternatives(self, node: ast.expr) -> tuple[ast.expr, ...]:
        """The expressions that a name may stand for: several where branches of the program decide."""
        if not isinstance(node, ast.Name):
            return ()
        return tuple(self._element(each) or each.value for each in self._scopes.alternatives(node, node.id))

    def _element(self, binding: Binding) -> ast.expr | None:
        if binding.index < 0:
            return binding.value
        value = self.made(binding.value, DEPTH // 2)
        if isinstance(value, ast.Tuple | ast.List) and binding.index < len(value.elts):
            return value.elts[binding.index]
        return None

    def _attribute(self, node: ast.Attribute, depth: int) -> ast.expr | None:
        """`config.SIZE`, `CFG.size`, `self.size`, `args.size` of argparse, what an own object was given."""
        home = self._scopes.home(node)
        owner = bindings.text_of(node.value)
        other = self._scopes.module(home, home.imports[owner]) if owner in home.imports else None
        if other:
            found = [each for each in other.bindings.get(node.attr, []) if each.function is None]
            return self._element(found[-1]) if found else None
        for names in self._scopes.names.values():
            if owner in names.classes:
                self._steps.take(len(names.classes[owner].body) // 5)
                return bindings.class_value(names.classes[owner], node.attr)
        own = home.bindings.get(f"{owner}.{node.attr}", [])
        if own:
            return own[-1].value
        if owner == "self":
            return self._field_of_self(node, depth)
        given = objects.field(self, self.made(node.value, depth), node.attr) if depth > 0 else None
        if given is None and owner in ("args", "opt", "opts", "config", "cfg"):
            given = self._scopes.option(home.source, node.attr)
        return given or self._declared(node)

    def _declared(self, node: ast.Attribute) -> ast.expr | None:
        """The default of a field of `config: Config`, a parameter that nothing else tells of."""
        declared = self._scopes.annotation(node.value) if isinstance(node.value, ast.Name) else None
        owner = self.local_class(declared) if declared is not None else None
        return objects.default_field(owner, node.attr) if owner else None

    def _field_of_self(self, node: ast.Attribute, depth: int) -> ast.expr | None:
        """What the first call that makes such an object hands over: data classes have no `__init__`."""
        owner = self._scopes.owner(node)
        calls = self._scopes.calls_of(owner.name) if owner else ()
        given = (objects.field(self, call, node.attr) for call in calls)
        return next((each for each in given if each is not None), None) if depth > 0 else None
