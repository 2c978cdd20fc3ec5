"""What the calls of libraries do to things, as far as it matters which object comes from which."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.reading.programs.bindings import called
from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.flow import calling, evaluating
from grader.reading.programs.flow.packages import HARMLESS
from grader.reading.programs.flow.things import Frame, Given, Thing

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

SUPER = ("super()",)  # marks what `super()` returned
FITS = {
    "fit", "fit_generator", "fit_one_cycle", "fit_flat_cos", "backward", "train_on_batch", "apply_gradients",
    "fine_tune",
}  # fmt: skip
USES = {
    "evaluate",
    "evaluate_generator",
    "predict",
    "predict_generator",
    "predict_on_batch",
    "test",
    "validate",
}
GROWS = {
    "append",
    "extend",
    "insert",
    "add",
    "add_module",
    "update",
    "appendleft",
    "setdefault",
    "register_module",
}
SAME = {
    "deepcopy", "copy", "to", "cuda", "cpu", "train", "eval", "half", "float", "double", "compile", "list",
    "tuple", "clone_model", "DataParallel", "DistributedDataParallel", "unwrap_model", "script",
}  # fmt: skip
PATHS = ("join", "Path", "str", "fspath", "joinpath")
SAVES = {"save", "save_model", "save_weights", "save_pretrained", "export", "dump"}
LOADS = {
    "load_model",
    "load",
    "load_weights",
    "load_learner",
    "from_pretrained",
    "load_from_checkpoint",
    "restore",
}


def call(run: "Run", node: ast.Call, function: Thing, given: Given, frame: Frame) -> Thing:
    owner = _owner(run, node, function, frame)
    for each in (*given.all, *([owner] if owner else [])):
        calling.touch(run, each)
    _noted(run, node, (owner, function), given, frame)
    if called(node) == "getattr" and len(given.placed) > 1:
        return _got(run, node, given.placed, frame)
    result = _by_name(run, node, owner, given) or _made(run, node, (owner, function), given, frame)
    run.use(
        "call",
        node,
        frame,
        owner=(owner,) if owner else (),
        made=(result,),
        given=given.all,
        what=called(node),
        dotted=function.name,
        constant=given.all[0].constant if given.all else UNKNOWN,
    )
    return result


def _made(run: "Run", node: ast.Call, whose: tuple[Thing | None, Thing], given: Given, frame: Frame) -> Thing:
    """What a library makes of what it is given."""
    owner, function = whose
    result = Thing(node, of=[owner or function, *given.all, *_functions(run, given, owner)])
    result.made = function.name
    if function.name and function.name.partition(".")[0] not in HARMLESS:
        run.use("foreign", node, frame, owner=given.all, what=function.name)
    elif function.lost:
        run.use("foreign", node, frame, owner=given.all, what=function.lost)
        result.lost = function.lost
    return result


def _owner(run: "Run", node: ast.Call, function: Thing, frame: Frame) -> Thing | None:
    """The object whose method is called; None for a function of a module."""
    if not isinstance(node.func, ast.Attribute) or function.name:
        return None
    if isinstance(node.func.value, ast.Name | ast.Attribute):
        return evaluating.value(run, node.func.value, frame)
    return next(iter(function.of), None)


def _noted(run: "Run", node: ast.Call, whose: tuple[Thing | None, Thing], given: Given, frame: Frame) -> None:
    """Trainings and uses of networks, each with its objects at this moment."""
    owner, function = whose
    name, everything = called(node), given.all
    mine = (owner,) if owner else ()
    runs = name in FITS and (name != "fit" or len(everything) > 1) and (owner or given.placed)
    if runs or (name == "train" and owner is not None and owner.made.endswith("Trainer")):
        run.use("train", node, frame, owner=mine, given=everything)
        _checkpoints(run, owner, given)
    elif name in USES and owner:
        run.use("apply", node, frame, owner=mine, given=everything)
    elif given.placed and not function.name:
        run.use("apply", node, frame, owner=(function,), given=everything)


def _by_name(run: "Run", node: ast.Call, owner: Thing | None, given: Given) -> Thing | None:
    """What is known of calls of this name; None for any other."""
    name = called(node)
    if owner is not None and owner.constant == SUPER:
        target = owner.owner or owner
        target.of += (*given.all, *_functions(run, given, None))
        return Thing(node, of=[target])
    if name in GROWS and owner is not None:
        _grown(owner, name, given)
        return Thing(node, constant=None, of=[owner])
    if name == "load_state_dict" and owner is not None:
        owner.of += given.all
        return Thing(node, of=[owner])
    if name in SAVES and (owner or given.placed):
        _saved(run, name, owner, given)
    if name in LOADS or (name == "load_file" and given.placed):
        return _loaded(run, node, owner, given)
    if name == "train_test_split":
        return _dealt(node, given.placed)
    return _handed_on(name, owner, given.placed)


def _handed_on(name: str, owner: Thing | None, given: Sequence[Thing]) -> Thing | None:
    if name in SAME and (owner is not None or given):
        return owner if owner is not None else given[0]
    return _iterated(name, owner) if name in ("items", "values", "keys") else None


def _iterated(name: str, owner: Thing | None) -> Thing | None:
    """`items()` of a dictionary that is written out gives its pairs."""
    if owner is None or not owner.parts or owner.of or owner.nodes or owner.kind:
        return None
    thing = Thing()
    for index, (key, value) in enumerate(owner.parts.items()):
        pair = Thing()
        pair.parts = {0: Thing(constant=key), 1: value}
        thing.parts[index] = {"items": pair, "values": value, "keys": pair.parts[0]}[name]
    return thing


def _grown(owner: Thing, name: str, given: Given) -> None:
    for each in owner.choices or (owner,):
        each.constant = UNKNOWN
        if name == "append" and given.placed and not each.nodes and not each.of:
            each.parts[len(each.parts)] = given.placed[-1]
        else:
            each.of += given.all


def _got(run: "Run", node: ast.Call, given: Sequence[Thing], frame: Frame) -> Thing:
    """`getattr(models, name)`."""
    if isinstance(given[1].constant, str):
        return evaluating.attribute(run, given[0], given[1].constant)
    lost = f"{ast.unparse(node)[:60]} ({run.place(node, frame)})"
    return Thing(node, of=given[:1], name=f"{given[0].name}.?" if given[0].name else "", lost=lost)


def _dealt(node: ast.Call, given: Sequence[Thing]) -> Thing:
    """Two parts of each argument."""
    thing = Thing(node)
    for index, each in enumerate(given):
        thing.parts[2 * index] = Thing(node, of=[each])
        thing.parts[2 * index + 1] = Thing(node, of=[each])
    return thing


def _functions(run: "Run", given: Given, owner: Thing | None) -> list[Thing]:
    """What own functions return that a library is given: `map(f)`, `preprocessing_function=f`."""
    found = []
    for each in given.all:
        for one in each.choices or (each,):
            if isinstance(one.code, ast.FunctionDef | ast.Lambda):
                found.append(calling.own(run, one, Given([owner] if owner else []), None))
    return found


def _saved(run: "Run", name: str, owner: Thing | None, given: Given) -> None:
    """What is written into which file; by the last part of its path."""
    at = 1 if owner is None and name in ("save", "save_model", "export", "dump") else 0
    named = given.named.get("filepath") or given.named.get("f")
    path = given.placed[at] if at < len(given.placed) else named
    thing = owner if owner is not None or not given.placed else given.placed[0]
    if path is not None and thing is not None:
        run.saved.setdefault(_file(path), []).append(thing)


def _checkpoints(run: "Run", owner: Thing | None, given: Given) -> None:
    """`ModelCheckpoint("first.h5")` among the callbacks writes the network that is trained."""
    callbacks = given.named.get("callbacks")
    for each in (*callbacks.parts.values(), *callbacks.of, callbacks) if callbacks and owner else ():
        if each.made.endswith("ModelCheckpoint") and each.of:
            path = next((_file(one) for one in each.of if "." in _file(one)), "")
            if path and owner is not None:
                run.saved.setdefault(path, []).append(owner)


def _file(path: Thing, depth: int = 5) -> str:
    """The last part of a path that is written out, or put together."""
    if isinstance(path.constant, str):
        return path.constant.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if depth and path.of and path.made.rpartition(".")[2] in PATHS:
        return _file(path.of[-1], depth - 1)
    return ""


def _loaded(run: "Run", node: ast.Call, owner: Thing | None, given: Given) -> Thing:
    name = called(node)
    thing = Thing(node, of=[*([owner] if owner else []), *given.all])
    thing.made = name
    file = _file(given.placed[0]) if given.placed else ""
    if name == "load_weights" and owner is not None:
        run.loaded.append((file, owner, file in run.saved))
        return owner
    run.loaded.append((file, thing, file in run.saved))
    return thing
