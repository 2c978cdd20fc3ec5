"""A class of sixty, killed at random moments and resumed: the same gradebook, and nothing measured twice.

    python -m bench.killed [--kills 20] [--seed 7]

Each run is killed with SIGKILL when a random number of further students is complete, and a random time later;
some before any is. What was complete keeps its bytes, evidence is never half a file, and the last run's
gradebook is that of a class that nobody killed.
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
    return [sys.executable, "-m", "grader", *sixty.class_command(folder, into), "--static", "-j", "2"]


def kept(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What is complete, and when it was written."""
    paths = folder.glob("small/*.json")
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def run(folder: Path, into: str) -> float:
    started = time.monotonic()
    subprocess.run(command(folder, into), env=environment(folder), capture_output=True, check=False)
    return time.monotonic() - started


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}


def kill(folder: Path, further: int, seconds: float) -> bool:
    """Kills a run so long after so many more are complete. Whether it was: it may have ended before."""
    wanted = len(kept(folder / "killed")) + further
    with subprocess.Popen(
        command(folder, "killed"),
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and len(list((folder / "killed").glob("small/*.json"))) < wanted:
            time.sleep(0.005)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    return False


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
        students = len(kept(folder / "whole"))
        lost, hits, before = 0, 0, kept(folder / "killed")
        for number in range(asked.kills):
            # So far apart that work is under way from the first kill to the last.
            further = chance.randint(0, 2 * students // asked.kills)
            killed = kill(folder, further, chance.uniform(0, whole / (3 if further == 0 else students)))
            now = kept(folder / "killed")
            hits += killed and len(now) < students
            lost += sum(now.get(each) != written for each, written in before.items())
            for content, _ in now.values():
                json.loads(content)
            told = "killed" if killed else "ended before its kill"
            print(f"run {number + 1}: {told}, {len(now)} of {students} complete", flush=True)
            before = now
        run(folder, "killed")
        after = kept(folder / "killed")
        lost += sum(after[each] != written for each, written in before.items())
        books = [(folder / into / "small" / "gradebook.csv").read_bytes() for into in ("killed", "whole")]
        same = "the same" if books[0] == books[1] else "DIFFERENT"
        print(f"{hits} kills with work left, {lost} measured twice; the gradebooks are {same}")
        return int(bool(lost) or books[0] != books[1] or not hits)


if __name__ == "__main__":
    sys.exit(main())
