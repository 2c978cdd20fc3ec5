"""`grader doctor`: what this machine can do, proved on the spot."""

import sys
from argparse import Namespace

from grader.sandbox import doctor as physician


def doctor(_: Namespace) -> int:
    return physician.run(sys.stdout)
