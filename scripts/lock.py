"""Writes constraints.txt: the version of every package that the extras need, resolved anew.

    make lock

It names versions only, so it holds for any index.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXTRAS = (
    "documents,evaluate,onnx,keras,student,openimages,demo,ray,series,quiz,bench,bench-training,docs,dist,dev"
)
HEADER = "# The versions that `make test` runs with, for every environment. Renew them with `make lock`.\n"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        subprocess.run([*command, "--report", str(report), f"{ROOT}[{EXTRAS}]"], check=True)
        packages = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    pins = sorted(
        f"{package['name'].lower()}=={package['version']}"
        for package in packages
        if package["name"] != "smartlab-coursework"
    )
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n")
    print(f"constraints.txt: {len(pins)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
