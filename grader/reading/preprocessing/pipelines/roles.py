"""What a transform is for, by the names around it: training, evaluation, or only to be looked at."""

import re

TRAIN = re.compile(r"(?<![a-z])(?:train(?:ing)?|fit|aug(?:ment\w*)?)(?![a-z])")
EVAL = re.compile(r"(?<![a-z])(?:val(?:id\w*)?|dev|eval\w*|tests?|testing|infer\w*|pred\w*)(?![a-z])")
DISPLAY = re.compile(
    r"(?<![a-z])(?:inv\w*|denorm\w*|unnorm\w*|display|deprocess|show|plot|visual\w*|grad_?cam|explain)"
)


def of(*words: str) -> str:
    """`train`, `eval` or `display` by the first of the names that says one; `both` where none does."""
    for word in words:
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower().replace("_", " ")
        if DISPLAY.search(text):
            return "display"
        train, evaluation = TRAIN.search(text), EVAL.search(text)
        if train and not evaluation:
            return "train"
        if evaluation and not train:
            return "eval"
    return "both"
