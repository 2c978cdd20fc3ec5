"""Keeps evaluations: an unchanged submission costs none."""

import hashlib
from pathlib import Path

import msgspec

from grader import __version__
from grader.ground import whole_file
from grader.running.evaluation import weights
from grader.running.evaluation.records import Evaluation, Inputs
from grader.submission import Submission, Surroundings


def place(inputs: Inputs, surroundings: Surroundings) -> Path:
    """Where the answer for exactly these inputs is kept: an unchanged submission costs no evaluation."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in inputs.contents.items()}
    # Of which source the images are was verified, too.
    declared = (inputs.declared.model, inputs.declared.classes, inputs.declared.data.source)
    alone = weights.are_missing(inputs.declared, surroundings)
    key = msgspec.json.encode(
        (__version__, surroundings.device, declared, inputs.reference, inputs.rows, digests, alone)
    )
    return surroundings.cache / "evaluations" / f"{hashlib.sha256(key).hexdigest()}.json"


def find(submission: Submission, inputs: Inputs) -> Evaluation | None:
    """The evaluation that was made of exactly these inputs, if there is one."""
    try:
        return msgspec.json.decode(place(inputs, submission.surroundings).read_bytes(), type=Evaluation)
    except (FileNotFoundError, msgspec.MsgspecError):  # none yet, or that of another grader
        return None


def keep(submission: Submission, inputs: Inputs, evaluation: Evaluation) -> None:
    if not evaluation.missing and not evaluation.different:  # another source may have them next time
        whole_file.write(place(inputs, submission.surroundings), msgspec.json.encode(evaluation))
