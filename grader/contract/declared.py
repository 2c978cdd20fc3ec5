"""`submission.toml` as a record. All in it is a claim that says where to look; the checks verify it."""

from typing import Annotated

from msgspec import Meta, Struct, structs

from grader import handed_in
from grader.ground import networks, toml
from grader.ground.errors import SubmissionError
from grader.ground.spelling import respelled
from grader.submission import Submission

NAME = handed_in.NAME
CLASSES = 1_000  # as many as ImageNet has
PATHS = "data.splits model.checkpoint model.phase_one_checkpoint log.paths results.predictions".split()
PATHS += ["results.summary", "documents.report", "documents.download"]


class Data(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    source: str = ""
    splits: str = "data/splits.csv"
    folder: str = ""
    mirror: str = ""
    train: int = 400
    val: int = 100
    test: int = 100


Hidden = Annotated[int, Meta(ge=1, le=16_384)]


class Model(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`head`: the sizes of the hidden layers of the new head; none: it is one layer."""

    library: str
    backbone: str
    weights: str
    checkpoint: str = "model.safetensors"
    phase_one_checkpoint: str = "head.safetensors"
    upper_layers: tuple[str, ...] | None = None
    head: Annotated[tuple[Hidden, ...], Meta(max_length=4)] = ()
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.0


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    paths: tuple[str, ...] = ("logs/train.jsonl",)


class ResultFiles(Struct, frozen=True, forbid_unknown_fields=True):
    predictions: str = "predictions.csv"
    summary: str = "results.json"


class Documents(Struct, frozen=True, forbid_unknown_fields=True):
    report: str = "report.pdf"
    download: str = "finetune/sources/download.py"


class Run(Struct, frozen=True, forbid_unknown_fields=True):
    predict: tuple[str, ...] = ()
    preprocess: tuple[str, ...] = ()
    train: tuple[str, ...] = ()


class OwnDeadline(Struct, frozen=True, forbid_unknown_fields=True):
    """What `make submit` prints the margin to; the grader has its own deadline."""

    at: str = ""
    zone: str = ""


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom `make submit` asks for a receipt; what it got is verified with the course's own certificates."""

    authority: str = ""
    signer: str = ""


class Contract(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`submission.toml` as the image homework needs it."""

    schema: int
    assignment: str
    student: str
    classes: tuple[str, ...]
    data: Data = Data()
    model: Model
    log: Log = Log()
    results: ResultFiles = ResultFiles()
    documents: Documents = Documents()
    run: Run = Run()
    deadline: OwnDeadline = OwnDeadline()
    receipt: Receipt = Receipt()


def is_declared(submission: Submission) -> bool:
    """Whether there is a contract at all. Without one, checks look at whatever the repository holds."""
    return submission.has(NAME)


def read(submission: Submission) -> Contract:
    """The declared contract.

    Raises:
        SubmissionError: the file is missing, not TOML, has an unknown key, lacks one, or has a wrong type.
    """
    found = submission.once(_read)
    if isinstance(found, SubmissionError):
        raise found
    return found


def _read(submission: Submission) -> Contract | SubmissionError:
    try:
        contract = toml.convert(handed_in.tables(submission), Contract, NAME)
        if contract.schema != 1:
            raise SubmissionError(f"{NAME}: schema is {contract.schema}, this grader reads 1", NAME)
        _require_names(contract.classes)
        model = _named(contract.model)
    except toml.Misfit as misfit:
        return SubmissionError(str(misfit), NAME, "the starter's file shows every key")
    except SubmissionError as trouble:
        return trouble
    return respelled(structs.replace(contract, model=model), PATHS, submission.spelled)


def _named(model: Model) -> Model:
    try:
        backbone, weights = networks.named(model.library, model.backbone, model.weights)
    except ValueError as trouble:
        hint = "name the weights that you fine-tuned, once"
        raise SubmissionError(f"{NAME}: [model] {trouble}", NAME, hint) from None
    return structs.replace(model, backbone=backbone, weights=weights)


def _require_names(classes: tuple[str, ...]) -> None:
    """Of two classes with one name any prediction would be right; "" stands for a missing prediction."""
    if len(classes) > CLASSES:
        raise SubmissionError(
            f"{NAME}: classes has {len(classes):,} names, at most {CLASSES:,} are read", NAME
        )
    if not all(classes) or len(set(classes)) < len(classes):
        told = ", ".join(map(repr, classes))[:200]
        raise SubmissionError(f"{NAME}: classes is {told}, expected names that differ", NAME)
