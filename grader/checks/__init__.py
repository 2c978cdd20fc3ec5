"""The table of checks: an assignment names them by their keys. A new check is one file and one line here.

A check is imported when somebody asks for it: who judges a quiz loads nothing that looks at images.
"""

import importlib
from collections.abc import Iterator, Mapping

from grader.checks.protocol import Check

__all__ = ["TABLE", "Check"]


class Table(Mapping[str, type[Check]]):
    """Name to class, given as `module.Class` below this package."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> type[Check]:
        module, _, kind = self._places[name].rpartition(".")
        check: type[Check] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
        return check

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places


TABLE = Table(
    {
        "deadline": "deadline.Deadline",
        "required_files": "required_files.RequiredFiles",
        "splits": "splits.Splits",
        "preprocessing": "preprocessing.Preprocessing",
        "two_phases": "two_phases.TwoPhases",
        "training_log": "training_log.TrainingLog",
        "accuracy": "accuracy.Accuracy",
        "predict": "predict.Predict",
        "retrain": "retrain.Retrain",
        "integrity": "integrity.Integrity",
        "report": "report.Report",
        "english": "english.English",
        "readme": "readme.Readme",
        "document": "document.Document",
        "work_size": "work_size.WorkSize",
        "quiz": "quiz.Quiz",
        "lab": "lab.Lab",
    }
)
