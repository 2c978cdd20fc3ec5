"""Trainings that are written down, and that following the scripts did not come to."""

import ast
from collections.abc import Iterator, Sequence, Set

from grader.reading.programs import Source, called, optimising

TRAINS = (
    "fit_generator",
    "fit_one_cycle",
    "fit_flat_cos",
    "backward",
    "train_on_batch",
    "apply_gradients",
    "minimize",
)
OF_NETWORKS = ("epochs", "validation_data", "callbacks", "steps_per_epoch", "train_dataloaders", "datamodule")


def trainings(sources: Sequence[Source], met: Set[str]) -> Iterator[str]:
    """Their places, where some name in the programs calls for the function around: it may run after all.

    `met` are the places of the trainings that were come to.
    """
    named = {
        node.id if isinstance(node, ast.Name) else node.attr
        for source in sources
        for node in ast.walk(source.tree or ast.Module([], []))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    for source in sources:
        for function in ast.walk(source.tree or ast.Module([], [])):
            if isinstance(function, ast.FunctionDef) and function.name in named:
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _trains(call, source, sources):
                        place = source.place(call.lineno)
                        if place not in met:
                            yield f"the training at {place}"


def _trains(call: ast.Call, source: Source, sources: Sequence[Source]) -> bool:
    if called(call) == "backward":
        return optimising.learns(source, sources)
    of_network = any(keyword.arg in OF_NETWORKS for keyword in call.keywords)
    return called(call) in TRAINS or (called(call) == "fit" and of_network)
