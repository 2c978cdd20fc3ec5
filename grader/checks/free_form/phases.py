"""The check `two_phases` without a contract: what the code does in order, and what log and weights say."""

from collections.abc import Iterator

from msgspec import Struct

from grader.checks.free_form import checkpoints as found_checkpoints
from grader.checks.free_form.checkpoints import Weights
from grader.ground.errors import NotMeasured
from grader.ground.verdict import Finding, error, note, warning
from grader.reading import logs, phases
from grader.reading.logs import summary
from grader.reading.phases import Phases
from grader.submission import Submission

HINT = (
    "freeze the pretrained layers and train the head; then unfreeze the upper ones, make a new "
    "optimiser, train again"
)


class Shown(Struct, frozen=True):
    """A training that a log shows: where, how far, in words, and how many parameters it trained."""

    where: str
    what: str
    trainable: int | None = None


class FoundPhases(Struct, frozen=True, tag="free-form"):
    phases: Phases
    runs: tuple[Shown, ...]
    weights: Weights = Weights()


def collect(submission: Submission) -> FoundPhases:
    logged = submission.once(logs.found)
    return FoundPhases(
        phases.find(submission),
        tuple(Shown(run.where, summary.describe(run), run.trainable) for run in logged.runs),
        found_checkpoints.look(submission),
    )


def judge(measured: FoundPhases) -> Iterator[Finding]:
    found = measured.phases
    for step in found.steps:
        what = f" {step.what}" if step.what else ""
        yield note(f"{step.kind}:{what}", step.where)
    if found.verdict == "yes":
        yield from _judge_agreement(measured)
    yield from found_checkpoints.judge(measured.weights)
    if found.verdict == "yes":
        return
    if found.verdict in ("doubtful", "in a library"):
        raise NotMeasured(found.reason, "hand in submission.toml and checkpoints: they show what was trained")
    if found.unread:
        raise NotMeasured(f"{found.reason}, but these cannot be read: {', '.join(found.unread[:3])}")
    if found.verdict == "no training":
        logged = [run.where for run in measured.runs[:1]]
        raise NotMeasured(
            *[f"{found.reason}, though {where} logs a training" for where in logged] or [found.reason]
        )
    if found.lost:
        raise NotMeasured(f"{found.reason}, but this could not be followed: {', '.join(found.lost[:3])}")
    yield error(f"not trained in two phases: {found.reason}", found.steps[0].where, HINT)


def verified(measured: FoundPhases) -> str:
    upper = "all layers" if measured.phases.whole else "upper layers"
    logged = {0: "no log shows it", 1: "the logs show one training"}
    return (
        f"The programs freeze the pretrained layers and train, then free {upper}, make a new optimiser and "
        f"train again; {logged.get(len(measured.runs), f'the logs show {len(measured.runs)} trainings')}."
    )


def _judge_agreement(measured: FoundPhases) -> Iterator[Finding]:
    found = measured.phases
    if found.whole:
        yield warning(
            f"phase two trains the whole network ({found.layers}), not the upper layers only",
            found.steps[2].where,
            "leave the lower layers frozen: what they know is general",
        )
    if len(measured.runs) == 1:
        yield warning("the code has two phases, but the logs show one training", measured.runs[0].where)
    elif measured.runs:
        yield from _judge_runs(measured)
    else:
        yield note("no log shows whether both phases ran")


def _judge_runs(measured: FoundPhases) -> Iterator[Finding]:
    """In a notebook a training and its log share a cell; else it only counts that there are two."""
    by_place = {run.where: run for run in measured.runs}
    trained = [step.where for step in measured.phases.steps if step.kind == "train"]
    first, second = by_place.get(trained[0]), by_place.get(trained[-1])
    if first is None or second is None or first == second:
        yield note(f"the logs show {len(measured.runs)} trainings", measured.runs[0].where)
        return
    yield note(f"the log of phase one: {first.what}", first.where)
    yield note(f"the log of phase two: {second.what}", second.where)
    if first.trainable and second.trainable and second.trainable <= first.trainable:
        yield warning(
            f"the log of phase two counts {second.trainable:,} trainable parameters, "
            f"no more than the {first.trainable:,} of phase one",
            second.where,
        )
