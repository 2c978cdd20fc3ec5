"""Fine-tune a pretrained image classifier in two phases.

Begin with lesson.py: all of it on one page. Then read the steps in the order in which they run:
submission, data, preprocess, backbone, train, evaluate, predict, report, submit.

What they rest on lies below: sources/ (where images come from), speed/ (why training is fast), pages/ (of the
report), parts/ (small things that several steps use).
"""

import sys

if sys.argv[:1] == ["-m"]:  # so it reads while Python looks for the program of `python -m finetune.train`
    from finetune.parts import first_words

    first_words.say()
