"""Reads from a submission all that decides what its evaluation says."""

from grader import contract
from grader.contract import Contract
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.reference import Reference
from grader.reading import preprocessing
from grader.running.evaluation import keras_resizing
from grader.running.evaluation.records import FINAL, PHASE_ONE, Checkpoint, Inputs
from grader.submission import Submission
from grader.workers.messages import Examined

PREPARED = ("torchvision", "timm")  # the libraries whose networks the worker fills with published tensors
KERAS = "keras"  # whose files hold all tensors
MOST = 10_000  # test images; the others of a class wait meanwhile


def read(submission: Submission) -> Inputs:
    declared = contract.read(submission)
    rows = tuple(row for row in contract.splits(submission) if row.split == "test")
    if not rows:
        raise SubmissionError(f"{declared.data.splits} lists no test image", declared.data.splits)
    if len(rows) > MOST:
        what = f"{declared.data.splits} lists {len(rows):,} test images, at most {MOST:,} are evaluated"
        raise SubmissionError(what, declared.data.splits)
    if len(declared.classes) < 2:
        raise SubmissionError(
            f"{contract.NAME}: classes names {len(declared.classes)} class, expected 2 or more"
        )
    (reference, *others), unstated = _references(submission, declared)
    contents, absent = {FINAL: submission.read(declared.model.checkpoint)}, {}
    path = declared.model.phase_one_checkpoint
    try:
        contents[PHASE_ONE] = submission.read(path)
    except SubmissionError as trouble:  # the accuracy is that of the final checkpoint alone
        reason = trouble.message.removeprefix(path).strip()
        absent[PHASE_ONE] = Checkpoint(path, Examined(refused=reason, hint=trouble.hint), trouble.missing)
    return Inputs(declared, rows, reference, contents, absent, tuple(others), unstated)


def _references(submission: Submission, declared: Contract) -> tuple[tuple[Reference, ...], str]:
    """The accepted reference that is nearest to what the training recorded; for Keras every way to resize."""
    model = declared.model
    if model.library not in (*PREPARED, KERAS):
        known = f"{', '.join(PREPARED)} and {KERAS}"
        raise NotMeasured(f"networks of {model.library} are not built here, but of {known}")
    try:
        references = preprocessing.accepted(model.library, model.backbone, model.weights)
    except preprocessing.Unknown as unknown:
        raise NotMeasured(str(unknown), "see the check preprocessing") from None
    recorded = preprocessing.recorded(submission, declared.log.paths)
    values = recorded.values if recorded else None
    mean, std = (values.mean, values.std) if values else ((), ())
    reference = preprocessing.nearest(references, mean, std)
    if reference.fit == "border":
        raise NotMeasured("these weights want their images padded at the border, which is not done here")
    return keras_resizing.possible(reference, recorded) if model.library == KERAS else ((reference,), "")
