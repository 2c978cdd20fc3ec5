"""What git complains about, as one sentence for the one whose trouble it is."""

import re

from grader.ground.errors import GraderError, SubmissionError
from grader.ground.visible import visible
from grader.repository.address import Address

# What git says, in its own English, and what it means for the person who asked.
REASONS = (
    ("Could not resolve host", "its host could not be found; check the address and the network"),
    (
        "Connection refused|Failed to connect|[Tt]imed out|Operation too slow|early EOF|hung up unexpectedly",
        "its host did not answer; try again later",
    ),
    (
        "could not read Username|Authentication failed|Permission denied|returned error: 40[13]",
        "it does not exist, or it is private; check the address, or give the grader a token",
    ),
    (
        "does not appear to be a git repository|invalid gitfile format|not found|does not exist|No such file",
        "there is no repository; check the address",
    ),
    ("dubious ownership", "its folder belongs to another user; hand in its address, or change the owner"),
    ("mismatched algorithms", "it names its objects by SHA-256, which the grader does not read"),
    ("Host key verification failed", "its host is not among your known hosts; connect to it once by hand"),
    ("SSL|certificate", "its host's certificate could not be verified"),
)
# What git says of objects that are not there, at the source or after the fetch.
LACKING = re.compile(
    "(?:unable to (?:read|find)|[Cc]ould not (?:read|fetch)) [0-9a-f]{40}|missing (?:blob|tree|commit)"
    "|not our ref|did not send all|bad object|bad pack header|repository corruption"
)


def trouble(source: Address, complaint: str) -> GraderError | SubmissionError:
    """What git complained about as one sentence for the one whose trouble it is."""
    if LACKING.search(complaint):
        return SubmissionError(f"{source.shown} is damaged: objects are missing")
    for pattern, reason in REASONS:
        if re.search(pattern, complaint):
            return GraderError(f"{source.shown} could not be fetched: {reason}")
    return GraderError(f"{source.shown} could not be fetched: git says {visible(last_line(complaint), 200)}")


def last_line(complaint: str) -> str:
    """The line of git's standard error that says most: its last `fatal:` or else its last line."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("fatal:")]
    return (fatal or lines or ["git gave no reason"])[-1].removeprefix("fatal: ")
