"""What a running process has taken so far, seen from outside; and an output folder made safe to read."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
ENTRY = 4096  # bytes that an entry of a folder counts at least: a million empty files are not nothing


def disk(folder: Path) -> int:
    """Bytes below `folder`."""
    return sum(max(ENTRY, entry.st_size) for entry in _below(folder))


def _below(folder: Path) -> Iterator[os.stat_result]:
    with contextlib.suppress(FileNotFoundError, PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                yield entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(Path(entry.path))


def memory(ancestor: int) -> int:
    """Bytes of memory of a process's descendants: what each has alone, and the largest shared part once."""
    alone, shared = 0, 0
    for number in _descendants(ancestor):
        with contextlib.suppress(OSError, ValueError):
            _, resident, common = Path(f"/proc/{number}/statm").read_text().split()[:3]
            alone += (int(resident) - int(common)) * PAGE
            shared = max(shared, int(common) * PAGE)
    return alone + shared


def _descendants(ancestor: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            status = (process / "stat").read_text()
            parent = int(status.rpartition(")")[2].split()[1])  # a name may hold spaces and brackets
            children.setdefault(parent, []).append(int(process.name))
    found = [ancestor]
    for number in found:
        found += children.get(number, [])
    return found


def made_safe(output: Path) -> None:
    """Removes what is no plain file and no folder (links that lead elsewhere, pipes) and resets the modes.

    Afterwards everything below `output` can be read, and nothing is executable or set-user-ID.
    """
    status = output.lstat()
    if stat.S_ISDIR(status.st_mode):
        output.chmod(0o700)
        for child in output.iterdir():
            made_safe(child)
    elif stat.S_ISREG(status.st_mode):
        output.chmod(0o600)
    else:
        output.unlink()
