"""Reproduces what a submission's network predicts: our worker, the library's network, the submitted tensors.

Labels are no part of it, and no student code runs. `run` is what the checks call; they share one evaluation.
"""

from typing import TYPE_CHECKING

from grader.ground import lazy
from grader.running.evaluation.records import Checkpoint, Evaluation

if TYPE_CHECKING:
    from grader.running.evaluation.inputs import PREPARED
    from grader.running.evaluation.reproducing import predict, run, warm
    from grader.running.evaluation.weights import pretrained
else:
    __getattr__ = lazy.attached(
        __name__,
        {
            "PREPARED": "inputs",
            "predict": "reproducing",
            "pretrained": "weights",
            "run": "reproducing",
            "warm": "reproducing",
        },
    )

__all__ = ["PREPARED", "Checkpoint", "Evaluation", "predict", "pretrained", "run", "warm"]
