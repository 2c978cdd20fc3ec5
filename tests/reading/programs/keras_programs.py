"""The Keras programs of generating.py."""

from typing import Protocol


class Wanted(Protocol):
    """The part of a plan that is needed here."""

    values: str
    phases: str
    steps: str
    freeze: str
    decoy: str
    files: str
    name: str


KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n" \
        "from tensorflow.keras.applications import ResNet50\n" \
        "from tensorflow.keras.applications.resnet50 import preprocess_input\n"  # fmt: skip


def write(wanted: Wanted) -> dict[str, str]:
    data, step = _data(wanted)
    build = "def build():\n    body = ResNet50(include_top=False, input_shape=(224, 224, 3))\n" \
            f"    start = keras.Input((224, 224, 3))\n    x = {step}\n    x = body(x, training=False)\n" \
            "    x = layers.GlobalAveragePooling2D()(x)\n" \
            "    return body, keras.Model(start, layers.Dense(2, activation='softmax')(x))\n\n\n"  # fmt: skip
    if wanted.decoy == "unused function":
        build += "def other():\n    body = keras.applications.VGG16()\n    body.trainable = True\n" \
                 "    return keras.Sequential([layers.Rescaling(1 / 255), body])\n\n\n"  # fmt: skip
    run = _phases(wanted)
    if wanted.files in ("module", "package"):
        return {"parts.py": KERAS + data + build, "main.py": KERAS + "from parts import *\n" + run}
    if wanted.files == "two scripts" and "# phase two\n" in run:
        first, second = run.split("# phase two\n")
        again = (
            ""
            if wanted.phases == "fresh"
            else f"{wanted.name} = keras.models.load_model('first.keras')\nbody = {wanted.name}.layers[1]\n"
        )
        return {
            "a_head.py": KERAS + data + build + first + f"{wanted.name}.save('first.keras')\n",
            "b_upper.py": KERAS + data + build + again + second,
        }  # fmt: skip
    return {"train.py": KERAS + data + build + run}


def _data(wanted: Wanted) -> tuple[str, str]:
    """What reads the images, and the first step inside the network."""
    outside = {"right": "preprocess_input", "halves": "None", "bytes": "None"}[wanted.values]
    rescale = ", rescale=1 / 255" if wanted.values == "halves" else ""
    if wanted.steps in ("list", "settings"):
        made = f"keras.preprocessing.image.ImageDataGenerator(preprocessing_function={outside}{rescale})"
        return f"data = {made}.flow_from_directory('train', target_size=(224, 224))\n", "start"
    read = "data = keras.utils.image_dataset_from_directory('train', image_size=(224, 224))\n"
    if wanted.steps in ("function", "data set"):
        change = {"right": "preprocess_input(images)", "halves": "images / 255.0", "bytes": "images"}[
            wanted.values
        ]
        return (
            read + f"def change(images, labels):\n    return {change}, labels\n\n\ndata = data.map(change)\n",
            "start",
        )
    return read, {
        "right": "preprocess_input(start)",
        "halves": "layers.Rescaling(1 / 255)(start)",
        "bytes": "start",
    }[wanted.values]


SMALL = """\
small = keras.Sequential([layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2)])
small.compile(optimizer='adam', loss='mse')
small.fit(keras.utils.image_dataset_from_directory('small'), epochs=2)
"""


def _phases(wanted: Wanted) -> str:
    name = wanted.name
    compiled = f"{name}.compile(optimizer=keras.optimizers.Adam(1e-4), loss='categorical_crossentropy')\n"
    fit = f"{name}.fit(data, epochs=3)\n"
    frozen = {
        "names": "for layer in body.layers:\n    layer.trainable = False\n",
        "children": "for layer in body.layers:\n    layer.trainable = False\n",
    }.get(wanted.freeze, "body.trainable = False\n")
    upper = (
        "# phase two\nbody.trainable = True\nfor layer in body.layers[:-10]:\n    layer.trainable = False\n"
    )
    run = {
        "two": frozen + compiled + fit + upper + compiled + fit,
        "no optimiser": frozen + compiled + fit + upper.removeprefix("# phase two\n") + fit,
        "head": frozen + compiled + fit,
        "whole": compiled + fit,
        "fresh": frozen + compiled + fit + f"# phase two\nbody, {name} = build()\n" + frozen
                 + "for layer in body.layers[-10:]:\n    layer.trainable = True\n" + compiled + fit,
    }[wanted.phases]  # fmt: skip
    before = ""
    if wanted.decoy in ("second network", "scratch first"):
        before = SMALL
    return before + f"body, {name} = build()\n" + run
