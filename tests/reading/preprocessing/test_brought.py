"""Images that a library brings along, followed to the network; the verdicts were found by hand."""

import pytest

from tests.conftest import Make
from tests.reading.preprocessing.test_idioms import verdicts

KERAS = """\
import cv2
import numpy as np
import skimage.transform
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow import keras
from tensorflow.keras.datasets import cifar10, mnist
from tensorflow.keras.applications.vgg16 import VGG16, preprocess_input
base = VGG16(weights="imagenet", include_top=False, input_shape=(224, 224, 3))
net = keras.Sequential([base, keras.layers.Flatten(), keras.layers.Dense(10)])
{}
net.compile("adam", "sparse_categorical_crossentropy")
net.fit(x, y, epochs=3)
"""
CIFAR = "(x, y), (x_test, y_test) = cifar10.load_data()\n"
FOOD = """\
(data, rest), info = tfds.load('food101', split=["train", "validation"],
                              as_supervised=True, with_info=True)
"""
RESIZED = "x = np.array([cv2.resize(each, (224, 224)) for each in x])\n"
UNIT = "unit = data.map(lambda i, l: (i / 255.0, l))\n"
MAPPED = """\
def prepare(image, label):
    image = tf.image.resize(image, (224, 224))
    return {}, label
x = data.shuffle(1000).map(prepare, num_parallel_calls=4).batch(32).prefetch(1)
y = None
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CIFAR + "x = preprocess_input(tf.image.resize(x, (224, 224)))", "match"),
        (CIFAR + RESIZED + "x = x.astype('float32') / 255.0", "mismatch"),
        (CIFAR.replace("cifar10", "keras.datasets.cifar100") + "x = x / 127.5 - 1", "mismatch"),
        # statistics of the data, which nobody can tell; bytes become 0..1 in scikit-image, floats do not
        (CIFAR + "x = (x - np.mean(x)) / np.std(x)", "undetermined"),
        (CIFAR + "x = preprocess_input(skimage.transform.resize(x, (len(x), 224, 224)))", "undetermined"),
        # grey digits
        (CIFAR.replace("cifar10", "mnist") + "x = x / 255.0", "undetermined"),
        (FOOD + MAPPED.format("preprocess_input(image)"), "match"),
        (FOOD + MAPPED.format("image / 255.0"), "mismatch"),
        (FOOD.replace("food101", "food101:2.0.0") + MAPPED.format("image / 255.0"), "mismatch"),
        (FOOD + MAPPED.format("tf.image.per_image_standardization(image)"), "undetermined"),
        # another number of bands, a set that nobody knows, a name from outside
        (FOOD.replace("food101", "eurosat/all") + MAPPED.format("image / 255.0"), "undetermined"),
        (FOOD.replace("food101", "my_own") + MAPPED.format("image / 255.0"), "undetermined"),
        (FOOD.replace("'food101'", "input()") + MAPPED.format("image / 255.0"), "undetermined"),
        # a function that nobody sees
        (FOOD + "from elsewhere import prepare\nx = data.map(prepare)\ny = None", "undetermined"),
        # the same by a function without a name, in two steps
        (FOOD + UNIT + "x = unit.map(lambda i, l: (preprocess_input(i * 255.0), l))\ny = None", "match"),
        # the pictures that are looked at are not those that train
        (FOOD + UNIT + MAPPED.format("preprocess_input(image)"), "match"),
    ],
)  # fmt: skip
def test_what_a_library_brings_along_is_followed(submit: Make, source: str, expected: str) -> None:
    assert verdicts(submit, KERAS.format(source)) == {expected}
