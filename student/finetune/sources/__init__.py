"""Where images come from: a sample, Open Images, a folder of your own.

A source answers the questions of source.py; data.py, one floor up, picks and splits what it offers.
"""
