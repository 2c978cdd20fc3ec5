"""Programs of the student's in processes of their own, to be killed; forked from one that has PyTorch."""

import functools
import importlib
import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path

HEAVY = ["timm", "torchvision.transforms.v2", "sklearn.datasets", "openimages.download"]


def started(folder: Path, environment: dict[str, str], module: str, *arguments: str) -> ForkServerProcess:
    """Run `main` of finetune.<module>, or a program by its path, in this folder. What it prints goes to
    said.txt there, what it complains of to complaint.txt.
    """
    process = _context().Process(target=_run, args=(folder, environment, module, arguments), daemon=True)
    process.start()
    return process


def ended(folder: Path, environment: dict[str, str], module: str, *arguments: str) -> int | None:
    """As `started`, to its end: the exit status."""
    process = started(folder, environment, module, *arguments)
    process.join()
    return process.exitcode


@functools.cache
def loaded_by(module: str) -> list[str]:
    """The files of finetune/ that a program loads, found by loading it."""
    answer = _context().SimpleQueue()
    process = _context().Process(target=_load, args=(module, answer), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == 0
    found: list[str] = answer.get()
    return found


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(HEAVY)
    return context


def _load(module: str, answer: "SimpleQueue[list[str]]") -> None:
    importlib.import_module(module)
    from finetune.parts import files

    paths = [
        Path(loaded.__file__ or "") for name, loaded in sys.modules.items() if name.startswith("finetune.")
    ]
    inside = [path.relative_to(files.PACKAGE).as_posix() for path in paths]
    answer.put([path for path in inside if not path.endswith("__init__.py")])


def _run(folder: Path, environment: dict[str, str], module: str, arguments: tuple[str, ...]) -> None:
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    # A shell that starts the tests in its background has them, and what they start, ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open("said.txt", "w") as sys.stdout, open("complaint.txt", "w") as sys.stderr:
        from finetune.parts import problem

        if module.endswith(".py"):
            runpy.run_path(module, run_name="__main__")
        else:
            problem.run(importlib.import_module(f"finetune.{module}").main)
