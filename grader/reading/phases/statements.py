"""What statements do to a training: freeze, unfreeze, make an optimiser, train. One function an idiom."""

import ast
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from grader.reading.programs import UNKNOWN, Reader
from grader.reading.programs.bindings import argument, called

Kind = Literal["freeze", "unfreeze", "optimiser", "train", "library"]

FLAGS = ("trainable", "requires_grad")
# Layers of one's own on top are trained in both phases; freeing them frees nothing of the backbone.
HEADS = (
    "fc",
    "classifier",
    "head",
    "heads",
    "get_classifier",
    "last_linear",
    "logits",
    "fc_layers",
    "new_head",
    "top",
)
OPTIMISERS = (
    "Adam",
    "AdamW",
    "SGD",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "NAdam",
    "RAdam",
    "Lion",
    "Nadam",
    "Adamax",
)
FITS = (
    "fit",
    "fit_generator",
    "fit_one_cycle",
    "fit_flat_cos",
    "backward",
    "train_on_batch",
    "apply_gradients",
)
FASTAI = {"freeze": "freeze", "unfreeze": "unfreeze", "freeze_to": "unfreeze"}
LIBRARY = ("BackboneFinetuning", "FineTuneBatchNorm", "fine_tune")


class Effect(Struct, frozen=True):
    """`what` is written in the code, such as `base_model.layers[:120]`."""

    kind: Kind
    what: str = ""


def flags(reader: Reader, statement: ast.stmt) -> list[Effect]:
    """`layer.trainable = False`, `parameter.requires_grad = True`."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=flag)], value=value) if flag in FLAGS:
            told = reader.value(value) if isinstance(value, ast.Constant) else UNKNOWN
            what = ast.unparse(owner)
            if told is UNKNOWN:
                return [Effect("freeze", what), Effect("unfreeze", what)]
            return [Effect("unfreeze" if told else "freeze", what)]
    return []


def switches(reader: Reader, call: ast.Call) -> list[Effect]:
    """`module.requires_grad_(False)`, fastai's and Lightning's `freeze()`, `unfreeze()`, `freeze_to(n)`."""
    name = called(call)
    what = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name == "requires_grad_":
        given = reader.value(argument(call, 0, "requires_grad")) if call.args or call.keywords else True
        return [Effect("unfreeze" if given is not False else "freeze", what)]
    if name == "unfreeze_and_add_param_group":
        return [Effect("unfreeze", what), Effect("optimiser")]
    if name in FASTAI and (what or reader.dotted(call.func).startswith("timm")):
        kind: Kind = "freeze" if name == "freeze" else "unfreeze"
        return [Effect(kind, what), Effect("optimiser")]  # fastai makes a new optimiser itself
    return []


def optimisers(reader: Reader, call: ast.Call) -> list[Effect]:
    """A new optimiser; `compile` of Keras; Lightning's trainer asks `configure_optimizers` at each `fit`."""
    name = called(call)
    dotted = reader.dotted(call.func)
    if name == "compile" and call.keywords and not dotted.startswith(("torch", "re")):
        return [Effect("optimiser", "compile")]
    if dotted.startswith("torch.optim") and "lr_scheduler" not in dotted and name in OPTIMISERS:
        return [Effect("optimiser", name)]
    if name in OPTIMISERS and "keras" not in dotted and not dotted.startswith("tensorflow"):
        return [Effect("optimiser", name)]
    return (
        [Effect("optimiser", name)]
        if name in ("add_param_group", "create_optimizer", "create_optimizer_v2")
        else []
    )


def trainings(reader: Reader, call: ast.Call) -> list[Effect]:
    name = called(call)
    if (
        name == "fine_tune"
        and reader.local_function(call.func) is None
        and isinstance(call.func, ast.Attribute)
    ):
        return [Effect("library", "fine_tune")]
    if name in LIBRARY and name != "fine_tune":
        return [Effect("library", name)]
    if name not in FITS or (name == "fit" and not call.keywords and len(call.args) < 2):
        return []
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    before = [Effect("optimiser", "fit")] if "trainer" in owner.lower() and name == "fit" else []
    return [*before, Effect("train", name)]


TABLE: tuple[Callable[[Reader, ast.Call], list[Effect]], ...] = (switches, optimisers, trainings)


def is_head(what: str) -> bool:
    """`model.fc`, `model.classifier[6]`: the new head, not a layer of the backbone."""
    parts = what.replace("[", ".").replace("(", ".").split(".")
    return any(part in HEADS for part in parts) and not any(part in ("layers", "features") for part in parts)
