"""The program that calls the functions of a lab's submissions, and sends what they answer.

It runs in the sandbox beside the student's code and is a folder of its own there: it knows no other part of
the grader, no expected value, and needs nothing but NumPy.

$ python -m answering < frames > answers
"""
