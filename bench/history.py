"""How long it takes to read a history of 30,000 commits and to choose the one that counts.

python bench/history.py [commits]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader import deadlines, repository

START = 1_500_000_000  # July 2017; a commit every minute from then on


def main(commits: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.git")
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", source], check=True)
        importing = ["git", f"--git-dir={source}", "fast-import", "--quiet"]
        subprocess.run(importing, input=stream(commits), check=True)
        marks = [time.perf_counter()]
        fetched = repository.fetch(str(source), Path(folder, "fetched"), allow=("file",))
        marks.append(time.perf_counter())
        found = fetched.history()
        marks.append(time.perf_counter())
        middle = START + 60 * (commits // 2)
        line = deadlines.timeline(found, [middle], collected=int(time.time()))
        marks.append(time.perf_counter())
        choice = deadlines.choose(line, middle)
        marks.append(time.perf_counter())
    steps = ("fetch", "read", "order", "choose")
    for step, began, ended in zip(steps, marks, marks[1:], strict=False):
        print(f"{step:>8}  {ended - began:6.3f} s")
    whole = marks[-1] - marks[0]
    print(f"{'all':>8}  {whole:6.3f} s for {len(found.commits):,} commits; {choice.sha[:7]} counts")


def stream(commits: int) -> bytes:
    """A history in a straight line, as `git fast-import` reads it."""
    dates = (START + 60 * number for number in range(commits))
    head = "commit refs/heads/main\ncommitter Ada <ada@example.org>"
    return "".join(f"{head} {date} +0100\ndata 4\nwork\n" for date in dates).encode()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000)
