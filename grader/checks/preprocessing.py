"""The check `preprocessing`."""

from collections.abc import Iterator

from msgspec import Struct, structs

from grader import contract
from grader.checks import preprocessing_measured
from grader.checks.free_form import preprocessing as found_preprocessing
from grader.checks.protocol import Check
from grader.ground.errors import NotMeasured, SubmissionError
from grader.ground.verdict import Finding, Unmeasured, warning
from grader.reading import preprocessing
from grader.reading.preprocessing import FITTING, WRONG, Backbone, Found, Reference
from grader.running import behaviour
from grader.running.behaviour import Behaviour
from grader.submission import Submission


class PreprocessingMeasured(Struct, frozen=True, tag="declared"):
    """Every accepted way for the declared weights, and what the submission applies.

    `probed` is what its own program did with images of ours, the strongest evidence, or why it broke; None
    where it could not be run here.
    """

    weights: str
    references: tuple[Reference, ...]
    found: Found
    probed: Behaviour | Unmeasured | None = None

    @property
    def shown_right(self) -> bool:
        """Whether the behaviour of the program says that order, mean and std are right."""
        return isinstance(self.probed, Behaviour) and preprocessing_measured.colours_agree(
            self.probed, self.references
        )


class Preprocessing(Check, frozen=True):
    """Images are prepared as the pretrained weights want them: the same scale, mean and std, size and filter.

    Another size, crop or filter is a warning: it costs little, and sources differ on it.
    """

    needs = ("required_files",)

    def collect(self, submission: Submission) -> PreprocessingMeasured | Found:
        if not contract.is_declared(submission):
            return preprocessing.find(submission)
        declared = contract.read(submission)
        network = _network(declared.model)
        found = preprocessing.find_for(submission, network, declared.log.paths)
        measured = PreprocessingMeasured(network.shown, network.references, found)
        try:
            return structs.replace(measured, probed=behaviour.measure(submission, network.references))
        except SubmissionError as trouble:
            return structs.replace(measured, probed=Unmeasured(trouble.message))
        except NotMeasured:  # nothing is lost: code and log are read
            return measured

    def judge(self, measured: PreprocessingMeasured | Found) -> Iterator[Finding]:
        if isinstance(measured, Found):
            yield from found_preprocessing.judge(measured)
        else:
            yield from _judge_declared(measured)

    def verified(self, measured: PreprocessingMeasured | Found) -> str:
        if isinstance(measured, Found):
            return found_preprocessing.verified(measured.decisive)
        return self.looked_for()


def _network(model: contract.Model) -> Backbone:
    """The declared backbone. Raises SubmissionError: no library has it; NotMeasured: it is of no library."""
    if model.library == "other":
        raise NotMeasured("the declared library is not one whose preprocessing is known: other")
    try:
        references = preprocessing.accepted(model.library, model.backbone, model.weights)
    except preprocessing.Unknown as unknown:
        raise SubmissionError(
            f"{contract.NAME}: [model] {unknown}",
            contract.NAME,
            "write library, backbone and weights exactly as the library calls them",
        ) from None
    return Backbone(model.library, model.backbone, model.weights, contract.NAME, True, references)


def _judge_declared(measured: PreprocessingMeasured) -> Iterator[Finding]:
    """What was measured decides; else what the log recorded; else what reading the programs tells."""
    match measured.probed:
        case Unmeasured(reason):
            yield warning(reason, contract.NAME)
        case Behaviour() as probed:
            yield from preprocessing_measured.findings(probed, measured.references, measured.weights)
    record, ways = measured.found.record, measured.found.decisive
    if record:
        yield from found_preprocessing.findings((record,), certain=True)
    if record or measured.shown_right:  # they say what is right; code only what contradicts them
        ways = tuple(way for way in ways if way.verdict in WRONG)
    yield from found_preprocessing.findings(ways, certain=not measured.shown_right)
    if not any(way.verdict in WRONG for way in (*ways, *filter(None, (record,)))):
        _require_decided(measured)


def _require_decided(measured: PreprocessingMeasured) -> None:
    """Raises NotMeasured: nothing tells what is applied, or some code cannot be told."""
    found = measured.found
    probed = measured.probed
    is_probed = isinstance(probed, Behaviour) and not preprocessing_measured.is_odd(probed)
    if is_probed or (found.record and found.record.verdict in FITTING):
        return
    if found.decisive:
        found_preprocessing.require_decided(found.decisive)
        return
    unread = f"; not readable as Python: {', '.join(found.unread[:3])}"
    raise NotMeasured(
        "neither a log that records the preprocessing nor code that says its values was found"
        + (unread if found.unread else ""),
        'record it: the first line of the log holds {"event": "run", "preprocessing": {...}}',
    )
