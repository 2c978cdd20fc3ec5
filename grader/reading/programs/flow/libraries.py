"""What the calls of libraries do to things, as far as it matters which object comes from which."""

import ast
import sys
from typing import TYPE_CHECKING

from grader.reading.programs.bindings import called
from grader.reading.programs.constants import UNKNOWN
from grader.reading.programs.flow import calling, evaluating
from grader.reading.programs.flow.things import Frame, Thing, joined

if TYPE_CHECKING:
    from grader.reading.programs.flow.run import Run

SUPER = ("super()",)  # marks what `super()` returned
FITS = {
    "fit", "fit_generator", "fit_one_cycle", "fit_flat_cos", "backward", "train_on_batch", "apply_gradients",
    "fine_tune",
}  # fmt: skip
USES = {"evaluate", "evaluate_generator", "predict", "predict_generator", "predict_on_batch", "test", "validate"}
GROWS = {"append", "extend", "insert", "add", "add_module", "update", "appendleft", "setdefault", "register_module"}
SAME = {
    "deepcopy", "copy", "to", "cuda", "cpu", "train", "eval", "half", "float", "double", "compile", "list", "tuple",
    "clone_model", "DataParallel", "DistributedDataParallel", "unwrap_model", "prepare_model", "script",
}  # fmt: skip
SAVES = {"save": 0, "save_model": 1, "save_weights": 0, "save_pretrained": 0, "export": 0, "dump": 1}
LOADS = {"load_model", "load", "load_weights", "load_learner", "from_pretrained", "load_from_checkpoint", "restore"}
# Packages that are handed a network and neither train nor freeze it.
HARMLESS = {
    "torch", "torchvision", "torchinfo", "torchsummary", "torchmetrics", "keras", "tensorflow", "timm", "fastai",
    "transformers", "datasets", "evaluate", "accelerate", "lightning", "pytorch_lightning", "sklearn", "numpy", "cv2",
    "PIL", "matplotlib", "seaborn", "pandas", "tqdm", "scipy", "skimage", "albumentations", "wandb", "mlflow",
    "tensorboardX", "onnx", "onnxruntime", "thop", "fvcore", "ptflops", "captum", "lime", "shap", "gradio", "streamlit",
    "flask", "fastapi", "builtins", "tensorflow_hub", "tensorflow_datasets", "kaggle", "google", "torch_lr_finder",
    "visualkeras", "netron", "optuna", "hydra", "omegaconf", "yaml", "h5py", "joblib", "plotly", "IPython", "imgaug",
    "safetensors", "huggingface_hub", "efficientnet_pytorch", "pretrainedmodels", "torchviz", "pytorch_grad_cam",
    "tf_keras", "tensorflow_addons", "keras_tuner", "kerastuner", "livelossplot", "tf_explain", "ray", "peft", "jax",
    "coremltools", "tf2onnx", "tensorboard", "codecarbon", "psutil", "rich", "click", "fire", "typer", "absl",
} | sys.stdlib_module_names  # fmt: skip

Given = tuple[list[Thing], dict[str, Thing]]


def call(run: "Run", node: ast.Call, function: Thing, arguments: Given, frame: Frame) -> Thing:
    given, named = arguments
    name = called(node)
    owner = _owner(run, node, function, frame)
    everything = [*given, *named.values()]
    for each in everything:
        calling.touch(run, each)
    if owner is not None:
        calling.touch(run, owner)
    _noted(run, node, (owner, function), arguments, frame)
    known = _by_name(run, node, name, owner, arguments, frame)
    if known is not None:
        return known
    result = Thing(node, of=[*([owner] if owner else []), *everything], name="")
    if not function.name and owner is None:
        result.of.append(function)
    result.made = function.name
    result.of += _functions(run, everything, owner)
    if function.name and function.name.partition(".")[0] not in HARMLESS:
        run.use("foreign", node, frame, owner=tuple(everything), what=function.name)
    elif function.lost:
        run.use("foreign", node, frame, owner=tuple(everything), what=function.lost)
        result.lost = function.lost
    return result


def _owner(run: "Run", node: ast.Call, function: Thing, frame: Frame) -> Thing | None:
    """The object whose method is called; None for a function of a module."""
    if not isinstance(node.func, ast.Attribute) or function.name:
        return None
    found = evaluating.value(run, node.func.value, frame) if isinstance(node.func.value, ast.Name | ast.Attribute) else None
    if found is None:
        return next(iter(function.of), None)
    return found


def _noted(
    run: "Run", node: ast.Call, whose: tuple[Thing | None, Thing], arguments: Given, frame: Frame
) -> None:
    """Trainings and uses of networks, each with its objects at this moment."""
    (owner, function), (given, named) = whose, arguments
    name = called(node)
    everything = (*given, *named.values())
    mine = (owner,) if owner else ()
    run.use("call", node, frame, owner=mine, given=everything, what=name, dotted=function.name,
            constant=everything[0].constant if everything else UNKNOWN)  # fmt: skip
    if name in FITS and (name != "fit" or len(everything) > 1) and (owner or given):
        run.use("train", node, frame, owner=mine, given=everything)
    elif name in USES and owner:
        run.use("apply", node, frame, owner=mine, given=everything)
    elif not isinstance(node.func, ast.Attribute | ast.Name) or (isinstance(node.func, ast.Name) and given):
        callee = evaluating.value(run, node.func, frame) if isinstance(node.func, ast.Name) else None
        if callee is not None and not callee.name:
            run.use("apply", node, frame, owner=(callee,), given=everything)
    elif isinstance(node.func, ast.Attribute) and owner and given:
        run.use("apply", node, frame, owner=(evaluating.attribute(run, owner, name),), given=everything)


def _by_name(
    run: "Run", node: ast.Call, name: str, owner: Thing | None, arguments: Given, frame: Frame
) -> Thing | None:
    """What is known of calls of this name; None for any other."""
    given, named = arguments
    everything = [*given, *named.values()]
    if owner is not None and owner.constant == SUPER:
        target = owner.owner or owner
        target.of += everything
        target.of += _functions(run, everything, None)
        return Thing(node, of=[target])
    if name in GROWS and owner is not None:
        _grown(owner, name, given, named)
        return Thing(node, constant=None, of=[owner])
    if name == "getattr" and len(given) > 1:
        return _got(run, node, given, frame)
    if name == "load_state_dict" and owner is not None:
        owner.of += everything
        return Thing(node, of=[owner])
    if name in SAVES and (owner or given):
        _saved(run, name, owner, given, named)
    if name in LOADS or (name == "load_file" and given):
        return _loaded(run, node, name, owner, everything)
    if name == "train_test_split":
        return _dealt(node, given)
    return _handed_on(node, name, owner, given)


def _handed_on(node: ast.Call, name: str, owner: Thing | None, given: list[Thing]) -> Thing | None:
    if name in SAME and (owner is not None or given):
        if name == "compile" and owner is not None and not node.args:
            return owner
        return owner if owner is not None else given[0]
    if name in ("zip", "enumerate", "items", "values", "keys") or name == "range":
        return _iterated(name, owner, given)
    return None


def _iterated(name: str, owner: Thing | None, given: list[Thing]) -> Thing | None:
    """`items()` of a dictionary that is written out gives its pairs."""
    if owner is None or not owner.parts or owner.of or owner.nodes or owner.kind:
        return None
    thing = Thing()
    for index, (key, value) in enumerate(owner.parts.items()):
        pair = Thing()
        pair.parts = {0: Thing(constant=key), 1: value}
        thing.parts[index] = {"items": pair, "values": value, "keys": pair.parts[0]}.get(name, pair)
    return thing if name in ("items", "values", "keys") else None


def _grown(owner: Thing, name: str, given: list[Thing], named: dict[str, Thing]) -> None:
    for each in owner.choices or (owner,):
        each.constant = UNKNOWN
        if name == "append" and given and not each.nodes and not each.of:
            each.parts[len(each.parts)] = given[-1]
        else:
            each.of += [*given, *named.values()]


def _got(run: "Run", node: ast.Call, given: list[Thing], frame: Frame) -> Thing:
    """`getattr(models, name)`."""
    if isinstance(given[1].constant, str):
        return evaluating.attribute(run, given[0], given[1].constant)
    lost = f"{ast.unparse(node)[:60]} ({run.place(node, frame)})"
    return Thing(node, of=given[:1], name=f"{given[0].name}.?" if given[0].name else "", lost=lost)


def _dealt(node: ast.Call, given: list[Thing]) -> Thing:
    """Two parts of each argument."""
    thing = Thing(node)
    for index, each in enumerate(given):
        thing.parts[2 * index] = Thing(node, of=[each])
        thing.parts[2 * index + 1] = Thing(node, of=[each])
    return thing


def _functions(run: "Run", given: list[Thing], owner: Thing | None) -> list[Thing]:
    """What own functions return that a library is given: `map(f)`, `Lambda(f)`, `preprocessing_function=f`."""
    found = []
    for each in given:
        for one in each.choices or (each,):
            if isinstance(one.code, ast.FunctionDef | ast.Lambda):
                found.append(calling.own(run, one, [owner] if owner else [], {}, None))
    return found


def _saved(run: "Run", name: str, owner: Thing | None, given: list[Thing], named: dict[str, Thing]) -> None:
    """What is written into which file; by the last part of its path."""
    is_function = owner is None
    at = 1 if is_function and name in ("save", "save_model", "export", "dump") else 0
    path = given[at] if at < len(given) else named.get("filepath") or named.get("f")
    thing = given[0] if is_function and given else owner
    if path is not None and thing is not None:
        run.saved.setdefault(_file(path), []).append(thing)


def _file(path: Thing) -> str:
    return path.constant.replace("\\", "/").rpartition("/")[2] if isinstance(path.constant, str) else ""


def _loaded(run: "Run", node: ast.Call, name: str, owner: Thing | None, given: list[Thing]) -> Thing:
    thing = Thing(node, of=[*([owner] if owner else []), *given])
    thing.made = name
    if name == "load_weights" and owner is not None:
        run.loaded.append((_file(given[0]) if given else "", owner))
        return owner
    run.loaded.append((_file(given[0]) if given else "", thing))
    return thing


__all__ = ["FITS", "SUPER", "call", "joined"]
