"""Each grammar on a sample in the shape that tools and students print, with values read off by hand."""

# ruff: noqa: E501 - the lines of a log are as long as they are

from textwrap import dedent
from typing import Literal

import pytest

from grader.reading import logs
from grader.reading.logs import Log, Run
from grader.reading.logs.records import Value


def read(text: str, path: str = "run.log") -> Log:
    found = logs.read(path, dedent(text).lstrip("\n").encode())
    return found[0] if found else Log(where=path)


def only(log: Log) -> Run:
    assert len(log.runs) == 1, [run.where for run in log.runs]
    return log.runs[0]


def values(run: Run, split: str, metric: str) -> list[str]:
    return [value.printed for epoch in run.epochs if (value := epoch.value(metric, split))]


KERAS = """
    Found 800 files belonging to 2 classes.
    Epoch 1/3
     1/25 [>.............................] - ETA: 42s - loss: 0.9001 - acc: 0.5000
    25/25 [==============================] - 11s 90ms/step - loss: 0.6931 - acc: 0.5250 - val_loss: 0.5000 - val_acc: 0.7600

    Epoch 00001: val_acc improved from -inf to 0.76000, saving model to best.h5
    Epoch 2/3
    25/25 [==============================] - 9s 88ms/step - loss: 0.4100 - acc: 0.8125 - val_loss: 0.3100 - val_acc: 0.9000

    Epoch 00002: val_acc improved from 0.76000 to 0.90000, saving model to best.h5
    Epoch 3/3
    25/25 [==============================] - 9s 88ms/step - loss: 0.3500 - acc: 0.8500 - val_loss: 0.3300 - val_acc: 0.8900

    Epoch 00003: val_acc did not improve from 0.90000
    """


def test_keras_bar() -> None:
    log = read(KERAS)
    run = only(log)
    assert run.grammar == "keras_bar"
    assert (run.planned, len(run.complete), run.ending) == (3, 3, "completed")
    assert values(run, "val", "accuracy") == ["0.7600", "0.9000", "0.8900"]
    assert values(run, "train", "loss") == ["0.6931", "0.4100", "0.3500"]
    assert run.last("accuracy", "val").printed == "0.8900"
    assert run.best("accuracy", "val").printed == "0.9000"
    assert run.best("loss", "val").printed == "0.3100"
    assert run.epochs[1].where == "run.log:8"
    assert [size.images for size in log.sizes] == [800]


def test_keras_1_bar_without_step_time() -> None:
    run = only(
        read("""
        Train on 800 samples, validate on 200 samples
        Epoch 1/1000
        800/800 [==============================] - 9s - loss: 0.0178 - acc: 0.4548 - val_loss: 0.0248 - val_acc: 0.4762
        """)
    )
    assert (run.planned, values(run, "val", "accuracy")) == (1000, ["0.4762"])
    assert run.ending == "not determinable"


def test_keras_evaluation_after_the_last_epoch_is_no_epoch() -> None:
    log = read(
        KERAS + "    13/13 [==============================] - 1s 40ms/step - loss: 0.3000 - acc: 0.9150\n"
    )
    assert values(only(log), "train", "accuracy") == ["0.5250", "0.8125", "0.8500"]
    assert [value.printed for value in log.evaluations[0].values] == ["0.3000", "0.9150"]
    assert {value.split for value in log.evaluations[0].values} == {""}


def test_keras_callback_line_doubles_no_header_and_early_stopping_is_told() -> None:
    run = only(
        read("""
        Epoch 1/1000
        3/3 [==============================] - 42s 11s/step - loss: 0.4419 - mse: 0.1036 - val_loss: 0.4212 - val_mse: 7.4400e-04
        Epoch 00001: val_loss improved from inf to 0.42120, saving model to model.hdf5
        Epoch 2/1000
        3/3 [==============================] - 24s 10s/step - loss: 0.4412 - mse: 0.1037 - val_loss: 0.4312 - val_mse: 0.1063
        Epoch 00002: val_loss did not improve from 0.42120
        Epoch 00002: early stopping
        """)
    )
    assert (len(run.epochs), run.planned, run.ending) == (2, 1000, "stopped early")
    assert values(run, "val", "mse") == ["7.4400e-04", "0.1063"]


def test_keras_epoch_that_stops_in_the_middle_is_incomplete() -> None:
    run = only(
        read("""
        Epoch 1/5
        32/32 [==============================] - 9s - loss: 0.7000 - accuracy: 0.6000 - val_loss: 0.5 - val_accuracy: 0.7100
        Epoch 2/5
        20/32 [=================>............] - ETA: 3s - loss: 0.5000 - accuracy: 0.9999
        """)
    )
    assert [epoch.complete for epoch in run.epochs] == [True, False]
    assert run.last("accuracy", "train").printed == "0.6000"
    assert run.ending == "cut short"


def test_keras_epoch_without_its_validation_is_incomplete() -> None:
    run = only(
        read("""
        Epoch 1/2
        32/32 [==============================] - 9s - loss: 0.7 - accuracy: 0.6 - val_loss: 0.5 - val_accuracy: 0.71
        Epoch 2/2
        32/32 [==============================] - 9s - loss: 0.5 - accuracy: 0.8
        """)
    )
    assert [epoch.complete for epoch in run.epochs] == [True, False]


def test_keras_3_bar_with_colours_and_a_resumed_counter() -> None:
    bar = (
        "\x1b[1m63/63\x1b[0m \x1b[32m━━━━━━━━━━━━━━━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m21s\x1b[0m 293ms/step"
    )
    run = only(
        read(
            f"Epoch 5/6\n{bar} - accuracy: 0.8270 - loss: 0.3727\n"
            "Epoch 5: val_loss improved from None to 0.10810, saving model to best.keras\n\n"
            f"{bar} - accuracy: 0.8270 - loss: 0.3727 - val_accuracy: 0.9770 - val_loss: 0.1081\n"
            f"Epoch 6/6\n{bar} - accuracy: 0.9360 - loss: 0.1761 - val_accuracy: 0.9790 - val_loss: 0.0787\n"
        )
    )
    assert run.grammar == "keras3_bar_ansi"
    assert [epoch.number for epoch in run.epochs] == [5, 6]
    assert (run.planned, run.ending) == (6, "completed")
    assert values(run, "val", "accuracy") == ["0.9770", "0.9790"]


@pytest.mark.parametrize("start", ["25/25 - 2s - ", "25/25 - 2s - 31ms/step - ", " - 2s - "])
def test_keras_verbose_2(start: str) -> None:
    run = only(
        read(
            f"Epoch 1/2\n{start}loss: 0.6 - accuracy: 0.7 - val_loss: 0.5 - val_accuracy: 0.8\n"
            "Epoch 2/2\n\nEpoch 00002: val_accuracy did not improve from 0.94030\n"
            f"{start}loss: 0.4 - accuracy: 0.9 - val_loss: 0.3 - val_accuracy: 0.85\n"
        )
    )
    assert run.grammar == "keras_verbose2"
    assert values(run, "val", "accuracy") == ["0.8", "0.85"]


@pytest.mark.parametrize(
    "line",
    [
        "Epoch [{i}/3] Train Loss: 0.45{i} Train Accuracy: 0.82{i} Val Loss: 0.32{i} Val Accuracy: 0.90{i}",
        "[Epoch 0{i}/03] train_loss: 0.45{i} | train_acc: 0.82{i} | val_loss: 0.32{i} | val_acc: 0.90{i}",
        "Epoch {i}/3, Train Loss: 0.45{i}, Train Acc: 0.82{i}, Val Loss: 0.32{i}, Val Acc: 0.90{i}",
        "Epoch {i}/3 || Train loss 0.45{i} acc 0.82{i} || Val loss 0.32{i} acc 0.90{i}",
        "Epoch: {i} of 3 - loss: 0.45{i} - acc: 0.82{i} - val_loss: 0.32{i} - val_acc: 0.90{i} - time: 12.3s",
        "2024-11-02 10:00:00,123 - INFO - Epoch {i}/3 - train loss=0.45{i}, train acc=0.82{i}, val loss=0.32{i}, val acc=0.90{i}",
        "INFO:root:Epoch {i}/3: train_loss=0.45{i} train_acc=0.82{i} val_loss=0.32{i} val_acc=0.90{i} lr=1.0e-04",
    ],
)  # fmt: skip
def test_epoch_and_values_on_one_line(line: str) -> None:
    run = only(read("\n".join(line.format(i=i) for i in (1, 2, 3))))
    assert run.grammar == "epoch_of_n_one_line"
    assert (run.planned, len(run.complete), run.ending) == (3, 3, "completed")
    assert values(run, "train", "loss") == ["0.451", "0.452", "0.453"]
    assert values(run, "train", "accuracy") == ["0.821", "0.822", "0.823"]
    assert values(run, "val", "loss") == ["0.321", "0.322", "0.323"]
    assert values(run, "val", "accuracy") == ["0.901", "0.902", "0.903"]


def test_percent_with_and_without_its_sign() -> None:
    run = only(
        read("""
        Epoch 1/2 Train Acc: 61.25% Val Acc: 92.50
        Epoch 2/2 Train Acc: 1.00% Val Acc: 93.00
        """)
    )
    assert [value.fraction for value in run.epochs[0].values] == [0.6125, 0.925]
    assert {value.scale for epoch in run.epochs for value in epoch.values} == {"percent"}


def test_a_split_that_the_line_does_not_name_stays_unknown() -> None:
    run = only(read("Epoch 1/1, Train Loss: 0.5, Val Loss: 0.4, Accuracy: 0.93"))
    assert run.epochs[0].value("accuracy", "").printed == "0.93"
    assert run.last("accuracy", "val") is None


def test_tutorial_in_two_lines_counts_from_zero() -> None:
    log = read("""
        Epoch 0/1
        ----------
        train Loss: 0.5882 Acc: 0.6885
        val Loss: 0.2304 Acc: 0.9020

        Epoch 1/1
        ----------
        train Loss: 0.4104 Acc: 0.8320
        val Loss: 0.2000 Acc: 0.9412

        Training complete in 1m 7s
        Best val Acc: 0.941176
        """)
    run = only(log)
    assert (run.planned, len(run.complete), run.ending) == (2, 2, "completed")
    assert values(run, "val", "accuracy") == ["0.9020", "0.9412"]
    assert log.evaluations == ()


@pytest.mark.parametrize("header", ["Epoch = {i}", "Epoch({i}/2,)", "Epoch #{i}", "EPOCH: {i}"])
def test_key_value_block(header: str) -> None:
    block = "\ntrain_loss = 0.{i}5\nTraining accuracy 8{i}.25 %\nvalidation loss = 0.{i}4\nvalidation accuracy = 9{i}.5\n"
    run = only(read("".join((header + block).format(i=i) for i in (1, 2))))
    assert values(run, "train", "accuracy") == ["81.25", "82.25"]
    assert values(run, "val", "accuracy") == ["91.5", "92.5"]
    assert run.last("accuracy", "val").fraction == 0.925


def test_free_text_with_misspelt_keys_and_its_own_end() -> None:
    run = only(
        read("""
        Epoch 3
        Traning loss: 1.86e-01, Validaton loss: 2.50e-01, valdation acurracy: 0.91
        Epoch 4
        Traning loss: 1.50e-01, Validaton loss: 2.60e-01, valdation acurracy: 0.90
        Stopped training after 4/5000 epochs.
        """)
    )
    assert values(run, "train", "loss") == ["1.86e-01", "1.50e-01"]
    assert values(run, "val", "accuracy") == ["0.91", "0.90"]
    assert (run.planned, run.ending) == (5000, "stopped early")


def test_running_accuracy_has_no_epochs_and_its_last_value_is_the_answer() -> None:
    log = read("Accuracy: 100.00%\nAccuracy: 50.00%\nAccuracy: 97.07%\n")
    assert log.runs == ()
    assert log.evaluations[-1].values[0].fraction == pytest.approx(0.9707)


def test_sklearn_report() -> None:
    log = read("""
                      precision    recall  f1-score   support

                cats       0.50      1.00      0.67       601
                dogs       0.00      0.00      0.00       602

            accuracy                           0.50      1203
           macro avg       0.25      0.50      0.33      1203
        weighted avg       0.25      0.50      0.33      1203
        """)
    assert [(e.values[0].metric, e.values[0].printed, e.images) for e in log.evaluations] == [
        ("accuracy", "0.50", 1203)
    ]


def test_value_list_is_named_by_the_bar_above_it() -> None:
    bar = "50/50 [==============================] - 2s 31ms/step - loss: 0.2166 - acc: 0.9410\n"
    log = read(bar + "[0.21659999, 0.9409999847]\n")
    assert [(value.metric, value.printed) for value in log.evaluations[-1].values] == [
        ("loss", "0.21659999"), ("accuracy", "0.9409999847"),
    ]  # fmt: skip
    assert read("[0.21659999, 0.9409999847]\n").evaluations == ()


def test_fastai_table_in_a_terminal_is_one_run_a_header() -> None:
    log = read("""
        epoch     train_loss  valid_loss  error_rate  time
        0         0.523456    0.201234    0.074425    00:12
        epoch     train_loss  valid_loss  error_rate  time
        0         0.101010    0.050505    0.010000    00:15
        1         0.090909    0.040404    0.007400    00:15
        """)
    assert [len(run.epochs) for run in log.runs] == [1, 2]
    assert log.runs[1].last("error_rate", "val").fraction == 0.0074
    assert log.runs[1].last("accuracy", "val") is None
    assert log.runs[1].best("error_rate", "val").printed == "0.007400"


def test_csv_that_changes_its_delimiter_and_restarts_its_counter() -> None:
    log = read("""
        epoch,loss,val_loss
        0,0.5,0.6
        1,0.4,0.5
        0;0.45;0.55
        1;0.35;0.45
        2;0.30;0.40
        """, "history.csv")  # fmt: skip
    assert [values(run, "val", "loss") for run in log.runs] == [["0.6", "0.5"], ["0.55", "0.45", "0.40"]]
    assert [run.where for run in log.runs] == ["history.csv:2", "history.csv:4"]


def test_csv_with_mark_carriage_returns_and_models() -> None:
    text = "\ufeffmodel;epoch;accuracy;val_accuracy\r\nA;1;0,71;0,81\r\nA;2;0,72;0,82\r\nB;1;0,73;0,83\r\n"
    log = read(text, "all.csv")
    assert [run.phase for run in log.runs] == ["A", "B"]
    assert values(log.runs[0], "val", "accuracy") == ["0,81", "0,82"]
    assert log.runs[0].last("accuracy", "val").number == 0.82
    assert values(log.runs[0], "train", "accuracy") == ["0,71", "0,72"]


def test_lightning_csv_spreads_an_epoch_over_rows() -> None:
    run = only(read("""
        epoch,step,train_loss,val_acc,val_loss
        0,24,,0.8500,0.4000
        0,24,0.6000,,
        1,49,,0.9000,0.3000
        1,49,0.5000,,
        """, "metrics.csv"))  # fmt: skip
    assert values(run, "val", "accuracy") == ["0.8500", "0.9000"]
    assert values(run, "train", "loss") == ["0.6000", "0.5000"]


def test_lightning_bar_and_its_end() -> None:
    log = read("""
        Epoch 0:  40%|####      | 10/25 [00:04<00:06,  2.40it/s, v_num=0, train_loss=0.900]
        Epoch 0: 100%|##########| 25/25 [00:10<00:00,  2.40it/s, v_num=0, train_loss=0.500, val_acc=0.850]
        Epoch 1: 100%|##########| 25/25 [00:10<00:00,  2.40it/s, v_num=0, train_loss=0.400, val_acc=0.900]
        `Trainer.fit` stopped: `max_epochs=2` reached.
        ───────────────────────────────────────
               Test metric             DataLoader 0
        ───────────────────────────────────────
                test_acc            0.9150000214576721
               test_loss            0.25
        """)
    run = only(log)
    assert (run.grammar, run.planned, run.ending) == ("lightning", 2, "completed")
    assert values(run, "val", "accuracy") == ["0.850", "0.900"]
    assert [(v.metric, v.split, v.printed) for e in log.evaluations for v in e.values] == [
        ("accuracy", "test", "0.9150000214576721"), ("loss", "test", "0.25"),
    ]  # fmt: skip


def test_hugging_face_dictionaries() -> None:
    run = only(
        read("""
        {'loss': 0.6, 'grad_norm': 1.5, 'learning_rate': 4.5e-05, 'epoch': 0.5}
        {'loss': 0.5, 'learning_rate': 4e-05, 'epoch': 1.0}
        {'eval_loss': 0.4, 'eval_accuracy': 0.91, 'eval_runtime': 2.5, 'epoch': 1.0}
        {'loss': 0.3, 'learning_rate': 3e-05, 'epoch': 2.0}
        {'eval_loss': 0.35, 'eval_accuracy': 0.93, 'eval_runtime': 2.5, 'epoch': 2.0}
        """)
    )
    assert [epoch.number for epoch in run.epochs] == [1, 2]
    assert values(run, "val", "accuracy") == ["0.91", "0.93"]
    assert run.epochs[0].value("loss", "val").printed == "0.4"


def test_trainer_state_of_hugging_face() -> None:
    run = only(read("""
        {"best_metric": 0.93,
         "log_history": [
          {"epoch": 1.0, "eval_accuracy": 0.91, "eval_loss": 0.4},
          {"epoch": 2.0, "eval_accuracy": 0.93, "eval_loss": 0.35}]}
        """, "trainer_state.json"))  # fmt: skip
    assert values(run, "val", "accuracy") == ["0.91", "0.93"]


def test_keras_history_as_json() -> None:
    run = only(
        read('{"loss": [0.6, 0.5], "accuracy": [0.7, 0.8], "val_accuracy": [0.75, 0.85]}', "history.json")
    )
    assert values(run, "val", "accuracy") == ["0.75", "0.85"]
    assert values(run, "train", "accuracy") == ["0.7", "0.8"]


STARTER = """
    {"event": "run", "seed": 1, "device": "cpu", "planned": {"head": 2, "upper": 1}, "images": {"train": 800, "val": 200}}
    {"event": "epoch", "phase": "head", "epoch": 1, "epochs": 2, "train_loss": 0.7, "train_accuracy": 0.6, "val_loss": 0.6, "val_accuracy": 0.85, "learning_rate": 0.001, "trainable_parameters": 1026}
    {"event": "epoch", "phase": "head", "epoch": 2, "epochs": 2, "train_loss": 0.5, "train_accuracy": 0.8, "val_loss": 0.5, "val_accuracy": 0.9, "learning_rate": 0.001, "trainable_parameters": 1026}
    {"event": "epoch", "phase": "upper", "epoch": 1, "epochs": 1, "train_loss": 0.3, "train_accuracy": 0.95, "val_loss": NaN, "val_accuracy": 0.965, "learning_rate": 0.0001, "trainable_parameters": 8394754}
    {"event": "end", "val_accuracy": 0.965, "seconds": 12.5}
    """


def test_the_starters_own_log() -> None:
    log = read(STARTER, "logs/train.jsonl")
    assert [(run.phase, run.planned, len(run.complete), run.ending) for run in log.runs] == [
        ("head", 2, 2, "completed"), ("upper", 1, 1, "completed"),
    ]  # fmt: skip
    assert values(log.runs[0], "val", "accuracy") == ["0.85", "0.9"]
    assert log.runs[1].last("accuracy", "val").fraction == 0.965
    assert values(log.runs[1], "val", "loss") == ["NaN"]
    assert [run.last("trainable_parameters", "").printed for run in log.runs] == ["1026", "8394754"]
    assert [(plan.phase, plan.epochs) for plan in log.plans] == [("head", 2), ("upper", 1)]
    assert {size.split: size.images for size in log.sizes} == {"train": 800, "val": 200}
    assert log.runs[1].where == "logs/train.jsonl:4"


def test_the_starters_log_for_people_says_the_same() -> None:
    log = read("""
        2026-11-23T12:00:00+01:00 torchvision resnet18 (IMAGENET1K_V1) on cpu, Coffee or Dog, 800 training images, seed 1
        2026-11-23T12:01:00+01:00 phase head  epoch 1/1: train loss 0.7000 accuracy 0.6000, val loss 0.6000 accuracy 0.8500, 9.1 s
        2026-11-23T12:02:00+01:00 phase upper epoch 1/1: train loss 0.5000 accuracy 0.8000, val loss 0.5000 accuracy 0.9000, 9.2 s
        2026-11-23T12:02:01+01:00 finished after 18.3 s, val accuracy 0.9000
        """)
    assert [(run.phase, run.planned) for run in log.runs] == [("head", 1), ("upper", 1)]
    assert [values(run, "val", "accuracy") for run in log.runs] == [["0.8500"], ["0.9000"]]
    assert [values(run, "train", "accuracy") for run in log.runs] == [["0.6000"], ["0.8000"]]


def test_json_lines_without_epochs_count_steps() -> None:
    run = only(read('{"iter": 10, "loss": 0.9}\n{"iter": 20, "loss": 0.8}\n'))
    assert (run.unit, [epoch.number for epoch in run.epochs]) == ("step", [10, 20])


def test_progress_of_batches_is_replaced_by_the_end_of_the_epoch() -> None:
    run = only(
        read("""
        Epoch [1/2], Step [1/2], Loss: 0.9
        Epoch [1/2], Step [2/2], Loss: 0.8
        Epoch [2/2], Step [1/2], Loss: 0.7
        Epoch [2/2], Step [2/2], Loss: 0.6
        """)
    )
    assert values(run, "", "loss") == ["0.8", "0.6"]
    assert run.ending == "completed"


def test_imagenet_style_reports_the_mean_of_the_epoch() -> None:
    run = only(
        read(
            "Epoch: [0][390/391]\tTime 0.1 (0.2)\tLoss 4.5e-01 (5.0e-01)\tAcc@1 75.00 (70.31)\tAcc@5 99.0 (98.5)"
        )
    )
    assert values(run, "", "loss") == ["5.0e-01"]
    assert values(run, "", "accuracy") == ["70.31"]
    assert values(run, "", "top5_accuracy") == ["98.5"]


@pytest.mark.parametrize(
    "text",
    [
        "epochs = 20\nlearning_rate: 0.001\nbatch size: 32\n",
        "Trainable params: 3,453,121 (13.17 MB)\n",
        "Loss: 0,4567 in another notation\n",
        "torch==2.1.0\ntorchvision==0.16.0\n",
        "0;raw_data/cat.0.jpg\n1;raw_data/dog.1.jpg\n",
        "EarlyStopping(monitor='val_loss', patience=5, min_delta=0.01)\n",
        "image,label,score\na.jpg,1,0.93\n",
        "94765736/94765736 [==============================] - 5s 0us/step\n",
    ],
)
def test_what_is_no_log(text: str) -> None:
    log = read(text)
    assert log.runs == ()
    assert [e for e in log.evaluations if any(v.metric != "learning_rate" for v in e.values)] == []


def test_keras_lines_without_any_header_count_themselves() -> None:
    line = "340/340 - 170s - loss: 1.6 - accuracy: 0.26 - val_loss: 1.4 - val_accuracy: 0.{}\n"
    run = only(read(line.format("37") + line.format("38")))
    assert [epoch.number for epoch in run.epochs] == [1, 2]
    assert values(run, "val", "accuracy") == ["0.37", "0.38"]


def test_a_loop_that_fits_one_epoch_at_a_time() -> None:
    bar = "1438/1437 [==============================] - 937s - loss: 0.1 - acc: 0.9 - val_loss: 0.05 - val_acc: 0.98{}\n"
    log = read("".join(f"Running epoch: {i}\nEpoch 1/1\n" + bar.format(i) for i in (0, 1, 2, 0, 1)))
    assert [values(run, "val", "accuracy") for run in log.runs] == [
        ["0.980", "0.981", "0.982"], ["0.980", "0.981"],
    ]  # fmt: skip


def test_the_name_of_a_model_in_brackets_is_a_phase() -> None:
    log = read(
        "[CNN] Ep 1/1 | Train: 1.5 | Val: 1.4 | Acc: 28.27%\n[MLP] Ep 1/1 | Train: 1.5 | Val: 1.4 | Acc: 29.27%\n"
    )
    assert [(run.phase, values(run, "", "accuracy")) for run in log.runs] == [
        ("[CNN]", ["28.27"]),
        ("[MLP]", ["29.27"]),
    ]


def test_a_test_accuracy_after_a_single_epoch_is_no_value_of_the_epoch() -> None:
    log = read("Epoch 1/1 train loss: 0.5 val loss: 0.4 val acc: 0.9\nTest accuracy: 0.85\n")
    assert only(log).last("accuracy", "test") is None
    assert [(v.split, v.printed) for e in log.evaluations for v in e.values] == [("test", "0.85")]


def test_a_header_that_lost_its_first_letter_ends_up_in_no_other_run() -> None:
    bar = "9/9 [==============================] - 4s - loss: 0.5 - acc: 0.8 - val_loss: 0.4 - val_acc: 0.{}\n"
    log = read(
        "Epoch 1/9\n"
        + bar.format(1)
        + "Epoch 00001: early stopping\npoch 7/8\n"
        + bar.format(2)
        + "Epoch 8/8\n"
        + bar.format(3)
    )
    assert [values(run, "val", "accuracy") for run in log.runs] == [["0.1"], ["0.2"], ["0.3"]]
    assert [run.ending for run in log.runs] == ["stopped early", "not determinable", "completed"]


def test_a_patience_counter_does_not_end_a_run() -> None:
    log = read("".join(f"Epoch {i}/3 val acc: 0.9{i}\nEarly stopping: {i} of 5\n" for i in (1, 2, 3)))
    assert only(log).ending == "completed"


def test_who_stops_early_at_the_last_epoch_completed_the_plan() -> None:
    assert (
        only(read("Epoch 1/2 val acc: 0.9\nEpoch 2/2 val acc: 0.8\nEarly stopping triggered\n")).ending
        == "completed"
    )


def test_epoch_and_batch_in_brackets() -> None:
    run = only(
        read(
            "[1,  2000] loss: 2.236\n[1,  4000] loss: 1.876\n[2,  2000] loss: 1.415\n[2,  4000] loss: 1.325\n"
        )
    )
    assert (run.grammar, values(run, "", "loss"), run.ending) == (
        "batch_line",
        ["1.876", "1.325"],
        "not determinable",
    )


def test_a_counted_accuracy_is_its_percentage() -> None:
    log = read(
        "Train Epoch: 1 [0/60000 (0%)]\tLoss: 2.305400\nTrain Epoch: 1 [59904/60000 (100%)]\tLoss: 0.1\n"
        "Test set: Average loss: 0.0265, Accuracy: 9913/10000 (99%)\n"
    )
    value = only(log).epochs[0].value("accuracy", "test")
    assert (value.printed, value.fraction) == ("99", 0.99)


def test_an_epoch_with_fewer_parts_than_the_one_before_is_not_whole() -> None:
    log = read("[1,  2000] loss: 2.2\n[1,  4000] loss: 1.8\n[2,  2000] loss: 1.4\n")
    assert [epoch.complete for epoch in only(log).epochs] == [True, False]
    assert only(log).ending == "not determinable"


def test_a_table_of_results_counts_epochs_and_is_no_log() -> None:
    table = (
        "|            |   Cat |   Accuracy |   Epochs |\n|---|---|---|---|\n| LeNet |  0.38 |  0.36 |  11 |\n"
    )
    assert logs.read("table.txt", table.encode()) == []


@pytest.mark.parametrize(
    ("printed", "scale"), [("-0.5", "fraction"), ("1.5", "fraction"), ("101", "percent"), ("nan", "fraction")]
)
def test_what_is_no_share_has_no_fraction(printed: str, scale: Literal["fraction", "percent"]) -> None:
    assert Value("accuracy", "val", printed, scale).fraction is None
