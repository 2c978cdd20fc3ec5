"""A class of sixty, killed at random moments and resumed: the same gradebook, and nothing measured twice.

    python -m bench.killed [--kills 20] [--seed 7]

Each run is killed with SIGKILL after a random time, at most 0.7 of what a whole class takes. What was
complete keeps its bytes, evidence is never half a file, and the last run's gradebook is that of a class that
nobody killed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.course import sixty


def command(folder: Path, into: str) -> list[str]:
    return [sys.executable, "-m", "grader", "class", str(folder / "roster.csv"), "--assignment",
            str(folder / "small.toml"), "--evidence-dir", str(folder / into), "--static", "-j2"]  # fmt: skip


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("small/*.json")}


def run(folder: Path, into: str) -> float:
    started = time.monotonic()
    subprocess.run(command(folder, into), env=environment(folder), capture_output=True, check=False)
    return time.monotonic() - started


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}


def kill(folder: Path, seconds: float) -> None:
    with subprocess.Popen(
        command(folder, "killed"),
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--seed", type=int, default=7)
    asked = given.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sixty.build(folder)
        whole = run(folder, "whole")
        lost, before = 0, kept(folder / "killed")
        for number in range(asked.kills):
            kill(folder, chance.uniform(0, 0.7 * whole))
            now = kept(folder / "killed")
            lost += sum(now.get(each) != content for each, content in before.items())
            for content in now.values():
                json.loads(content)
            print(f"kill {number + 1}: {len(now)} complete", flush=True)
            before = now
        run(folder, "killed")
        lost += sum(kept(folder / "killed")[each] != content for each, content in before.items())
        books = [(folder / into / "small" / "gradebook.csv").read_bytes() for into in ("killed", "whole")]
        print(
            f"{lost} measured twice; the gradebooks are {'the same' if books[0] == books[1] else 'DIFFERENT'}"
        )
        return int(bool(lost) or books[0] != books[1])


if __name__ == "__main__":
    sys.exit(main())
