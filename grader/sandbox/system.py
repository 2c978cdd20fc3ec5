"""What every process sees of this machine: programs, libraries, and where the loader finds them."""

from pathlib import Path

FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
LOADER = ("/etc/ld.so.cache", "/etc/alternatives")


def paths() -> list[str]:
    """Those that this machine has. Most of them are links into /usr."""
    return [path for path in (*FOLDERS, *LOADER) if Path(path).exists()]
