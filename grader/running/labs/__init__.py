"""Calls the functions of a lab with fresh inputs, and compares what they answer with the reference.

Three processes: our worker draws inputs and knows what is expected; the program `answering` runs the student's
code in the sandbox and knows nothing but the inputs; our worker again compares. docs/labs.md tells more.
"""

from grader.running.labs.measuring import LabRun, Questions, run, together
from grader.running.labs.private import load

__all__ = ["LabRun", "Questions", "load", "run", "together"]
