"""The command `grader`: from arguments to an exit status. What each does is in a module beside.

Only the verdict goes to standard output; progress and complaints go to standard error.
"""

import importlib
import signal
import sys
from collections.abc import Sequence

from grader.cli.arguments import parser
from grader.ground.errors import GraderError
from grader.ground.visible import visible

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    given = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        module, _, name = given.command.partition(".")
        command = getattr(importlib.import_module(f"grader.cli.{module}"), name)
        status: int = command(given)
    except GraderError as trouble:
        print(f"grader: {trouble}", file=sys.stderr)
        return 2
    except (PermissionError, FileExistsError, IsADirectoryError, NotADirectoryError) as trouble:
        print(visible(f"grader: {trouble.filename}: {trouble.strerror}"), file=sys.stderr)  # a path of theirs
        return 2
    except KeyboardInterrupt:
        print("grader: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001 - ours; the status 1, which Python would give, is a student's
        import traceback  # with its tokenizer: who makes no mistake does not pay for it

        traceback.print_exc()
        print("grader: this is a mistake of the grader's own; nobody loses points", file=sys.stderr)
        return 3
    return status


def _terminated(*_: object) -> None:
    """A CI job was cancelled: what is open is cleaned up, as after Ctrl-C."""
    raise SystemExit(143)
