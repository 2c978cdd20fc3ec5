"""The check `two_phases` without a contract: what the code does in order, and whether the log agrees."""

from collections.abc import Iterator

from msgspec import Struct

from grader import phases
from grader.errors import NotMeasured
from grader.logs import evidence
from grader.phases import Phases
from grader.submission import Submission
from grader.verdict import Finding, error, note, warning

HINT = (
    "freeze the pretrained layers and train the head; then unfreeze the upper ones, make a new "
    "optimiser, train again"
)


class FoundPhases(Struct, frozen=True):
    """`runs` are the places of the trainings that logs show."""

    phases: Phases
    runs: tuple[str, ...]


def collect(submission: Submission) -> FoundPhases:
    logged = submission.once(evidence.found)
    return FoundPhases(phases.find(submission), tuple(run.where for run in logged.runs))


def judge(measured: FoundPhases) -> Iterator[Finding]:
    found = measured.phases
    for step in found.steps:
        what = f" {step.what}" if step.what else ""
        yield note(f"{step.kind}:{what}", step.where)
    if found.verdict == "yes":
        yield from _judge_agreement(measured)
    elif found.verdict in ("doubtful", "in a library"):
        raise NotMeasured(found.reason, "hand in submission.toml and checkpoints: they show what was trained")
    elif found.unread:
        raise NotMeasured(f"{found.reason}, but these cannot be read: {', '.join(found.unread[:3])}")
    elif found.verdict == "no training":
        raise NotMeasured(found.reason)
    else:
        yield error(f"not trained in two phases: {found.reason}", found.steps[0].where, HINT)


def _judge_agreement(measured: FoundPhases) -> Iterator[Finding]:
    found = measured.phases
    if found.whole:
        yield warning(
            f"phase two trains the whole network ({found.layers}), not the upper layers only",
            found.steps[2].where, "leave the lower layers frozen: what they know is general",
        )  # fmt: skip
    if len(measured.runs) == 1:
        yield warning("the code has two phases, but the logs show one training", measured.runs[0])
    elif measured.runs:
        yield note(f"the logs agree: they show {len(measured.runs)} trainings", measured.runs[0])
