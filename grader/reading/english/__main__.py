"""python -m grader.reading.english PATH... : the same as `grader english PATH...`."""

import sys

from grader.ground.errors import GraderError
from grader.reading.english import command

if __name__ == "__main__":
    try:
        sys.exit(command.run(sys.argv[1:] or ["."]))
    except GraderError as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)
