"""How every program here says that it cannot go on."""

import errno
import sys
from collections.abc import Callable


class Problem(Exception):
    """Something that you can mend. Its text says where, what is, what should be and what to do."""


def run(main: Callable[[], None]) -> None:
    """Run a program; what you can mend becomes one sentence on the terminal instead of a traceback."""
    try:
        main()
    except KeyboardInterrupt:
        # 130 is what a shell expects of a program that was interrupted with Ctrl-C.
        print("\nInterrupted. Start the same command again: it goes on where it stopped.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        sentence = in_words(error)
        if not sentence:
            raise  # a mistake in a program: its traceback says where
        sys.exit(f"Stopped: {sentence}")


def in_words(error: BaseException) -> str:
    """One sentence for what no program can know before; empty for a mistake in a program."""
    words = str(error)
    if isinstance(error, Problem):
        return words
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] != "finetune":
        return (
            f"this Python ({sys.executable}) lacks the package {error.name}; run `make setup`, or with a "
            "Python of your own: python -m pip install --requirement requirements.txt"
        )
    if _disk_is_full(error):
        return (
            "the disk is full; make room, for example with `make clean-cache`, and run the same command "
            "again: what was written before is whole"
        )
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be written or read by you ({error.strerror}); look whose file it is"
    if isinstance(error, IsADirectoryError | NotADirectoryError) and error.filename:
        kind = "a folder" if isinstance(error, IsADirectoryError) else "no folder"
        return f"{error.filename} is {kind}; move it away, or give another place"
    if isinstance(error, MemoryError) or "out of memory" in words or "can't allocate memory" in words:
        return 'there is not enough memory; try smaller batches: make train TRAIN_FLAGS="--batch-size 8"'
    return ""


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether that is what happened or led to it: PyTorch and safetensors say it in words of their own."""
    while error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
