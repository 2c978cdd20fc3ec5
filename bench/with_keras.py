"""Fine-tuning as the Keras blog writes it, for bench/training.py to compare with. Speed only: random weights.

https://blog.keras.io/building-powerful-image-classification-models-using-very-little-data.html: "bottleneck
features" of each image once and without augmentation, a small network trained on them, then the last block
of the convolutions with the whole network in every epoch. Keras has no EfficientNet-Lite; in its place stands
EfficientNet-B0, which has the same blocks with a little more in each.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy
from finetune import preprocess, submission
from finetune.parts import splits
from finetune.parts.photographs import labelled
from keras import layers

# Our name of a network: Keras' network, and the first of its layers that learns in phase two.
NETWORKS = {
    "tf_efficientnet_lite0": (keras.applications.EfficientNetB0, "block6a_expand_conv"),
    "vgg16": (keras.applications.VGG16, "block5_conv1"),
    "resnet50": (keras.applications.ResNet50, "conv5_block1_1_conv"),
}


class Photographs(keras.utils.PyDataset):
    """What the blog's ImageDataGenerator does: decode and shrink each image in every epoch."""

    def __init__(self, images, side):
        super().__init__()
        self.images, self.side = images, side

    def __len__(self):
        return -(-len(self.images) // 32)

    def __getitem__(self, number):
        chosen = self.images[32 * number : 32 * (number + 1)]
        arrays = [
            keras.utils.img_to_array(keras.utils.load_img(path, target_size=(self.side, self.side)))
            for path, _ in chosen
        ]
        return numpy.stack(arrays), numpy.array([label for _, label in chosen])


class Clock(keras.callbacks.Callback):
    """CPU seconds of each epoch."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, *_):
        self.began = time.process_time()

    def on_epoch_end(self, *_):
        self.epochs.append(time.process_time() - self.began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs-head", type=int, required=True)
    parser.add_argument("--epochs-upper", type=int, required=True)
    arguments = parser.parse_args()
    wanted = submission.read()
    side = preprocess.of_weights(wanted.model).crop
    rows = splits.read(Path(wanted.data.splits))
    train, val = (
        labelled([row for row in rows if row.split == split], wanted.classes) for split in ("train", "val")
    )
    make, first = NETWORKS[wanted.model.backbone]
    body = make(include_top=False, weights=None, input_shape=(side, side, 3))

    features = [body.predict(Photographs(images, side), verbose=0) for images in (train, val)]
    labels = [numpy.array([label for _, label in images]) for images in (train, val)]
    top = keras.Sequential(
        [
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    seconds = {"head": fitted(top, (features[0], labels[0]), (features[1], labels[1]), arguments.epochs_head)}

    names = [layer.name for layer in body.layers]
    for layer in body.layers[: names.index(first)]:
        layer.trainable = False
    augmented = [
        keras.Input((side, side, 3)),
        layers.RandomFlip("horizontal"),
        layers.RandomZoom(0.2),
        body,
        top,
    ]
    seconds["upper"] = fitted(
        keras.Sequential(augmented),
        (Photographs(train, side),),
        Photographs(val, side),
        arguments.epochs_upper,
    )
    print(json.dumps(seconds))


def fitted(network, train, val, epochs):
    """CPU seconds of each epoch; the blog's optimiser for fine-tuning is SGD with a small step."""
    clock = Clock()
    network.compile(keras.optimizers.SGD(1e-4, momentum=0.9), "binary_crossentropy", metrics=["accuracy"])
    network.fit(*train, validation_data=val, epochs=epochs, batch_size=32, verbose=0, callbacks=[clock])
    return clock.epochs


if __name__ == "__main__":
    main()
