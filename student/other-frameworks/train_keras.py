"""The homework with Keras, on one page: python other-frameworks/train_keras.py, after `make data`.

    data/splits.csv, data/images/ -> logs/train.jsonl, head.keras, model.keras, predictions.csv, results.json

It needs `pip install keras` and one of its backends (torch, tensorflow or jax), and nothing of finetune/. It
shows what any program has to leave behind for the grader to read; README.md beside it tells more.
"""

import csv
import datetime
import hashlib
import json
import os
import tomllib
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
import keras
import numpy

SIDE = 224  # of the network's images, in pixels
WEIGHTS = "imagenet"
EPOCHS = {"head": 3, "upper": 4}  # phase one trains the head alone, phase two the upper layers too
RATES = {"head": 1e-3, "upper": 1e-5}  # phase two takes small steps: these layers are good already
UPPER = (
    "conv_dw_13",
    "conv_dw_13_bn",
    "conv_pw_13",
    "conv_pw_13_bn",
)  # see network.summary()
BATCH = 32

wanted = tomllib.loads(Path("submission.toml").read_text(encoding="utf-8"))
classes = wanted["classes"]
with Path(wanted["data"].get("splits", "data/splits.csv")).open(newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
here = {path.stem: path for path in Path("data/images").iterdir()}
keras.utils.set_random_seed(int(hashlib.sha256(wanted["student"].encode()).hexdigest()[:8], 16))


def images_of(split):
    """All images of a split [n, SIDE, SIDE, 3], prepared as MobileNet was trained, and their classes [n]."""
    own = [row for row in rows if row["split"] == split]
    pixels = [keras.utils.load_img(here[row["image_id"]], target_size=(SIDE, SIDE)) for row in own]
    images = numpy.stack([keras.utils.img_to_array(image) for image in pixels])
    prepared = keras.applications.mobilenet.preprocess_input(images)  # from 0..255 to -1..1
    return own, prepared, numpy.array([classes.index(row["label"]) for row in own])


def event(kind, **what):
    """Add a line to the log: the grader reads JSON, one object for each line."""
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"event": kind, **what, "time": now}) + "\n")


_, train_images, train_labels = images_of("train")
_, val_images, val_labels = images_of("val")
base = keras.applications.MobileNet(weights=WEIGHTS, include_top=False, input_shape=(SIDE, SIDE, 3))
features = keras.layers.Dropout(0.2)(keras.layers.GlobalAveragePooling2D()(base.output))
answer = keras.layers.Dense(len(classes), activation="softmax", name="answer")(features)
network = keras.Model(base.input, answer)

log = Path(wanted["log"]["paths"][0])
log.parent.mkdir(exist_ok=True)
log.unlink(missing_ok=True)
event(
    "run",
    library="keras",
    backbone=wanted["model"]["backbone"],
    weights=wanted["model"]["weights"],
    classes=classes,
    planned=EPOCHS,
    images={"train": len(train_labels), "val": len(val_labels)},
    # How images are prepared: mean and spread on the scale 0 to 1; load_img takes the nearest pixel.
    preprocessing={"interpolation": "nearest", "mean": [0.5] * 3, "std": [0.5] * 3},
    versions={"keras": keras.__version__, keras.backend.backend(): "backend"},
)

files = {"head": wanted["model"]["phase_one_checkpoint"], "upper": wanted["model"]["checkpoint"]}
for phase, epochs in EPOCHS.items():
    # A layer that is not trainable is frozen in both ways: its weights, and the statistics of BatchNorm.
    for layer in base.layers:
        layer.trainable = phase == "upper" and layer.name in UPPER
    # Compile again after every change of `trainable`: only then does Keras look at it.
    network.compile(
        optimizer=keras.optimizers.Adam(RATES[phase]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    learning = [layer.name for layer in network.layers if layer.trainable and layer.weights]
    for epoch in range(1, epochs + 1):
        done = network.fit(
            train_images,
            train_labels,
            batch_size=BATCH,
            validation_data=(val_images, val_labels),
            verbose=0,
        ).history
        event(
            "epoch",
            phase=phase,
            epoch=epoch,
            epochs=epochs,
            train_loss=done["loss"][0],
            train_accuracy=done["accuracy"][0],
            val_loss=done["val_loss"][0],
            val_accuracy=done["val_accuracy"][0],
            learning_rate=RATES[phase],
            trainable_parameters=sum(int(numpy.prod(each.shape)) for each in network.trainable_weights),
            trained=learning,
        )
        print(f"phase {phase} epoch {epoch}/{epochs}: val accuracy {done['val_accuracy'][0]:.4f}", flush=True)
    network.save(files[phase])  # the whole network: what is frozen, what learnt, and the head
event("end")

test, test_images, test_labels = images_of("test")
scores = network.predict(test_images, batch_size=BATCH, verbose=0)
with Path(wanted["results"]["predictions"]).open("w", newline="", encoding="utf-8") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["image_id", "label", "predicted", "score"])
    for row, score in zip(test, scores, strict=True):
        table.writerow([row["image_id"], row["label"], classes[int(score.argmax())], float(score.max())])
right = int((scores.argmax(axis=1) == test_labels).sum())
summary = {"test_accuracy": right / len(test), "test_images": len(test), "correct": right, "classes": classes}
Path(wanted["results"]["summary"]).write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
print(f"test accuracy {right / len(test):.4f}: {right} of {len(test)} images right")
