"""python -m grader.english PATH... : the same as `grader english PATH...`."""

import sys

from grader.english import command
from grader.errors import GraderError

if __name__ == "__main__":
    try:
        sys.exit(command.run(sys.argv[1:] or ["."]))
    except GraderError as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)
