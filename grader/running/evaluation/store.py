"""Keeps evaluations: an unchanged submission costs none."""

import hashlib

import msgspec

from grader import __version__
from grader.ground import whole_file
from grader.running.evaluation import weights
from grader.running.evaluation.records import Evaluation, Inputs
from grader.submission import Submission, Surroundings


def name(inputs: Inputs, surroundings: Surroundings) -> str:
    """Of the answer for exactly these inputs: an unchanged submission costs no evaluation."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in inputs.contents.items()}
    # Of which source the images are was verified, too.
    declared = (inputs.declared.model, inputs.declared.classes, inputs.declared.data.source)
    alone = weights.are_missing(inputs.declared, surroundings)
    key = msgspec.json.encode(
        (__version__, surroundings.device, declared, inputs.reference, inputs.rows, digests, alone)
    )
    return f"evaluations/{hashlib.sha256(key).hexdigest()}.json"


def find(submission: Submission, inputs: Inputs) -> Evaluation | None:
    """The evaluation that was made of exactly these inputs, if there is one."""
    surroundings, own = submission.surroundings, name(inputs, submission.surroundings)
    for folder in (surroundings.cache, surroundings.scratch):
        try:
            return msgspec.json.decode((folder / own).read_bytes(), type=Evaluation)
        except (FileNotFoundError, msgspec.MsgspecError):  # none yet, or that of another grader
            continue
    return None


def keep(submission: Submission, inputs: Inputs, evaluation: Evaluation) -> None:
    """For ever, or where images are missing for this run only: another source may have them next time."""
    surroundings = submission.surroundings
    whole = not evaluation.missing and not evaluation.different
    folder = surroundings.cache if whole else surroundings.scratch
    whole_file.write(folder / name(inputs, surroundings), msgspec.json.encode(evaluation))
