"""Calls the functions of a lab with fresh inputs, and compares what they answer with the reference.

Our worker draws inputs, the program `answering` runs the student's code on them in the sandbox and knows
nothing else, and our worker compares. docs/labs.md tells more.
"""

from grader.running.labs.measuring import LabRun, Questions, run, together
from grader.running.labs.private import load

__all__ = ["LabRun", "Questions", "load", "run", "together"]
