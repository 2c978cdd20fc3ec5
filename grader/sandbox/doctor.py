"""`grader doctor`: proves on the spot, with hostile programs, what the sandbox promises on this machine.

Exit status 0: all of it holds. 3: something does not, and submissions' programs are not to be run here;
the line says how to get it. What the lanes lack is told, and changes nothing.
"""

from collections.abc import Sequence
from typing import TextIO

from grader.sandbox import backends, installed, proof, remedies
from grader.sandbox.process import NotStarted
from grader.sandbox.proof import Property

SOUND, UNSOUND = 0, 3


def run(stream: TextIO) -> int:
    """Writes one line for each property to `stream`. Takes a few seconds. Returns the exit status."""
    promises = sandbox()
    write(stream, "A submission's program", promises)
    write(stream, "What the checks need", installed.found())
    return UNSOUND if any(promise.state == "missing" for promise in promises) else SOUND


def sandbox() -> list[Property]:
    """The promises of the strongest backend that starts here."""
    said = []
    for backend in backends.ISOLATED:
        try:
            return proof.properties(backend)
        except NotStarted as why:
            said.append(str(why))
    complaint = "; ".join(said)
    return [Property("missing", "starts in a sandbox", complaint, remedies.for_sandbox(complaint))]


def write(stream: TextIO, title: str, properties: Sequence[Property]) -> None:
    """A line for each property, with its remedy below."""
    print(title, file=stream)
    for one in properties:
        detail = " ".join(one.detail.split())  # what a program said may have several lines
        print(f"  {one.state:<8} {one.name}{': ' if detail else ''}{detail}", file=stream)
        for line in one.remedy.splitlines():
            print(f"           {line}", file=stream)
    print(file=stream)
