"""What a check is: a frozen record of settings with two methods, `collect` and `judge`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, get_type_hints

import msgspec

from grader.ground.verdict import Finding
from grader.submission import Submission

Lane = Literal["static", "run", "gpu"]


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that we look at. Its fields are the settings that an assignment may change.

    The first line of the docstring is what students read as "looked for", where they did not pass.
    """

    lane: ClassVar[Lane] = "static"
    # Who reads its findings; what is for the instructor is on no page of a student's.
    audience: ClassVar[Literal["student", "instructor"]] = "student"
    # Where one of these failed, a submission that lacks a file blocks this check instead of failing it twice.
    needs: ClassVar[tuple[str, ...]] = ()

    def collect(self, submission: Submission) -> Any:
        """Measures, and returns a msgspec.Struct of plain data: the type that `judge` takes.

        Raises:
            SubmissionError: the submission does not hold what the check looks at.
            NotMeasured: it cannot be measured here.
        """
        raise NotImplementedError

    def judge(self, measured: Any) -> Iterator[Finding]:
        """Compares what was measured with the settings. Pure: no files, no clock, no network.

        Raises:
            NotMeasured: what was measured does not decide.
        """
        raise NotImplementedError

    def earned(self, measured: Any) -> tuple[float, float] | None:  # noqa: ARG002
        """The share of its points that is earned, at least and at most; None: all or nothing, by outcome."""
        return None

    def beside(self, folder: Path) -> "Check":  # noqa: ARG002
        """This check with the files that its settings name, which lie in the assignment's folder, read.

        Raises:
            toml.Misfit: one is not there, or has a mistake.
        """
        return self

    def prepare(self, submissions: Sequence[Submission]) -> None:
        """Measures for several submissions at once what is cheaper so, and keeps it for `collect`."""

    def revealed(self) -> "Check":
        """This check with findings that may tell what would have been right."""
        return self

    @classmethod
    def restore(cls, data: object) -> Any:
        """Saved evidence as the record that `collect` returns; where it may return several, each has a tag.

        Raises:
            msgspec.ValidationError: it is none of them.
        """
        return msgspec.convert(data, get_type_hints(cls.collect)["return"])

    def verified(self, measured: Any) -> str:  # noqa: ARG002
        """What a pass has shown, in one line: where that is less, or more exact, than what was looked for."""
        return self.looked_for()

    @classmethod
    def looked_for(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]
