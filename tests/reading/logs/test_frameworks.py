"""Logs as timm, Ignite, MMEngine, Ultralytics and spreadsheets write them; top-5 and F1 are never an accuracy."""

# ruff: noqa: E501 - the lines of a log are as long as they are

import pytest

from grader.reading import logs
from grader.reading.logs import names

TIMM = """Train: 0 [   0/97 (  0%)]  Loss: 0.702 (0.702)  Time: 2.345s,   13.65/s  (2.345s,   13.65/s)  LR: 1.000e-05  Data: 1.200 (1.200)
Train: 0 [  96/97 (100%)]  Loss: 0.512 (0.613)  Time: 0.345s,   93.65/s  (0.345s,   93.65/s)  LR: 1.000e-05  Data: 0.010 (0.020)
Test: [   0/6]  Time: 1.234 (1.234)  Loss:   0.4512 (0.4512)  Acc@1:  81.2500 ( 81.2500)  Acc@5: 100.0000 (100.0000)
Test: [   6/6]  Time: 0.234 (0.434)  Loss:   0.3512 (0.4412)  Acc@1:  87.5000 ( 82.0000)  Acc@5: 100.0000 (100.0000)
Current checkpoints:
 ('./output/train/checkpoint-0.pth.tar', 82.0)

Train: 1 [   0/97 (  0%)]  Loss: 0.402 (0.402)  Time: 2.345s,   13.65/s  (2.345s,   13.65/s)  LR: 1.000e-05  Data: 1.200 (1.200)
Train: 1 [  96/97 (100%)]  Loss: 0.312 (0.413)  Time: 0.345s,   93.65/s  (0.345s,   93.65/s)  LR: 1.000e-05  Data: 0.010 (0.020)
Test: [   0/6]  Time: 1.234 (1.234)  Loss:   0.3512 (0.3512)  Acc@1:  84.3750 ( 84.3750)  Acc@5: 100.0000 (100.0000)
Test: [   6/6]  Time: 0.234 (0.434)  Loss:   0.2512 (0.3412)  Acc@1:  87.5000 ( 86.0000)  Acc@5: 100.0000 (100.0000)
*** Best metric: 86.0 (epoch 1)
"""
IGNITE = """2024-05-01 10:00:00,123 ignite.engine.engine.Engine INFO: Engine run starting with max_epochs=2.
Epoch[1] Iteration[10/25] Loss: 0.71
Epoch[1] Iteration[20/25] Loss: 0.61
Training Results - Epoch[1] Avg accuracy: 0.71 Avg loss: 0.61
Validation Results - Epoch[1] Avg accuracy: 0.81 Avg loss: 0.45
2024-05-01 10:00:10,123 ignite.engine.engine.Engine INFO: Epoch[1] Complete. Time taken: 00:00:05.212
Epoch[2] Iteration[10/25] Loss: 0.41
Training Results - Epoch[2] Avg accuracy: 0.83 Avg loss: 0.41
Validation Results - Epoch[2] Avg accuracy: 0.86 Avg loss: 0.35
2024-05-01 10:00:20,123 ignite.engine.engine.Engine INFO: Epoch[2] Complete. Time taken: 00:00:05.212
"""
MM = """2024/05/01 10:00:00 - mmengine - INFO - Epoch(train)   [1][ 50/100]  lr: 1.0000e-03  eta: 0:01:23  time: 0.1212  data_time: 0.0112  memory: 1234  loss: 0.6512
2024/05/01 10:00:02 - mmengine - INFO - Epoch(train)   [1][100/100]  lr: 1.0000e-03  eta: 0:01:23  time: 0.1212  data_time: 0.0112  memory: 1234  loss: 0.6012
2024/05/01 10:00:03 - mmengine - INFO - Saving checkpoint at 1 epochs
2024/05/01 10:00:04 - mmengine - INFO - Epoch(val) [1][25/25]    accuracy/top1: 81.0000  accuracy/top5: 100.0000  data_time: 0.0100  time: 0.0500
2024/05/01 10:00:05 - mmengine - INFO - Epoch(train)   [2][ 50/100]  lr: 1.0000e-03  eta: 0:01:23  time: 0.1212  data_time: 0.0112  memory: 1234  loss: 0.4512
2024/05/01 10:00:06 - mmengine - INFO - Epoch(train)   [2][100/100]  lr: 1.0000e-03  eta: 0:01:23  time: 0.1212  data_time: 0.0112  memory: 1234  loss: 0.4012
2024/05/01 10:00:07 - mmengine - INFO - Epoch(val) [2][25/25]    accuracy/top1: 86.0000  accuracy/top5: 100.0000  data_time: 0.0100  time: 0.0500
"""
ULTRA = """
      Epoch    GPU_mem       loss  Instances       Size
        1/2      0.31G     0.6931         16        224: 100%|██████████| 25/25 [00:05<00:00,  4.5it/s]
               classes   top1_acc   top5_acc: 100%|██████████| 4/4 [00:00<00:00, 10it/s]
                   all       0.81          1

      Epoch    GPU_mem       loss  Instances       Size
        2/2      0.31G     0.4931         16        224: 100%|██████████| 25/25 [00:05<00:00,  4.5it/s]
               classes   top1_acc   top5_acc: 100%|██████████| 4/4 [00:00<00:00, 10it/s]
                   all       0.86          1
"""
CSV = """                  epoch,             train/loss,  metrics/accuracy_top1,  metrics/accuracy_top5,               val/loss,                 lr/pg0
                      1,                 0.6931,                   0.81,                      1,                 0.5512,                 0.0007
                      2,                 0.4931,                   0.86,                      1,                 0.4512,                 0.0003
"""
SUM = "epoch,train_loss,eval_loss,eval_top1,eval_top5,lr\n0,0.613,0.4412,82.0,100.0,1e-05\n1,0.413,0.3412,86.0,100.0,1e-05\n"
COMMA = "epoch;loss;val_loss\n0;0,6123;0,4512\n1;0,4123;0,3512\n"
PIPE = COMMA.replace(";", "|")
INDEX = COMMA.replace("epoch", "")
SPACED = "Epoch: 01 | Epoch Time: 0m 9s\n\tTrain Loss: 0.612 | Train Acc @1:  71.00% | Train Acc @5: 100.00%\n\tValid Loss: 0.451 | Valid Acc @1:  81.00% | Valid Acc @5: 100.00%\nEpoch: 02 | Epoch Time: 0m 9s\n\tTrain Loss: 0.412 | Train Acc @1:  83.00% | Train Acc @5: 100.00%\n\tValid Loss: 0.351 | Valid Acc @1:  86.00% | Valid Acc @5: 100.00%\n"
HYPHEN = "Epoch 1/2 val loss: 0.45, val top-1 acc: 81.0, val top-5 acc: 100.0\nEpoch 2/2 val loss: 0.35, val top-1 acc: 86.0, val top-5 acc: 100.0\n"


def last(text: str, metric: str, split: str = "val", path: str = "run.log") -> list[tuple[int, str]]:
    """What the epochs of the one run of a log say last of a metric, with their numbers."""
    (log,) = logs.read(path, text.encode())
    (run,) = log.runs
    return [
        (
            epoch.number,
            [value.printed for value in epoch.values if (value.metric, value.split) == (metric, split)][-1],
        )
        for epoch in run.epochs
    ]


@pytest.mark.parametrize(
    ("text", "first", "metric", "split", "values"),
    [
        (TIMM, 0, "accuracy", "val", ("82.0000", "86.0000")),  # the means, of the last batch
        (TIMM, 0, "loss", "train", ("0.613", "0.413")),
        (TIMM, 0, "top5_accuracy", "val", ("100.0000", "100.0000")),
        (SUM, 0, "accuracy", "val", ("82.0", "86.0")),
        (IGNITE, 1, "accuracy", "val", ("0.81", "0.86")),
        (IGNITE, 1, "loss", "train", ("0.61", "0.41")),
        (MM, 1, "accuracy", "val", ("81.0000", "86.0000")),
        (MM, 1, "loss", "train", ("0.6012", "0.4012")),
        (ULTRA, 1, "accuracy", "val", ("0.81", "0.86")),
        (ULTRA, 1, "loss", "train", ("0.6931", "0.4931")),
        (CSV, 1, "accuracy", "val", ("0.81", "0.86")),
        (CSV, 1, "loss", "val", ("0.5512", "0.4512")),
        (COMMA, 0, "loss", "val", ("0,4512", "0,3512")),
        (PIPE, 0, "loss", "train", ("0,6123", "0,4123")),
        (INDEX, 0, "loss", "train", ("0,6123", "0,4123")),
        (SPACED, 1, "accuracy", "val", ("81.00", "86.00")),
        (HYPHEN, 1, "accuracy", "val", ("81.0", "86.0")),
        (HYPHEN, 1, "top5_accuracy", "val", ("100.0", "100.0")),
    ],
)  # fmt: skip
def test_what_each_framework_prints(
    text: str, first: int, metric: str, split: str, values: tuple[str, str]
) -> None:
    assert last(text, metric, split) == [(first, values[0]), (first + 1, values[1])]


def test_a_decimal_comma_is_a_number() -> None:
    (log,) = logs.read("log.csv", COMMA.encode())
    assert log.runs[0].epochs[1].values[0].number == 0.4123


def test_what_follows_the_last_epoch_of_ultralytics_belongs_to_none() -> None:
    best = (
        "2 epochs completed in 0.010 hours.\nValidating best.pt...\n"
        + ULTRA.splitlines()[3]
        + "\n   all   0.90   1\n"
    )
    (log,) = logs.read("run.log", (ULTRA + best).encode())
    assert last(ULTRA + best, "accuracy")[-1] == (2, "0.86")
    assert [value.printed for value in log.evaluations[0].values] == ["0.90", "1"]


def test_a_validation_of_timm_without_a_training_shows_no_epoch() -> None:
    found = logs.read(
        "run.log", "\n".join(line for line in TIMM.splitlines() if line.startswith("Test")).encode()
    )
    assert not any(log.runs for log in found)


@pytest.mark.parametrize(
    ("key", "metric"),
    [
        ("Acc @1", "accuracy"), ("Valid Acc @ 1", "accuracy"), ("top-1 acc", "accuracy"), ("acc1", "accuracy"),
        ("accuracy_top-1", "accuracy"), ("prec@1", "accuracy"), ("eval_top1", "accuracy"), ("accuracy/top1", "accuracy"),
        ("accuracy_2", "accuracy"), ("Acc @5", "top5_accuracy"), ("val_acc5", "top5_accuracy"), ("acc_5", "top5_accuracy"),
        ("top-5 acc", "top5_accuracy"), ("top 5 accuracy", "top5_accuracy"), ("accuracy_top-5", "top5_accuracy"),
        ("Prec@5", "top5_accuracy"), ("top3_acc", "top3_accuracy"), ("Top-10", "top10_accuracy"),
        ("recall@5", "top5_recall"), ("f1 accuracy", "f1_accuracy"), ("F1-score", "f1"), ("val_f1", "f1"),
    ],
)  # fmt: skip
def test_top_5_and_f1_are_never_an_accuracy(key: str, metric: str) -> None:
    name = names.read(key)
    assert name is not None and name.metric == metric
