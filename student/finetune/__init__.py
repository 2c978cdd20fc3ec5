"""Fine-tune a pretrained image classifier in two phases.

Read the steps in the order in which they run:
submission, data, preprocess, backbone, train, evaluate, predict, report, submit.

What they rest on lies below: sources/ (where images come from), speed/ (why training is fast), pages/ (of the
report), parts/ (small things that several steps use).
"""
