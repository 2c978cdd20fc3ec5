"""Who a sandboxed process is, where the grader runs as root: somebody who owns nothing."""

import os
import secrets
from collections.abc import Sequence

from grader.sandbox.view import Mount

# The range that systemd sets aside for accounts that exist while a service runs. One for each sandbox:
# the kernel counts processes by account, and two sandboxes must not use up each other's.
TRANSIENT = range(61184, 65520)


def transient() -> int:
    return TRANSIENT[secrets.randbelow(len(TRANSIENT))]


def let_use(mounts: Sequence[Mount], account: int) -> None:
    """Gives an account what it needs: to read the top of a mount, and to own all of it where it may write.

    What lies below is readable for others already, unless the grader runs with a strict umask.
    """
    for mount in mounts:
        mode = mount.source.stat().st_mode
        needed = 0o005 if mount.source.is_dir() else 0o004
        if mode & needed != needed:
            mount.source.chmod(mode | needed)
        if mount.writable:
            for path in (mount.source, *mount.source.rglob("*")):
                os.chown(path, account, account, follow_symlinks=False)
