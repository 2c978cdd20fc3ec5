"""The check `preprocessing`."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from grader import contract, preprocessing
from grader.checks import found_preprocessing, probed
from grader.checks.protocol import Check
from grader.errors import NotMeasured, SubmissionError
from grader.lanes import behaviour
from grader.preprocessing import Applied, Found, Recorded, Reference, Step
from grader.submission import Submission
from grader.verdict import Finding, error, note, warning
from grader.workers.messages import Probed

HINT = "take the values from the weights: weights.transforms(), or timm.data.resolve_data_config"


class PreprocessingMeasured(Struct, frozen=True):
    """What the submission applies, and every accepted way for its weights.

    `probed` is what its own program did with an image of ours: the strongest evidence, where there is one.
    """

    weights: str
    references: tuple[Reference, ...]
    applied: Applied
    probed: Probed | None = None
    broken: str = ""  # why the submission's own program did not prepare the probe image


class Preprocessing(Check, frozen=True):
    """Images are prepared as the pretrained weights want them: the same scale, mean and std, size and filter.

    A mean or a std may differ by `tolerance`, which is a rounding, not a typing mistake. Another size, crop
    or filter is a warning: it costs little, and sources differ on it.
    """

    needs = ("required_files",)

    tolerance: float = 0.0006

    def collect(self, submission: Submission) -> PreprocessingMeasured | Found:
        if not contract.is_declared(submission):
            return preprocessing.find(submission)
        declared = contract.read(submission)
        model = declared.model
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
        applied = preprocessing.applied(submission, declared.log.paths)
        measured = PreprocessingMeasured(f"{model.backbone} {model.weights}", references, applied)
        try:
            return structs.replace(measured, probed=behaviour.measure(submission, references))
        except SubmissionError as trouble:
            return structs.replace(measured, broken=trouble.message)
        except NotMeasured:  # nothing is lost: code and log are read
            return measured

    def judge(self, measured: PreprocessingMeasured | Found) -> Iterator[Finding]:
        if isinstance(measured, Found):
            yield from found_preprocessing.judge(measured)
        else:
            yield from self._judge_declared(measured)

    def _judge_declared(self, measured: PreprocessingMeasured) -> Iterator[Finding]:
        recorded, steps = measured.applied.recorded, measured.applied.steps
        stated = [step for step in steps if step.mean or step.std]
        if measured.broken:
            yield warning(measured.broken, contract.NAME)
        if measured.probed:
            yield from probed.findings(measured.probed, measured.references, measured.weights)
        shown_right = measured.probed and probed.colours_agree(measured.probed, measured.references)
        for step in stated:
            for found in self._judge_values(step, measured):
                yield structs.replace(found, level="warning") if shown_right else found
        if recorded:
            yield from self._judge_values(recorded, measured)
        yield from _judge_geometry(measured)
        from_library = next((step for step in steps if step.library), None)
        if not recorded and not stated and not from_library and not _shown(measured):
            unread = f"; not readable as Python: {', '.join(measured.applied.unread[:3])}"
            raise NotMeasured(
                "neither a log that records the preprocessing nor code that says its values was found"
                + (unread if measured.applied.unread else ""),
                'record it: the first line of the log holds {"event": "run", "preprocessing": {...}}',
            )
        if from_library:
            yield note("the code takes the values from the weights themselves", from_library.where)

    def _judge_values(self, found: Step | Recorded, measured: PreprocessingMeasured) -> Iterator[Finding]:
        if any(self._agrees(found, reference) for reference in measured.references):
            return
        nearest = preprocessing.nearest(measured.references, found.mean, found.std)
        stated = [("mean", found.mean, nearest.mean), ("std", found.std, nearest.std)]
        wrong = [(name, is_, wanted) for name, is_, wanted in stated if is_ and not self._close(is_, wanted)]
        what = "; ".join(f"{name} is {_text(is_)}, expected {_text(wanted)}" for name, is_, wanted in wrong)
        near_miss = _near_miss([pair for _, is_, wanted in wrong for pair in zip(is_, wanted, strict=True)])
        others = len({(reference.mean, reference.std) for reference in measured.references}) - 1
        also = f", one of {others + 1} accepted" if others else ""
        yield error(f"{what}{near_miss} ({measured.weights} by {nearest.source}{also})", found.where, HINT)

    def _agrees(self, found: Step | Recorded, reference: Reference) -> bool:
        return all(
            self._close(is_, wanted)
            for is_, wanted in ((found.mean, reference.mean), (found.std, reference.std))
            if is_
        )

    def _close(self, found: Sequence[float], wanted: Sequence[float]) -> bool:
        return all(abs(one - other) <= self.tolerance for one, other in zip(found, wanted, strict=True))


def _shown(measured: PreprocessingMeasured) -> bool:
    """Whether the behaviour of the program says all."""
    return measured.probed is not None and not measured.probed.trouble


def _judge_geometry(measured: PreprocessingMeasured) -> Iterator[Finding]:
    """Size, crop and filter: of the record, or else of the code."""
    recorded = measured.applied.recorded
    if recorded:
        keys = ("resize", "crop", "interpolation")
        found = {key: getattr(recorded, key) for key in keys if getattr(recorded, key)}
        if not any(_fits(found, reference) for reference in measured.references):
            is_, wanted = _parts(found), _parts({key: getattr(measured.references[0], key) for key in keys})
            yield warning(f"the images are prepared with {is_}, {measured.weights} expects {wanted}",
                          recorded.where, HINT)  # fmt: skip
        return
    for step in measured.applied.steps:
        found = {key: value for key, value in (("resize", step.resize), ("crop", step.crop)) if value}
        if found and not any(_fits(found, reference) for reference in measured.references):
            wanted = " or ".join(sorted({_parts({key: getattr(each, key) for key in found})
                                         for each in measured.references}))  # fmt: skip
            yield warning(f"{_parts(found)}, {measured.weights} expects {wanted}", step.where, HINT)


def _fits(found: dict[str, object], reference: Reference) -> bool:
    return all(getattr(reference, key) in (value, 0, "") for key, value in found.items())


def _near_miss(pairs: Sequence[tuple[float, float]]) -> str:
    """One wrong number among right ones is a slip of the hand, and worth saying so."""
    wrong = [(is_, wanted) for is_, wanted in pairs if abs(is_ - wanted) > 1e-3]
    if len(wrong) != 1 or len(pairs) < 3:
        return ""
    is_, wanted = wrong[0]
    return f": {is_:g} for {wanted:g}, a typing mistake?"


def _parts(found: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in found.items() if value)


def _text(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(f"{number:.6g}" for number in numbers) + ")"
