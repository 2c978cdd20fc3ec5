"""Where the names of a program are bound: in a function, a module, another module, or by who calls."""

import ast
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from grader.reading.programs import bindings
from grader.reading.programs.bindings import Binding, Branch, Function, Names, argument, called
from grader.reading.programs.budget import Steps
from grader.reading.programs.grouping import Program
from grader.reading.programs.sources import Source, calls


class Scopes:
    """The names of all sources of one program."""

    def __init__(self, program: Program, steps: Steps, known: Mapping[str, Names] | None = None) -> None:
        self.program = program
        self._steps = steps
        self.names = {
            source.path: known[source.path] if known else bindings.names(source) for source in program.sources
        }
        self._calls = [call for source in program.sources for call in calls(source.tree)]
        self._homes = {node: path for path, names in self.names.items() for node in names.owners}
        self._classes = {
            id(each): owner
            for names in self.names.values()
            for owner in names.classes.values()
            for each in owner.body
        }
        self._by_name: dict[str, list[ast.Call]] = {}
        for call in self._calls:
            self._by_name.setdefault(called(call), []).append(call)
        self._returns: dict[int, tuple[ast.expr, ...]] = {}
        self._assigned: dict[int, dict[str, list[ast.expr]]] = {}
        self._options: dict[str, Mapping[str, ast.expr | None]] = {}

    def home(self, node: ast.AST) -> Names:
        """What the source binds in which the node stands."""
        return self.names[self._homes[id(node)]]

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return self.home(node).owners.get(id(node))

    def owner(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method the node stands in."""
        names, function = self.home(node), self.function(node)
        while function is not None:
            if id(function) in self._classes:
                return self._classes[id(function)]
            function = names.owners.get(id(function))
        return None

    def branches(self, node: ast.AST) -> tuple[Branch, ...]:
        """The sides of the `if` statements around a node, the outermost first."""
        found = self.home(node).branches.get(id(node), ())
        self._steps.take(len(found))
        return found

    @property
    def calls(self) -> Sequence[ast.Call]:
        """All calls, in the order of the sources and their lines."""
        return self._calls

    def calls_of(self, name: str) -> Sequence[ast.Call]:
        """The calls of what has this name, in the same order."""
        found = self._by_name.get(name, ())
        self._steps.take(len(found) // 5)
        return found

    def returns(self, function: Function) -> tuple[ast.expr, ...]:
        """What a function itself returns, in the order of lines."""
        if id(function) not in self._returns:
            self._returns[id(function)] = tuple(bindings.own_returns(function))
        return self._returns[id(function)]

    def assigned(self, function: ast.FunctionDef) -> Mapping[str, Sequence[ast.expr]]:
        """What names and fields are set to anywhere in a function."""
        if id(function) not in self._assigned:
            found = self._assigned.setdefault(id(function), {})
            for node in ast.walk(function):
                for name, value, _ in bindings.assigned(node):
                    found.setdefault(name, []).append(value)
        return self._assigned[id(function)]

    def option(self, source: Source, name: str) -> ast.expr | None:
        """The default of an option of the command line."""
        if source.path not in self._options:
            self._options[source.path] = bindings.options(source)
        return self._options[source.path].get(name)

    def bound(self, node: ast.expr, name: str) -> Binding | None:
        """The last binding above the node in its own function, else in the module; else the first below."""
        found = self._bindings(node, name)
        above = [binding for binding in found if binding.line <= node.lineno]
        return above[-1] if above else found[0] if found else None

    def alternatives(self, node: ast.expr, name: str) -> tuple[Binding, ...]:
        """Every binding of the name that may hold at the node: several where branches decide."""
        above = [binding for binding in self._bindings(node, name) if binding.line <= node.lineno]
        around = self.branches(node)
        found: list[Binding] = []
        for binding in reversed(above):
            self._steps.take(len(binding.branches))
            if _excludes(binding.branches, around):
                continue
            found.append(binding)
            if all(branch in around for branch in binding.branches):
                break  # whatever stood here before is gone
        return tuple(found)

    def _bindings(self, node: ast.expr, name: str) -> list[Binding]:
        names = self.home(node)
        function = names.owners.get(id(node))
        found = names.bindings.get(name, [])
        while True:
            self._steps.take(len(found) // 10)
            own = [
                binding
                for binding in found
                if binding.function is function and bindings.is_outside(node, binding)
            ]
            if own or function is None or name in bindings.parameters(function):
                return own
            function = names.owners.get(id(function))

    def imported(self, node: ast.Name) -> Binding | None:
        """The binding in another module behind an imported name."""
        home = self.home(node)
        module, _, original = home.imports.get(node.id, "").rpartition(".")
        others = [module] if module else [name[:-2] for name in home.imports if name.endswith(".*")]
        for each in others:
            other = self.module(home, each)
            found = other.bindings.get(original or node.id, []) if other else []
            of_module = [binding for binding in found if binding.function is None]
            if of_module:
                return of_module[-1]
        return None

    def module(self, home: Names, module: str) -> Names | None:
        """What one of the submission's own modules binds, by its name in an import."""
        if not module:
            return None
        paths = self.program.modules.get(home.source.path, {})
        path = paths.get(module) or next(
            (path for name, path in paths.items() if PurePosixPath(path).stem == module.rpartition(".")[2]),
            "",
        )
        return self.names.get(path)

    def local_function(self, node: ast.expr) -> Function | None:
        """The submission's own function behind a name, behind `self.name`, or behind `module.name`."""
        if isinstance(node, ast.Lambda):
            return node
        home = self.home(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in ("self", "cls"):
                return home.functions.get(node.attr)
            other = self.module(home, home.imports.get(node.value.id, ""))
            return other.functions.get(node.attr) if other else None
        if not isinstance(node, ast.Name):
            return None
        bound = self.bound(node, node.id)
        if bound:
            return bound.value if isinstance(bound.value, ast.Lambda) else None
        if node.id in home.functions:
            return home.functions[node.id]
        module, _, original = home.imports.get(node.id, "").rpartition(".")
        other = self.module(home, module)
        return other.functions.get(original) if other else None

    def method(self, name: str) -> Function | None:
        """The one method of the submission's own classes that has this name."""
        found = [names.functions[name] for names in self.names.values() if name in names.functions]
        own = [
            each
            for each in found
            if bindings.parameters(each)[:1] == ["self"] and "mode" not in bindings.parameters(each)
        ]
        return own[0] if len(own) == 1 and name != "forward" else None

    def local_class(self, node: ast.expr) -> ast.ClassDef | None:
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        return next((names.classes[name] for names in self.names.values() if name in names.classes), None)

    def annotation(self, node: ast.Name) -> ast.expr | None:
        """What a parameter is declared as."""
        function = self.function(node)
        while function is not None:
            for each in (*function.args.args, *function.args.kwonlyargs):
                if each.arg == node.id:
                    return each.annotation
            function = self.home(node).owners.get(id(function))
        return None

    def arguments(self, node: ast.Name) -> tuple[ast.expr, ...]:
        """What the calls of the function hand over under this name, then the default that the others get."""
        names = self.home(node)
        function = names.owners.get(id(node))
        while function is not None and node.id not in bindings.parameters(function):
            function = names.owners.get(id(function))
        if function is None or isinstance(function, ast.Lambda):
            return ()
        position = bindings.parameters(function).index(node.id)
        owner = self._classes.get(id(function)) if function.name == "__init__" else None
        name = owner.name if owner else function.name
        own = [call for call in self.calls_of(name) if not self._is_foreign(call.func)]
        found = [argument(call, position - bindings.is_method(function), node.id) for call in own]
        given = [each for each in found if each is not None and self.function(each) is not function]
        left_out = [] if given and None not in found else [default(function, node.id)]
        return (*given, *filter(None, left_out))

    def _is_foreign(self, function: ast.expr) -> bool:
        """`yaml.load` is no call of an own `load`."""
        home = self.home(function)
        while isinstance(function, ast.Attribute):
            function = function.value
        imported = home.imports.get(function.id, "") if isinstance(function, ast.Name) else ""
        module, _, name = imported.rpartition(".")
        return bool(imported) and self.module(home, imported) is None and self.module(home, module) is None


def default(function: Function, name: str) -> ast.expr | None:
    """The default of a parameter."""
    arguments = function.args
    placed = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    pairs = [
        *zip(reversed(placed), reversed(arguments.defaults), strict=False),
        *zip((each.arg for each in arguments.kwonlyargs), arguments.kw_defaults, strict=True),
    ]
    return next((value for each, value in pairs if each == name), None)


def _excludes(one: tuple[Branch, ...], other: tuple[Branch, ...]) -> bool:
    """Whether the two stand on different sides of one `if`."""
    sides = {id(statement): side for statement, side in other}
    return any(sides.get(id(statement), side) != side for statement, side in one)
