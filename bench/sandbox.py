"""What the sandbox costs: the same command bare and inside, turn by turn, so that both meet the same noise.

    python bench/sandbox.py [--rounds 100]

Prints medians. What is promised is at most 15 ms over the bare command on a quiet machine. Where others
are busy on it, root can have the quiet: chrt --fifo 10 python bench/sandbox.py
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from grader.sandbox import Limits, Program, run_program

PROMISED = 0.015  # seconds
COMMANDS = (("/bin/true",), ("python3", "-I", "-S", "-c", "pass"))


def main() -> None:
    parser = argparse.ArgumentParser(description="What the sandbox costs over the bare command.")
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        for argv in COMMANDS:
            bare, inside, isolation = compare(argv, Path(folder), rounds)
            more = inside - bare
            reached = "reached" if more <= PROMISED else "MISSED"
            print(f"{' '.join(argv)}: bare {bare * 1e3:.1f} ms, inside {inside * 1e3:.1f} ms, {isolation}")
            promised = f"(<= {PROMISED * 1e3:.0f}) {reached}"
            print(f"  {more * 1e3:.1f} ms more {promised}, medians of {rounds} rounds")


def compare(argv: tuple[str, ...], folder: Path, rounds: int) -> tuple[float, float, str]:
    """Median seconds bare, median seconds inside, and what the isolation was."""
    code, output = folder / "code", folder / "result"
    code.mkdir(exist_ok=True)
    output.touch()
    program = Program(argv=argv, code=code, output=output)
    bare, inside, isolation = [], [], ""
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(argv, capture_output=True, check=True)
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        ended = run_program(program, limits=Limits(seconds=30))
        inside.append(time.perf_counter() - began)
        if ended.status != 0:
            raise SystemExit(f"{argv} ended with {ended}")
        isolation = ended.isolation
    return statistics.median(bare), statistics.median(inside), isolation


if __name__ == "__main__":
    main()
