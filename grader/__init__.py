"""Coursework grading in two steps: collect measures a submission, judge compares it with the assignment."""

__version__ = "0.1.0"
