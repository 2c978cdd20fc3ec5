"""How a submission prepares images, read from what its own program makes of two that we drew.

The reference asks for nothing of the source code, so it holds for every framework.
"""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from grader import contract, sandbox
from grader.ground.errors import SubmissionError
from grader.ground.reference import Reference
from grader.running import answers_cache, program
from grader.submission import Submission
from grader.workers import asking
from grader.workers.messages import DrawProbes, Probed, ProbedAll, ReadProbes

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
    folder = program.scratch(submission)
    asking.ask("probe", DrawProbes(str(folder)), ProbedAll, paths=((), folder))
    drawn = {name: folder / f"{name}.png" for name in Behaviour.__struct_fields__}
    at_once = any("{images}" in word for word in program.command(submission, "preprocess"))
    arrays = (_at_once if at_once else _in_turn)(submission, drawn)
    request = ReadProbes({name: str(path) for name, path in arrays.items()}, tuple(references))
    found = asking.ask("probe", request, ProbedAll, paths=(tuple(arrays.values()), None), limits=LIMITS)
    return Behaviour(**found.images)


def _at_once(submission: Submission, drawn: Mapping[str, Path]) -> dict[str, Path]:
    """One start for both: to begin costs a program more than an image does."""
    hidden = {name: secrets.token_hex(8) for name in drawn}
    shown, output = program.scratch(submission), program.scratch(submission)
    program.lay_out({hidden[name]: path for name, path in drawn.items()}, shown)
    program.run_into(submission, "preprocess", {"images": shown}, output, LIMITS)
    arrays = {name: output / f"{each}.npy" for name, each in hidden.items()}
    if not all(path.is_file() for path in arrays.values()):
        lacking = "the program [run] preprocess ended well and wrote no {out}/<image>.npy for some image"
        raise SubmissionError(lacking, contract.NAME)
    return arrays


def _in_turn(submission: Submission, drawn: Mapping[str, Path]) -> dict[str, Path]:
    arrays = {}
    for name, path in drawn.items():
        shown, output = program.scratch(submission), program.scratch(submission) / "probe.npy"
        program.lay_out({"image": path}, shown)
        program.run(submission, "preprocess", {"image": shown / "image.png"}, output, LIMITS)
        arrays[name] = output
    return arrays
