"""What the pieces of our way to train cost alone, for the submission in the current folder, as JSON: for
bench/training.py.
"""

import json

import pieces
from finetune import backbone, preprocess, submission
from finetune.parts import files


def main() -> None:
    wanted = submission.read()
    model = backbone.build(wanted.model, len(wanted.classes))
    paths = list(files.images().values())[:16]
    print(json.dumps(pieces.ours(model, preprocess.of_weights(wanted.model), paths)))


if __name__ == "__main__":
    main()
