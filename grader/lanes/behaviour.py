"""How a submission prepares an image, read from what its own program makes of one that we drew.

The reference asks for nothing of the source code, so it holds for every framework.
"""

from collections.abc import Sequence

from grader import sandbox
from grader.lanes import kept, program
from grader.preprocessing import Reference
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import DrawProbe, Probed, ReadProbe

LIMITS = sandbox.Limits(seconds=180, file_size=32 << 20)


def measure(submission: Submission, references: Sequence[Reference]) -> Probed:
    """What [run] preprocess makes of the probe image.

    Raises:
        SubmissionError: the program breaks.
        NotMeasured: no command, sandbox or packages here.
    """
    program.command(submission, "preprocess")
    return kept.recall(submission, ("probe", references), Probed, lambda: _measure(submission, references))


def _measure(submission: Submission, references: Sequence[Reference]) -> Probed:
    drawn = program.scratch(submission)
    image = drawn / "probe.png"
    asking.ask("probe", DrawProbe(str(image)), Probed, paths=((), drawn))
    output = program.scratch(submission) / "probe.npy"
    program.run(submission, "preprocess", {"image": image}, output, LIMITS)
    request = ReadProbe(str(output), tuple(references))
    return asking.ask("probe", request, Probed, paths=((output,), None))
