"""How every program here says that it cannot go on."""

import sys
from collections.abc import Callable


class Problem(Exception):
    """Something that you can mend. Its text says where, what is, what should be and what to do."""


def run(main: Callable[[], None]) -> None:
    """Run a program; a Problem becomes one sentence on the terminal instead of a traceback."""
    try:
        main()
    except Problem as problem:
        sys.exit(f"Stopped: {problem}")
    except KeyboardInterrupt:
        # 130 is what a shell expects of a program that was interrupted with Ctrl-C.
        print("\nInterrupted. Start the same command again: it goes on where it stopped.", file=sys.stderr)
        sys.exit(130)
