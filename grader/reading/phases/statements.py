"""What statements do to a training: freeze, unfreeze, make an optimiser, train. One function an idiom."""

import ast
import re
from collections.abc import Callable

from msgspec import Struct

from grader.reading.phases.records import Kind
from grader.reading.programs import UNKNOWN
from grader.reading.programs.flow import Thing, Use

FLAGS = ("trainable", "requires_grad")
# Layers of one's own on top are trained in both phases; freeing them frees nothing of the backbone.
HEADS = (
    "fc", "classifier", "head", "heads", "get_classifier", "last_linear", "logits", "fc_layers", "new_head",
    "top", "predictions", "AuxLogits",
)  # fmt: skip
OPTIMISERS = (
    "Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Lion", "Nadam", "Adamax",
)  # fmt: skip
FASTAI = {"freeze": "freeze", "unfreeze": "unfreeze", "freeze_to": "unfreeze"}
HEAD_ALONE = ", of the head alone"
LIBRARY = ("BackboneFinetuning", "FineTuneBatchNorm", "fine_tune")
LAYERS = re.compile(r"torch\.nn\.|(?:^|\.)nn\.|keras\.layers|layers\.\w+$|keras\.\w*Sequential$")
STEPS = 16  # from a parameter back to the layer that it belongs to


class Effect(Struct, frozen=True):
    """`what` is written in the code, such as `base_model.layers[:120]`."""

    kind: Kind
    what: str = ""


def flags(use: Use) -> list[Effect]:
    """`layer.trainable = False`, `parameter.requires_grad = True`, `p.requires_grad = "fc" in name`."""
    if use.kind != "field" or use.what not in FLAGS or not isinstance(use.node, ast.Assign):
        return []
    target = use.node.targets[-1]
    what = ast.unparse(target.value) if isinstance(target, ast.Attribute) else ""
    if use.constant is UNKNOWN:
        only_head = _names_head(ast.unparse(use.node.value))
        return [Effect("freeze", what)] if only_head else [Effect("freeze", what), Effect("unfreeze", what)]
    return [Effect("unfreeze" if use.constant else "freeze", what)]


def made_frozen(use: Use) -> list[Effect]:
    """`KerasLayer(address, trainable=False)`, which is the default of TensorFlow Hub's layers."""
    if use.kind != "call" or not isinstance(use.node, ast.Call):
        return []
    told = [keyword.value for keyword in use.node.keywords if keyword.arg == "trainable"]
    of_hub = use.dotted.startswith("tensorflow_hub") and use.what == "KerasLayer"
    if not told and not of_hub:
        return []
    constant = told[0].value if told and isinstance(told[0], ast.Constant) else UNKNOWN if told else False
    what = ast.unparse(use.node.func)
    if constant is UNKNOWN:
        return [Effect("freeze", what), Effect("unfreeze", what)]
    return [] if constant else [Effect("freeze", what)]


def switches(use: Use) -> list[Effect]:
    """`module.requires_grad_(False)`, fastai's and Lightning's `freeze()`, `unfreeze()`, `freeze_to(n)`."""
    name = use.what
    function = use.node.func if isinstance(use.node, ast.Call) else None
    what = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    if name == "requires_grad_":
        return [Effect("freeze" if use.constant is False or use.constant == 0 else "unfreeze", what)]
    if name == "unfreeze_and_add_param_group":
        return [Effect("unfreeze", what), Effect("optimiser")]
    if name in FASTAI and (what or use.dotted.startswith("timm")):
        kind: Kind = "freeze" if name == "freeze" else "unfreeze"
        return [Effect(kind, what), Effect("optimiser")]  # fastai makes a new optimiser itself
    return []


def optimisers(use: Use) -> list[Effect]:
    """A new optimiser; `compile` of Keras; Lightning's trainer asks `configure_optimizers` at each `fit`."""
    name, dotted = use.what, use.dotted
    if name == "compile" and use.given and not dotted.startswith(("torch", "re.")):
        return [Effect("optimiser", "compile")]
    if dotted.startswith("torch.optim") and "lr_scheduler" not in dotted and name in OPTIMISERS:
        return [Effect("optimiser", name + HEAD_ALONE if _takes_head(use.node) else name)]
    if name in OPTIMISERS and "keras" not in dotted and not dotted.startswith("tensorflow"):
        return [Effect("optimiser", name)]
    if name.endswith("Trainer") and dotted.startswith("transformers"):
        return [Effect("optimiser", name)]
    if name in ("add_param_group", "create_optimizer", "create_optimizer_v2"):
        return [Effect("optimiser", name)]
    return []


def _takes_head(node: ast.AST) -> bool:
    """`Adam(model.classifier.parameters())`: what an optimiser does not hold, it does not train."""
    found = [each for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr == "parameters"]
    return bool(found) and all(
        isinstance(each.value, ast.Attribute) and each.value.attr in HEADS for each in found
    )


def libraries(use: Use) -> list[Effect]:
    """What does both phases itself."""
    if use.what in LIBRARY and (use.what != "fine_tune" or use.owner):
        return [Effect("library", use.what)]
    return []


def trainings(use: Use) -> list[Effect]:
    function = use.node.func if isinstance(use.node, ast.Call) else None
    name = ast.unparse(function).rpartition(".")[2] if function else ""
    if use.kind != "train" or name == "fine_tune":
        return []
    owner = ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
    before = [Effect("optimiser", "fit")] if "trainer" in owner.lower() and name == "fit" else []
    return [*before, Effect("train", name)]


TABLE: tuple[Callable[[Use], list[Effect]], ...] = (
    flags,
    made_frozen,
    trainings,
    switches,
    optimisers,
    libraries,
)


def is_head(use: Use, what: str) -> bool:
    """A new layer on top, or what the pretrained network calls so; by its object, its name or a condition."""
    if any(_names_head(each) for each in use.conditions):
        return True
    parts = what.replace("[", ".").replace("(", ".").split(".")
    if any(part in HEADS for part in parts) and not any(part in ("layers", "features") for part in parts):
        return True
    return any(_is_layer_of_head(each) for each in use.owner)


def _is_layer_of_head(thing: Thing) -> bool:
    """Back from a parameter: `model.fc`, or a layer that the program itself made."""
    for _ in range(STEPS):
        if thing.label in HEADS or LAYERS.search(thing.made):
            return True
        if thing.made or thing.choices or not thing.of:
            return False
        thing = thing.of[0]
    return False


def _names_head(condition: str) -> bool:
    """`"fc" in name`, `name.startswith("classifier")`; not where it is negated, or names other layers too."""
    named = re.findall(r"[\"']([^\"']+)[\"']", condition)
    heads = [any(part in HEADS for part in re.split(r"[.\W]", each)) for each in named]
    return bool(named) and all(heads) and not re.search(r"\bnot\b|!=", condition)
