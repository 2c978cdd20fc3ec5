"""The files of the image homework as typed rows: the only place that knows their names.

docs/contract.md describes the formats.
"""

from grader.contract.declared import CLASSES, NAME, PATHS, Contract, Model, is_declared, read
from grader.contract.tables import (
    IMAGE_ID,
    SPLITS,
    PredictionRow,
    Results,
    SplitRow,
    handed_in_predictions,
    predictions,
    results,
    splits,
)

__all__ = [
    "CLASSES",
    "IMAGE_ID",
    "NAME",
    "PATHS",
    "SPLITS",
    "Contract",
    "Model",
    "PredictionRow",
    "Results",
    "SplitRow",
    "handed_in_predictions",
    "is_declared",
    "predictions",
    "read",
    "results",
    "splits",
]
