"""One short function a command: takes the parsed arguments, returns the exit status.

A module holds commands that need the same parts of the grader: it is imported for them, and for no other.
"""
