"""What an expression in a program stands for: a library's name, a number, a text, another expression."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from grader.programs import bindings
from grader.programs.bindings import Binding, Function, Names, argument, called
from grader.programs.constants import UNKNOWN, calculated
from grader.programs.grouping import Program
from grader.programs.sources import Source, calls

DEPTH = 12  # names and operations followed from one expression
ELEMENTS = 200  # of one tuple, list or dictionary

# Calls that hand their first argument on, whatever they wrap it in.
WRAPPERS = {
    "tuple", "list", "array", "asarray", "tensor", "Tensor", "FloatTensor", "as_tensor", "float32", "float",
    "int", "str", "Path", "constant", "view", "reshape",
}  # fmt: skip


class Reader:
    """Resolves expressions of one program. Every answer holds for at least one way to run it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._names = {source.path: bindings.names(source) for source in program.sources}
        self._homes = {id(node): path for path, names in self._names.items() for node in _nodes(names.source)}

    def source(self, node: ast.AST) -> Source:
        return self._names[self._homes[id(node)]].source

    def place(self, node: ast.expr | ast.stmt) -> str:
        return self.source(node).place(node.lineno)

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return self._names[self._homes[id(node)]].owners.get(id(node))

    def calls(self) -> Iterator[ast.Call]:
        for source in self.program.sources:
            yield from calls(source.tree)

    def dotted(self, node: ast.expr, depth: int = DEPTH) -> str:
        """The full name of what a library defines: `torchvision.models.resnet18`; "" for anything else."""
        if depth == 0:
            return ""
        match node:
            case ast.Attribute(value=value, attr=attribute):
                before = self.dotted(value, depth - 1)
                return f"{before}.{attribute}" if before else ""
            case ast.Name(id=name):
                names = self._names[self._homes[id(node)]]
                bound = self._bound(node, name)
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
                returned = bindings.returned(made) if made else None
                if returned is not None:
                    return self.dotted(returned, depth - 1)
        return ""

    def local_function(self, node: ast.expr) -> Function | None:
        """The submission's own function behind a name, behind `self.name`, or behind `module.name`."""
        if isinstance(node, ast.Lambda):
            return node
        home = self._names[self._homes[id(node)]]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls"):
                return home.functions.get(node.attr)
            other = self._module(home, home.imports.get(node.value.id, ""))
            return other.functions.get(node.attr) if other else None
        if not isinstance(node, ast.Name):
            return None
        bound = self._bound(node, node.id)
        if bound:
            return bound.value if isinstance(bound.value, ast.Lambda) else None
        if node.id in home.functions:
            return home.functions[node.id]
        module, _, original = home.imports.get(node.id, "").rpartition(".")
        other = self._module(home, module)
        return other.functions.get(original) if other else None

    def method(self, name: str) -> Function | None:
        """The one method of the submission's own classes that has this name."""
        found = [names.functions[name] for names in self._names.values() if name in names.functions]
        own = [
            each
            for each in found
            if bindings.parameters(each)[:1] == ["self"] and "mode" not in bindings.parameters(each)
        ]
        return own[0] if len(own) == 1 and name != "forward" else None

    def local_class(self, node: ast.expr) -> ast.ClassDef | None:
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        return next((names.classes[name] for names in self._names.values() if name in names.classes), None)

    def expression(self, node: ast.expr, depth: int = DEPTH) -> ast.expr:
        """The expression behind names: what was assigned last above, or handed over as an argument."""
        while depth:
            depth -= 1
            if isinstance(node, ast.Name):
                bound = self._bound(node, node.id) or self._imported(node)
                following = self._element(bound) if bound else self._argument(node)
            elif isinstance(node, ast.Attribute):
                following = self._attribute(node)
            elif isinstance(node, ast.Subscript):
                following = self._item(node, depth)
            else:
                return node
            if following is None or following is node:
                return node
            node = following
        return node

    def value(self, node: ast.expr | None, depth: int = DEPTH) -> Any:
        """The constant that `node` stands for: number, text, None, truth, tuple, dictionary; else UNKNOWN."""
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

    def _bound(self, node: ast.expr, name: str) -> Binding | None:
        """The last binding above the node in its own function, else in the module; else the first below."""
        names = self._names[self._homes[id(node)]]
        function = names.owners.get(id(node))
        found = names.bindings.get(name, [])
        while True:
            own = [
                binding
                for binding in found
                if binding.function is function and bindings.is_outside(node, binding)
            ]
            above = [binding for binding in own if binding.line <= node.lineno]
            if above or own:
                return above[-1] if above else own[0]
            if function is None or name in bindings.parameters(function):
                return None
            function = names.owners.get(id(function))

    def _element(self, binding: Binding) -> ast.expr | None:
        if binding.index < 0:
            return binding.value
        value = self.expression(binding.value, DEPTH // 2)
        if isinstance(value, ast.Tuple | ast.List) and binding.index < len(value.elts):
            return value.elts[binding.index]
        return None

    def _imported(self, node: ast.Name) -> Binding | None:
        home = self._names[self._homes[id(node)]]
        module, _, original = home.imports.get(node.id, "").rpartition(".")
        others = [module] if module else [name[:-2] for name in home.imports if name.endswith(".*")]
        for each in others:
            other = self._module(home, each)
            found = (
                [b for b in other.bindings.get(original or node.id, []) if b.function is None]
                if other
                else []
            )
            if found:
                return found[-1]
        return None

    def _module(self, home: Names, module: str) -> Names | None:
        if not module:
            return None
        paths = self.program.modules.get(home.source.path, {})
        path = paths.get(module) or next(
            (path for name, path in paths.items() if PurePosixPath(path).stem == module.rpartition(".")[2]),
            "",
        )
        return self._names.get(path)

    def _argument(self, node: ast.Name) -> ast.expr | None:
        """What the first call of the function hands over under this name, else its default."""
        names = self._names[self._homes[id(node)]]
        function = names.owners.get(id(node))
        while function is not None and node.id not in bindings.parameters(function):
            function = names.owners.get(id(function))
        if function is None or isinstance(function, ast.Lambda):
            return None
        position = bindings.parameters(function).index(node.id)
        for call in self.calls():
            if called(call) == function.name:
                given = argument(call, position, node.id)
                if given is not None and not (isinstance(given, ast.Name) and given.id == node.id):
                    return given
        defaults = function.args.defaults
        from_end = len(function.args.args) - position
        return defaults[-from_end] if 0 < from_end <= len(defaults) else None

    def _attribute(self, node: ast.Attribute) -> ast.expr | None:
        """`config.SIZE`, `CFG.size`, `self.size`, and `args.size` of argparse."""
        home = self._names[self._homes[id(node)]]
        owner = bindings.text_of(node.value)
        other = self._module(home, home.imports[owner]) if owner in home.imports else None
        if other:
            found = [b for b in other.bindings.get(node.attr, []) if b.function is None]
            return self._element(found[-1]) if found else None
        for names in self._names.values():
            if owner in names.classes:
                return bindings.class_value(names.classes[owner], node.attr)
        own = home.bindings.get(f"{owner}.{node.attr}", [])
        if own:
            return own[-1].value
        return (
            bindings.from_argparse(home.source, node.attr)
            if owner in ("args", "opt", "opts", "config", "cfg")
            else None
        )

    def _item(self, node: ast.Subscript, depth: int) -> ast.expr | None:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        owner = self.expression(node.value, depth)
        if isinstance(owner, ast.Dict):
            pairs = zip(owner.keys, owner.values, strict=True)
            return next(
                (value for each, value in pairs if isinstance(each, ast.Constant) and each.value == key), None
            )
        if (
            isinstance(owner, ast.Tuple | ast.List)
            and isinstance(key, int)
            and -len(owner.elts) <= key < len(owner.elts)
        ):
            return owner.elts[key]
        return None


def _nodes(source: Source) -> Iterator[ast.AST]:
    return ast.walk(source.tree) if source.tree else iter(())
