"""`grader english`: every line that is not English."""

from argparse import Namespace

from grader.reading.english import command


def english(arguments: Namespace) -> int:
    return command.run(arguments.paths, strict=arguments.strict)
