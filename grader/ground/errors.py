"""The three owners of trouble: the student, the instructor, and nobody (it could not be measured).

A crash of our own is none of these: it is any other exception, caught once in `engine` and reported as
the outcome `broken`, which costs no points.
"""


class GraderError(Exception):
    """The instructor's trouble (a wrong URL, a wrong assignment file): one sentence, exit status 2."""


class SubmissionError(Exception):
    """The student's trouble: the submission does not hold what a check has to look at.

    `missing` says that a file is absent rather than wrong: where a check for required files already
    says so, the other checks are blocked instead of failing for the same cause.
    """

    def __init__(self, message: str, where: str = "", hint: str = "", *, missing: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.missing = missing


class NotMeasured(Exception):
    """Nobody's fault: it cannot be decided here (no network, no weights). Never a pass, never a fail."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint

    @property
    def with_hint(self) -> str:
        """For an instructor who asked for this very thing: one line, with what to do."""
        return ": ".join(filter(None, [self.reason, self.hint]))
