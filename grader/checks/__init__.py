"""The table of checks: an assignment names them by their keys. A new check is one file and one line here."""

from grader.checks.accuracy import Accuracy
from grader.checks.deadline import Deadline
from grader.checks.english import English
from grader.checks.integrity import Integrity
from grader.checks.lab import Lab
from grader.checks.predict import Predict
from grader.checks.preprocessing import Preprocessing
from grader.checks.protocol import Check
from grader.checks.quiz import Quiz
from grader.checks.report import Report
from grader.checks.required_files import RequiredFiles
from grader.checks.retrain import Retrain
from grader.checks.splits import Splits
from grader.checks.training_log import TrainingLog
from grader.checks.two_phases import TwoPhases

__all__ = ["TABLE", "Check"]

TABLE: dict[str, type[Check]] = {
    "deadline": Deadline,
    "required_files": RequiredFiles,
    "splits": Splits,
    "preprocessing": Preprocessing,
    "two_phases": TwoPhases,
    "training_log": TrainingLog,
    "accuracy": Accuracy,
    "predict": Predict,
    "retrain": Retrain,
    "integrity": Integrity,
    "report": Report,
    "english": English,
    "quiz": Quiz,
    "lab": Lab,
}
