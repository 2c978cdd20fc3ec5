"""What a running process has taken so far, seen from outside; and an output folder made safe to read."""

import contextlib
import itertools
import os
import stat
from pathlib import Path

ENTRY = 4096  # bytes that an entry of a folder counts at least: a million empty files are not nothing
DEEPEST = 32  # folders within folders; without an end to it, paths become too long to be opened


def disk(output: Path, enough: int) -> int:
    """Bytes below `output`, counted until there are more than `enough`."""
    total = 0
    folders = [(output, 0)]
    while folders and total <= enough:
        folder, depth = folders.pop()
        if depth > DEEPEST:
            return enough + 1
        with contextlib.suppress(OSError), os.scandir(folder) as entries:  # gone, or closed to us
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += max(ENTRY, entry.stat(follow_symlinks=False).st_size)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((Path(entry.path), depth + 1))
    return total


def memory(ancestor: int) -> int:
    """Bytes of memory of a process's descendants: what each has alone, and the largest shared part once."""
    alone, shared = 0, 0  # pages
    for number in _descendants(ancestor):
        with contextlib.suppress(OSError, ValueError):
            _, resident, common = Path(f"/proc/{number}/statm").read_text().split()[:3]
            alone += int(resident) - int(common)
            shared = max(shared, int(common))
    return (alone + shared) * os.sysconf("SC_PAGE_SIZE")


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
    """Removes what is no plain file and no folder (links out of it, pipes), and takes the rest over.

    Afterwards everything below `output` is ours and can be read, by the next sandbox as well; nothing is
    set-user-ID, and no folder lies deeper than a recursion or a path can reach.
    """
    places = [(output, 0)]
    while places:
        place, depth = places.pop()
        mode = place.lstat().st_mode
        if stat.S_ISREG(mode):
            _take_over(place, 0o644)
        elif not stat.S_ISDIR(mode):
            place.unlink()
        elif depth > DEEPEST:
            _remove(place, output)
        else:
            _take_over(place, 0o755)
            places += [(child, depth + 1) for child in place.iterdir()]


def _take_over(place: Path, mode: int) -> None:
    if os.geteuid() == 0:
        os.chown(place, 0, 0)
    place.chmod(mode)


def _remove(folder: Path, top: Path) -> None:
    """Removes a folder, however deep it is, by moving the folders in it up to `top` one after the other."""
    free_names = (top / f".removed-{number}" for number in itertools.count())
    folders = [folder]
    while folders:
        folder = folders.pop()
        folder.chmod(0o700)
        for child in folder.iterdir():
            if child.is_dir() and not child.is_symlink():
                child.chmod(0o700)
                folders.append(child.rename(next(name for name in free_names if not name.exists())))
            else:
                child.unlink()
        folder.rmdir()
