"""The table of checks: an assignment names them by their keys. A new check is one file and one line here.

A check is imported when somebody asks for it: who judges a quiz loads nothing that looks at images.
"""

from grader.checks.protocol import Check
from grader.ground import lazy

__all__ = ["TABLE", "Check"]


TABLE: lazy.Table[type[Check]] = lazy.Table(
    __name__,
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
    },
)
