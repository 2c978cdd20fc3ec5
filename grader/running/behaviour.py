"""How a submission prepares images, read from what its own program makes of two that we drew.

The reference asks for nothing of the source code, so it holds for every framework.
"""

from collections.abc import Sequence

from msgspec import Struct

from grader import sandbox
from grader.ground.reference import Reference
from grader.running import answers_cache, program
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import DrawProbe, Probed, ReadProbe

LIMITS = sandbox.Limits(seconds=180, file_size=32 << 20)


class Behaviour(Struct, frozen=True, tag="behaviour"):
    """What a program makes of a broad bright image, and of a high dark one."""

    landscape: Probed
    portrait: Probed


def measure(submission: Submission, references: Sequence[Reference]) -> Behaviour:
    """What [run] preprocess makes of the probe images.

    Raises:
        SubmissionError: the program breaks.
        NotMeasured: no command, sandbox or packages here.
    """
    program.command(submission, "preprocess")
    return answers_cache.recall(
        submission, ("probe", references), Behaviour, lambda: _both(submission, references)
    )


def _both(submission: Submission, references: Sequence[Reference]) -> Behaviour:
    return Behaviour(
        landscape=_probed(submission, "landscape", references),
        portrait=_probed(submission, "portrait", references),
    )


def _probed(submission: Submission, name: str, references: Sequence[Reference]) -> Probed:
    drawn, shown = program.scratch(submission), program.scratch(submission)
    asking.ask("probe", DrawProbe(str(drawn / "image.png"), name), Probed, paths=((), drawn))
    program.lay_out({"image": drawn / "image.png"}, shown)
    output = program.scratch(submission) / "probe.npy"
    program.run(submission, "preprocess", {"image": shown / "image.png"}, output, LIMITS)
    request = ReadProbe(str(output), name, tuple(references))
    return asking.ask("probe", request, Probed, paths=((output,), None))
