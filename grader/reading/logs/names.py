"""Reads the name beside a number: which metric, on which split."""

import re
from functools import lru_cache

from msgspec import Struct

from grader.reading.logs.records import Split

SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "tr": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "eval": "val",
    "vl": "val",
    "test": "test",
    "testing": "test",
    "tst": "test",
}

# Words that do not change what a metric measures.
FILLERS = frozenset(
    "a achieved an average avg best current data dataset epoch far final highest images in is last "
    "macro mean metrics micro model my network new of on our over overall result results running samples "
    "save saved saving score set so the this total value was we weighted with".split()
)  # fmt: skip

METRICS = {
    "loss": "loss", "losses": "loss", "crossentropy": "loss", "cross_entropy_loss": "loss",
    "acc": "accuracy", "accuracy": "accuracy", "accu": "accuracy", "accs": "accuracy", "acc_1": "accuracy",
    "multiclass_accuracy": "accuracy",
    "binary_accuracy": "accuracy", "categorical_accuracy": "accuracy", "classification_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy", "multiclassaccuracy": "accuracy",
    "top_k_categorical_accuracy": "topk_accuracy", "sparse_top_k_categorical_accuracy": "topk_accuracy",
    "balanced_accuracy": "balanced_accuracy", "balanced_acc": "balanced_accuracy",
    "bacc": "balanced_accuracy", "bal_acc": "balanced_accuracy",
    "error_rate": "error_rate", "err_rate": "error_rate", "error": "error", "err": "error",
    "f1": "f1", "f1score": "f1", "fscore": "f1", "f_score": "f1", "f1_measure": "f1", "multiclassf1": "f1",
    "dice": "dice", "dice_coef": "dice", "dice_coefficient": "dice", "dice_multi": "dice",
    "iou": "iou", "miou": "iou", "jaccard": "iou",
    "precision": "precision", "recall": "recall", "auc": "auc", "auroc": "auc", "roc_auc": "auc",
    "mse": "mse", "squared_error": "mse", "mae": "mae", "absolute_error": "mae", "rmse": "rmse",
    "lr": "learning_rate", "learning_rate": "learning_rate", "perplexity": "perplexity", "ppl": "perplexity",
    "trainable_parameters": "trainable_parameters", "trainable_params": "trainable_parameters",
}  # fmt: skip

LAST_WORDS = frozenset(
    {
        "loss",
        "acc",
        "accuracy",
        "f1",
        "dice",
        "iou",
        "precision",
        "recall",
        "auc",
        "error",
        "error_rate",
        "mse",
        "mae",
    }
)

# Among how many answers the right one may be: `Acc@5`, `Acc @ 5`, `top-5 acc`, `acc5`. An underscore tells it
# of five only: Keras calls the accuracy of a second network `accuracy_1`.
RANK = re.compile(
    r"(?:top[\s_-]?|@\s?|(?<=acc)|(?<=accuracy))(\d{1,3})(?!\d)|(?:(?<=acc)|(?<=accuracy))_(5)(?!\d)",
    re.IGNORECASE,
)

# Long enough that one or two wrong letters cannot make another word of them.
SPELLED = ("accuracy", "validation", "training", "testing")

WORD = re.compile(r"[A-Z]?[a-z]+(?:@?\d+)?|[A-Z]+(?:@?\d+)?(?![a-z])|\d+")


# A text without any of these holds no metric that `read` knows.
HINT = re.compile(
    r"loss|acc|err|f1|f.?score|dice|iou|jacc|prec|recall|auc|roc|ms?e|mae|lr|rate|ppl|perp|param|"
    r"top.?\d",
    re.I,
)


class Name(Struct, frozen=True):
    metric: str
    split: Split


@lru_cache(maxsize=4096)
def read(key: str) -> Name | None:
    """The metric and the split that a key such as `val_acc` or `Accuracy on the test set` names, or None.

    An unknown word keeps its own metric (`discriminator_loss`), so that two losses are never mixed.
    """
    key, rank = _ranked(key)
    words = [_spelled(word.lower()) for word in WORD.findall(key)]
    splits = {SPLITS[word] for word in words if word in SPLITS}
    if len(splits) > 1 or len(words) > 12:
        return None
    content = [word for word in words if word not in SPLITS and word not in FILLERS and not word.isdigit()]
    joined = "_".join(content)
    numbered = "_".join(word for word in words if word not in SPLITS and word not in FILLERS)
    metric = METRICS.get(numbered) or METRICS.get(joined)
    if metric is None and content and content[-1] in LAST_WORDS and len(content) <= 3:
        metric = joined
    if rank and (not content or joined in ("prec", "accuracy")):
        metric = "accuracy"
    if metric and rank > 1:
        metric = f"top{rank}_{metric}"
    return Name(metric, splits.pop() if splits else "") if metric else None


def _ranked(key: str) -> tuple[str, int]:
    """The key without its rank, and that: 5 for `Acc@5`, 0 where it has none."""
    found = RANK.search(key)
    if not found:
        return key, 0
    return f"{key[: found.start()]} {key[found.end() :]}", int(next(filter(None, found.groups())))


def _spelled(word: str) -> str:
    if word in SPLITS or word in METRICS or len(word) < 6:
        return word
    return next((right for right in SPELLED if _near(word, right)), word)


def _near(word: str, right: str) -> bool:
    """At most two letters wrong, missing, added or swapped, and the same first letter."""
    if word[0] != right[0] or abs(len(word) - len(right)) > 2:
        return False
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(word, 1):
        older, before = before, row
        row = [i]
        for j, other in enumerate(right, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and word[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1] <= 2
