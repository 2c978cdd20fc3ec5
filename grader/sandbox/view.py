"""What a process sees: its files, its environment and its arguments. The same for every backend."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

import grader
from grader.sandbox.records import Heard, Program

PACKAGE = Path(grader.__file__).resolve().parent

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

BASE_ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Mount(Struct, frozen=True):
    """A file or folder of this machine and where the process finds it."""

    source: Path
    target: str
    writable: bool = False


class View(Struct, frozen=True, kw_only=True):
    """All that a process is given. Nothing else of this machine but /usr is in its sight."""

    argv: tuple[str, ...]
    folder: str  # where it starts
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]
    hidden: tuple[str, ...] = ()  # folders that are empty for it
    heard: Heard | None = None  # who hears its stderr meanwhile

    @property
    def output_folder(self) -> Path | None:
        """The folder that it may fill."""
        return next((mount.source for mount in self.mounts if mount.writable and mount.source.is_dir()), None)

    def outside(self, word: str) -> str:
        """A path inside as the path here; any other word as it is."""
        for mount in reversed(self.mounts):
            if word == mount.target or word.startswith(mount.target + "/"):
                return str(mount.source) + word.removeprefix(mount.target)
        return word


def start_of(module: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The command that starts a program of ours, and the variables by which it finds the grader.

    `-s -P` and an environment without other variables of Python make what `-I` makes, and still find a grader
    that was not installed: nothing is imported from the current folder or from the user's site-packages.
    """
    installed = any(PACKAGE.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
    own = {} if installed else {"PYTHONPATH": str(PACKAGE.parent)}
    return (sys.executable, "-s", "-P", "-m", module), own


def of_worker(module: str, readable: Sequence[Path], writable: Path | None) -> View:
    """Our own program: this interpreter and the grader's package, everything at its own path."""
    argv, own = start_of(module)
    places = [*interpreter_folders(Path(sys.prefix)), PACKAGE, *(path.absolute() for path in readable)]
    mounts = [Mount(place, str(place)) for place in places]
    if writable:
        mounts.append(Mount(writable.absolute(), str(writable.absolute()), writable=True))
    return View(
        argv=argv,
        folder="/",
        environment={**BASE_ENVIRONMENT, "PATH": SYSTEM_PATH, **own},
        mounts=tuple(outer_first(mounts)),
    )


def of_program(program: Program) -> View:
    """The submission's program: its files, its inputs, its packages; the grader's own package is hidden."""
    places = interpreter_folders(program.python) if program.python else []
    out = "/out" if program.output.is_dir() else f"/out/{program.output.name}"
    files = (
        [Mount(program.code, "/code", writable=True)]
        if program.code == program.output
        else [Mount(program.code, "/code"), Mount(program.output, out, writable=True)]
    )
    path = [str(program.python.absolute() / "bin")] if program.python else []
    mounts = [
        *(Mount(place, str(place)) for place in places),
        *files,
        *(Mount(source, target) for target, source in program.inputs.items()),
    ]
    seen = [Path("/usr"), *places]
    return View(
        argv=program.argv,
        folder="/code",
        environment={**BASE_ENVIRONMENT, **program.environment, "PATH": ":".join([*path, SYSTEM_PATH])},
        mounts=tuple(outer_first(mounts)),
        hidden=(str(PACKAGE),) if any(PACKAGE.is_relative_to(place) for place in seen) else (),
    )


def interpreter_folders(environment: Path) -> list[Path]:
    """The folders that a Python environment is made of: itself, and the installation it was made from.

    Those below /usr are left out: every view has /usr.
    """
    folders = [environment.absolute()]
    settings = environment / "pyvenv.cfg"
    if settings.is_file():
        lines = settings.read_text(encoding="utf-8").splitlines()
        home = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line)["home"]
        folders += [Path(home).parent, Path(home).parent.resolve()]
    return [folder for folder in dict.fromkeys(folders) if not folder.is_relative_to("/usr")]


def outer_first(mounts: Iterable[Mount]) -> list[Mount]:
    """Mounts in an order in which none covers another one."""
    return sorted(mounts, key=lambda mount: len(Path(mount.target).parts))
