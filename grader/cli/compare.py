"""`grader compare`: whose training, logs or images are those of somebody else."""

import sys
from argparse import Namespace

from grader.course import comparing
from grader.ground import evidence_file
from grader.ground.visible import visible


def compare(arguments: Namespace) -> int:
    """Always exit status 0: what is similar is for a person to look at."""
    evidence = [evidence_file.load(path) for path in arguments.evidence]
    found = comparing.resemblances(evidence)
    for each in found:
        print(visible(f"{each.one} and {each.other}: {each.what}"))
    missing = sum(comparing.fingerprints(each) is None for each in evidence)
    if missing:
        print(
            f"{missing} not compared: collect them without --static, with the check integrity",
            file=sys.stderr,
        )
    compared = len(evidence) - missing
    print(f"{len(found)} resemblances among {compared} submissions; look at both before you judge")
    return 0
