"""Name the class of any images.

    python -m finetune.predict --images some_folder --out predictions.csv

The grader runs this on your test images under other names and in another order, to see that the network
alone, and nothing else, gives the answers in predictions.csv. The file has the columns
image_id,predicted,score.
"""

import argparse
from pathlib import Path

from finetune import evaluate, preprocess, submission
from finetune.parts import files, problem
from finetune.parts.photographs import Photographs
from finetune.parts.problem import Problem


def main() -> None:
    # The grader fills these in, see [run] in submission.toml; you can try any folder of photographs.
    parser = argparse.ArgumentParser(description="Name the class of every image in a folder.")
    parser.add_argument("--images", type=Path, required=True, help="a folder of images")
    parser.add_argument("--out", type=Path, required=True, help="a CSV file: image_id,predicted,score")
    arguments = parser.parse_args()

    wanted = submission.read()
    here = files.images(arguments.images)  # image_id -> file
    if not here:
        raise Problem(f"{arguments.images} holds no image")
    # Each image comes with the number of its class; nobody knows it here, and nothing looks at it.
    images = Photographs([(path, 0) for path in here.values()], preprocess.of_weights(wanted.model))
    # The very functions that measured the test accuracy: two ways to predict would differ sooner or later.
    scores = evaluate.probabilities(evaluate.load(wanted), images, "images")

    # One row for each image, named by its file and not by its place: the order tells nothing.
    files.write_table(
        arguments.out,
        ["image_id", "predicted", "score"],
        [
            (image_id, *evaluate.answer(score, wanted.classes))
            for image_id, score in zip(here, scores, strict=True)
        ],
    )


if __name__ == "__main__":
    problem.run(main)
