"""`make evaluate`: how good is the network on images that it has never seen?

    model.safetensors, data/splits.csv, data/images/ -> predictions.csv, results.json

The test images took no part in any decision before: not in training, not in the choice of settings. So this
is the number that counts, and predictions.csv lets anybody check it image by image.
"""

import json
import math
from pathlib import Path
from typing import Any

import torch

from finetune import backbone, preprocess, submission
from finetune.backbone import Backbone
from finetune.parts import devices, files, problem, progress, splits
from finetune.parts.photographs import Photographs, batches, labelled
from finetune.parts.problem import Problem
from finetune.parts.splits import Row
from finetune.submission import Submission

# Images that pass through the network together. It changes the time, not the answers: in evaluation mode no
# image has anything to do with the others of its batch.
BATCH = 32


def main() -> None:
    wanted = submission.read()
    devices.make_reproducible()  # whoever repeats this should get the same scores
    # Only these. An accuracy on training images would tell how well they were learnt by heart.
    test = [row for row in splits.read(Path(wanted.data.splits)) if row.split == "test"]
    if not test:
        raise Problem(f"{wanted.data.splits} lists no test image; run `make data`")
    model = load(wanted)
    prepare = preprocess.of_weights(wanted.model)  # the same as in training, without augmentation
    scores = probabilities(model, Photographs(labelled(test, wanted.classes), prepare), "test")

    files.write_table(
        Path(wanted.results.predictions),
        ["image_id", "label", "predicted", "score"],
        [
            (row.image_id, row.label, *answer(score, wanted.classes))
            for row, score in zip(test, scores, strict=True)
        ],
    )
    summary = summarise(wanted, model, test, scores)
    files.write(Path(wanted.results.summary), json.dumps(summary, indent=2) + "\n")
    low, high = summary["interval"]
    print(
        f"Test accuracy {summary['test_accuracy']:.4f}: "
        f"{summary['correct']} of {summary['test_images']} images right; "
        f"with 95 % certainty the true value lies between {low:.3f} and {high:.3f}. Next: make report"
    )


def load(wanted: Submission) -> Backbone:
    """The network as training left it, ready to predict."""
    model = backbone.build(wanted.model, len(wanted.classes))
    backbone.restore(model, Path(wanted.model.checkpoint))  # the tensors that training changed
    # Without this line dropout would drop, and BatchNorm would normalise by the other images of the batch:
    # the answer for an image would depend on its neighbours.
    model.network.eval()
    devices.place_network(model.network)
    return model


@torch.inference_mode()  # nothing is learnt, so PyTorch need not remember what gradients would take
def probabilities(model: Backbone, images: Photographs, name: str) -> torch.Tensor:
    """How likely each class is for each image: [images, classes], each row sums to 1."""
    shown = progress.shown(batches(images, BATCH), name, "batch")
    logits = [model.network(devices.place(batch)).cpu() for batch, _ in shown]
    # Softmax makes probabilities of logits: exp(logit), divided by the sum over all classes.
    return torch.cat(logits).double().softmax(dim=1)


def answer(score: torch.Tensor, classes: tuple[str, ...]) -> tuple[str, float]:
    """The likeliest class of one image, and its probability."""
    best = int(score.argmax())
    return classes[best], float(score[best])


def summarise(wanted: Submission, model: Backbone, test: list[Row], scores: torch.Tensor) -> dict[str, Any]:
    """results.json: the numbers that the report tells."""
    classes = list(wanted.classes)
    # Accuracy alone hides which way the mistakes go: are dogs called cats, or cats dogs?
    confusion = [[0] * len(classes) for _ in classes]
    for row, score in zip(test, scores, strict=True):
        confusion[classes.index(row.label)][int(score.argmax())] += 1
    correct = sum(confusion[index][index] for index in range(len(classes)))  # the diagonal
    return {
        "test_accuracy": correct / len(test),
        "test_images": len(test),
        "correct": correct,
        "interval": wilson(correct, len(test)),
        "interval_method": "Wilson score interval, 95 %",
        "classes": classes,
        "confusion": confusion,
        "confusion_rows": "true class; columns: predicted class",
        "library": wanted.model.library,
        "backbone": wanted.model.backbone,
        "weights": wanted.model.weights,
        "upper_layers": list(model.upper),
        "head": model.head,
        "parameters": sum(parameter.numel() for parameter in model.network.parameters()),
        # Which network and which images these numbers belong to: of another, the report refuses them.
        "checkpoint_sha256": files.sha256(Path(wanted.model.checkpoint)),
        "splits_sha256": files.sha256(Path(wanted.data.splits)),
    }


def wilson(correct: int, total: int) -> list[float]:
    """In which range the accuracy would lie on ever more such images (E. B. Wilson, 1927).

    200 images say less than one thinks: 190 right means 0.95 here, and 0.91 to 0.97 in truth.
    """
    z = 1.959964  # 95 % of a normal distribution lie within this many standard deviations
    share = correct / total
    # Not share +- 1.96 * sqrt(share * (1 - share) / total): that gives 200 right of 200 no width at all.
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return [max(0.0, centre - half), min(1.0, centre + half)]


if __name__ == "__main__":
    problem.run(main)
