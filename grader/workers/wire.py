"""How a worker is asked and answers: one JSON request on stdin, one JSON answer on stdout."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

Request = TypeVar("Request")


def serve(kind: type[Request], answer: Callable[[Request], msgspec.Struct]) -> None:
    """Answers the request. What libraries print goes to stderr: stdout is kept for the answer alone."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    reply = answer(msgspec.json.decode(sys.stdin.buffer.read(), type=kind))
    with out:
        out.write(msgspec.json.encode(reply))


def progress(done: int, total: int) -> None:
    """Says on stderr how far a long piece of work is."""
    print(f"progress {done}/{total}", file=sys.stderr, flush=True)
