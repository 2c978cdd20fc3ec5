"""Runs one program over data that nobody trusts: no network, no secrets, bounded in every resource.

`run_worker` starts a program of ours that parses what a submission holds; `run_program` starts the
submission's own; `run_with_network` one that downloads for us and sees nothing of a submission. Nothing else
in the grader starts a process, except `repository`, which runs git, and `cohort`, which runs several of us.
"""

from grader.sandbox.records import STANDARD, Ended, Limits, Program, Reason, Worker

__all__ = [
    "STANDARD", "Ended", "Limits", "Program", "Reason", "Worker",
    "run_program", "run_with_network", "run_worker",
]  # fmt: skip

# `starting` is imported by who starts something: to judge saved evidence, or to explain a check, nobody does.


def run_worker(worker: Worker, *, limits: Limits = STANDARD) -> Ended:
    """Runs a program of ours: its request on its stdin, its reply on stdout.

    It sees this interpreter's environment, the grader's package, and what it was given to read and write.
    """
    from grader.sandbox import starting

    return starting.worker(worker, limits)


def run_with_network(module: str, request: bytes, seconds: float) -> Ended:
    """Runs `grader.workers.<module>` as we run ourselves, with network and caches: it downloads for us.

    Only for a worker that sees nothing of a submission. Paths in the request are absolute.
    """
    from grader.sandbox import starting

    return starting.with_network(module, request, seconds)


def run_program(program: Program, *, limits: Limits = STANDARD, unsafe: bool = False) -> Ended:
    """Runs a submission's own program. `unsafe`: without a sandbox, for one's own work only.

    With a GPU it has a card to itself, and waits for one; where there is none it runs without.

    Afterwards the output holds plain files and folders only. Nothing in it, and nothing in what the
    program printed, is more than what an untrusted program wants us to read.

    Raises:
        NotMeasured: no sandbox can be set up here.
    """
    from grader.sandbox import starting

    return starting.program(program, limits, unsafe=unsafe)
