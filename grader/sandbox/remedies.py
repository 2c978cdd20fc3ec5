"""How to get what the sandbox needs and did not find, for the complaints that are known."""

from collections.abc import Mapping
from pathlib import Path

INSTALL = (
    "install bubblewrap 0.8 or newer: apt install bubblewrap, or dnf install bubblewrap;"
    " without root: pip install 'smartlab-coursework[evaluate]', which brings one"
)

PROFILE = """\
Ubuntu 23.10 and newer let a program make user namespaces only where a profile says so.
As root, apt install bubblewrap, write these lines to /etc/apparmor.d/bwrap and load them with
`apparmor_parser --replace /etc/apparmor.d/bwrap`:

abi <abi/4.0>,
include <tunables/global>

profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
  include if exists <local/bwrap>
}"""

SWITCHES: Mapping[str, tuple[str, str]] = {
    # path below /proc/sys: the value that forbids user namespaces, the remedy
    "kernel/apparmor_restrict_unprivileged_userns": ("1", PROFILE),
    "kernel/unprivileged_userns_clone": ("0", "as root: sysctl -w kernel.unprivileged_userns_clone=1"),
    "user/max_user_namespaces": ("0", "as root: sysctl -w user.max_user_namespaces=10000"),
}

CONTAINER = (
    "inside a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined --cap-add SYS_ADMIN, or run the grader on the machine itself"
)

DELEGATION = (
    "limits for all processes together need a control group of our own; start the grader with:"
    " systemd-run --user --scope -p Delegate=yes grader ... (as root without --user)"
)


def for_sandbox(complaint: str, root: Path = Path("/")) -> str:
    """What helps where no sandbox starts. `complaint` is what it said; `root` holds proc and the rest."""
    if "bubblewrap is not installed" in complaint or "is needed" in complaint:
        return INSTALL
    for path, (forbidding, remedy) in SWITCHES.items():
        switch = root / "proc/sys" / path
        if switch.is_file() and switch.read_text().strip() == forbidding:
            return remedy
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return CONTAINER
    return "see which limit of this machine stands in the way: bwrap --unshare-all --ro-bind / / true"
