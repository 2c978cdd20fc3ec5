"""The chapters of the report that tell what came out."""

from typing import Any
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, KeepTogether, Spacer

from finetune.pages import accessible_pdf, calibration, figures, layout
from finetune.pages.accessible_pdf import Text

Rows = list[dict[str, str]]  # of predictions.csv


def result(results: dict[str, Any]) -> list[Flowable]:
    """The test accuracy in words, and the confusion matrix beside it."""
    accuracy, (low, high) = results["test_accuracy"], results["interval"]
    classes, confusion = results["classes"], results["confusion"]
    recalls = [
        f"{escape(name)}: {row[index]} of {sum(row)} ({layout.percent(row[index] / max(1, sum(row)))})"
        for index, (name, row) in enumerate(zip(classes, confusion, strict=True))
    ]
    words = [
        Text(
            f"The network names {results['correct']} of {results['test_images']} test images correctly: "
            f"a test accuracy of <b>{layout.percent(accuracy)}</b> ({accuracy:.4f}).",
            layout.TEXT,
        ),
        Text(
            f"With so many images the true value lies between {layout.percent(low)} and "
            f"{layout.percent(high)} with 95 % confidence "
            f"({escape(results['interval_method'].partition(',')[0])}).",
            layout.TEXT,
        ),
        Text("Correct by class: " + "; ".join(recalls) + ".", layout.TEXT),
    ]
    matrix = figures.confusion_matrix(classes, confusion, layout.WIDTH * 0.45)
    return [
        KeepTogether(
            [
                Text("Test result", layout.HEADING),
                accessible_pdf.arranged(
                    [[words, matrix]],
                    colWidths=[layout.WIDTH * 0.53, layout.WIDTH * 0.47],
                    style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)],
                ),
            ]
        )
    ]


def confidence(predictions: Rows, results: dict[str, Any]) -> list[Flowable]:
    """Whether the network is as often right as it is sure."""
    found = calibration.bins(predictions, len(results["classes"]))
    mean = sum(float(row["score"]) for row in predictions) / len(predictions)
    return [
        KeepTogether(
            [
                Text("How sure the network was", layout.HEADING),
                Text(
                    f"Its answers have a mean score of {mean:.3f}; {results['test_accuracy']:.3f} of them "
                    "are right. Score and share of right answers differ by "
                    f"{calibration.calibration_error(found):.3f} on average (expected calibration error, "
                    f"{calibration.BINS} bins of equal width).",
                    layout.TEXT,
                ),
                Spacer(1, 6),
                calibration.figure(found, layout.WIDTH, 194),
                Text(
                    "Left: the test images by the score of the answer. Right: how many of those answers are "
                    "right; on the dashed line they would be as often right as they are sure.",
                    layout.CAPTION,
                ),
            ]
        )
    ]


def examples(predictions: Rows, classes: list[str]) -> list[Flowable]:
    """The surest wrong and the surest right answers, as pictures: often they tell more than any number."""
    surest = sorted(predictions, key=lambda row: (-float(row["score"]), row["image_id"]))
    wrong = [row for row in surest if row["label"] != row["predicted"]]
    if wrong:
        worst = [
            Text(f"The surest of {len(wrong)} wrong answers on test images, the worst first.", layout.TEXT),
            layout.gallery([_example(row) for row in wrong[:12]], 6),
        ]
    else:
        worst = [Text("There is none: every test image is right.", layout.TEXT)]
    best = [
        row
        for label in classes
        for row in [row for row in surest if row["predicted"] == row["label"] == label][
            : max(1, 6 // len(classes))
        ]
    ]
    shown = [
        Text("The surest of the right answers, of each class as many.", layout.TEXT),
        layout.gallery([_example(row) for row in best], 6),
    ]
    return [
        KeepTogether([Text("Worst mistakes", layout.HEADING), *worst]),
        *([KeepTogether([Text("Best answers", layout.HEADING), *shown])] if best else []),
    ]


def _example(row: dict[str, str]) -> list[Flowable]:
    truth = "" if row["label"] == row["predicted"] else f"in truth {escape(row['label'])}<br/>"
    score = f"{100 * float(row['score']):.0f} %"
    return [
        layout.picture(row["image_id"], row["label"], layout.WIDTH / 6 - 8),
        Text(f"<b>{escape(row['predicted'])}</b> {score}<br/>{truth}{escape(row['image_id'])}", layout.LABEL),
    ]
