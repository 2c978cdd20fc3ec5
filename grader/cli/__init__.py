"""The command `grader`: from arguments to an exit status. What each does is in a module beside.

Only the verdict goes to standard output; progress and complaints go to standard error.
"""

import contextlib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence

from grader.cli.arguments import parser
from grader.ground.errors import GraderError
from grader.ground.visible import visible

__all__ = ["main"]

# What is wrong with a path that somebody gave, or with the disk below it, and not with the grader.
OF_A_PATH = {
    errno.EACCES, errno.EPERM, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP,
    errno.EROFS, errno.ENOSPC, errno.EDQUOT,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    given = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        module, _, name = given.command.partition(".")
        command = getattr(importlib.import_module(f"grader.cli.{module}"), name)
        status: int = command(given)
        sys.stdout.flush()  # what does not fit on the disk is told here, not after all
    except GraderError as trouble:
        print(f"grader: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("grader: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _write_no_more()
        return 0
    except Exception as trouble:  # noqa: BLE001 - the status 1, which Python would give, is a student's
        if isinstance(trouble, OSError) and trouble.errno in OF_A_PATH:
            where = f"{trouble.filename}: " if trouble.filename else ""
            if not where:  # it was standard output
                _write_no_more()
            print(visible(f"grader: {where}{trouble.strerror}"), file=sys.stderr)
            return 2
        import traceback  # with its tokenizer: who makes no mistake does not pay for it

        traceback.print_exc()
        print("grader: this is a mistake of the grader's own; nobody loses points", file=sys.stderr)
        return 3
    return status


def _write_no_more() -> None:
    """Python tries once more when it ends, and would fail with a status of its own."""
    with contextlib.suppress(OSError):  # a stream without a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminated(*_: object) -> None:
    """A CI job was cancelled: what is open is cleaned up, as after Ctrl-C."""
    raise SystemExit(143)
