"""The chapters of the report that tell what was done and what came out. report.py puts them together."""

from collections import Counter
from typing import Any
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table

from finetune import figures, layout
from finetune.splits import Row
from finetune.submission import Submission


def data(wanted: Submission, rows: list[Row]) -> list[Flowable]:
    """How many images of each class there are, and what they look like."""
    counts = Counter((row.label, row.split) for row in rows)
    names = ("train", "val", "test")
    table = [[layout.bold(word) for word in ("Class", "Training", "Validation", "Test", "Together")]]
    for label in wanted.classes:
        numbers = [counts[label, split] for split in names]
        table.append([layout.cell(label), *(layout.cell(number) for number in [*numbers, sum(numbers)])])
    strips = []
    for label in wanted.classes:
        sample = [row.image_id for row in rows if row.label == label and row.split == "train"][:8]
        strips.append(
            [layout.bold(label), *(layout.picture(image_id, layout.WIDTH * 0.097) for image_id in sample)]
        )
    return [
        Paragraph("Data", layout.HEADING),
        Paragraph(
            f"Source: {escape(wanted.data.source)}. The images were chosen at random (seed {wanted.seed}); "
            f"none is in two splits. {escape(wanted.data.splits)} lists each with the hash of its file.",
            layout.TEXT,
        ),
        Table(
            table,
            colWidths=[layout.WIDTH * 0.32] + [layout.WIDTH * 0.17] * 4,
            style=layout.LINES,
            hAlign="LEFT",
        ),
        Spacer(1, 10),
        Table(
            strips,
            colWidths=[layout.WIDTH * 0.16] + [layout.WIDTH * 0.1045] * 8,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                *layout.TIGHT,
            ],
        ),
        Paragraph("Training images of each class.", layout.SMALL),
    ]


def network(run: dict[str, Any], results: dict[str, Any]) -> list[Flowable]:
    """The pretrained network, and how it wants its images."""
    prepare = run["preprocessing"]
    facts = {
        "Backbone": f"{run['backbone']} from {run['library']}, weights {run['weights']}",
        "New head": f"{results['head']}, starting at zero, for {layout.listed(results['classes'])}",
        "Upper layers": ", ".join(results["upper_layers"]),
        "Resize": f"shorter side to {prepare['resize']} pixels, {prepare['interpolation']}",
        "Crop": f"{prepare['crop']} x {prepare['crop']} pixels from the centre",
        "Normalise": f"mean {layout.numbers(prepare['mean'])}, "
        f"standard deviation {layout.numbers(prepare['std'])} (red / green / blue, from 0 to 1)",
        "Augmentation": "in training only: a random part instead of the centre, mirrored half of the time",
    }
    return [
        KeepTogether(
            [
                Paragraph("Network and preprocessing", layout.HEADING),
                Paragraph(
                    "The preprocessing is the one that the library publishes with these weights.", layout.TEXT
                ),
                layout.facts(facts),
            ]
        )
    ]


def training(events: list[dict[str, Any]]) -> list[Flowable]:
    """Both phases: what learnt, how long, and how it went."""
    epochs = [event for event in events if event["event"] == "epoch"]
    words = ("Phase", "Learning layers", "Parameters", "Epochs", "Learning rate", "Validation", "Time")
    table = [[layout.bold(word) for word in words]]
    for phase, name in (("head", "one"), ("upper", "two")):
        own = [event for event in epochs if event["phase"] == phase]
        table.append(
            [
                layout.cell(name),
                layout.cell(", ".join(own[0]["trained"])),
                layout.cell(f"{own[0]['trainable_parameters']:,}"),
                layout.cell(len(own)),
                layout.cell(f"{own[0]['learning_rate']:g}, cosine"),
                layout.cell(f"{own[-1]['val_accuracy']:.4f}"),
                layout.cell(f"{sum(event['seconds'] for event in own):.0f} s"),
            ]
        )
    shares = (0.08, 0.26, 0.15, 0.1, 0.17, 0.13, 0.11)
    return [
        KeepTogether(
            [
                Paragraph("Training in two phases", layout.HEADING),
                Paragraph(
                    "All other layers were frozen, with the statistics of their normalisation layers. "
                    "Each phase had an AdamW optimiser of its own; batches held "
                    f"{events[0]['settings']['batch_size']} images.",
                    layout.TEXT,
                ),
                Table(table, colWidths=[layout.WIDTH * share for share in shares], style=layout.LINES),
                Spacer(1, 12),
                figures.learning_curves(events, layout.WIDTH, 210),
                Paragraph(
                    "Learning curves. Training values are means over an epoch, on augmented images, while "
                    "the network changes; validation values are taken at the end of each epoch.",
                    layout.SMALL,
                ),
            ]
        )
    ]


def result(results: dict[str, Any]) -> list[Flowable]:
    """The test accuracy in words, and the confusion matrix beside it."""
    accuracy, (low, high) = results["test_accuracy"], results["interval"]
    classes, confusion = results["classes"], results["confusion"]
    recalls = [
        f"{escape(name)}: {row[index]} of {sum(row)} ({row[index] / max(1, sum(row)):.1%})".replace("%", " %")
        for index, (name, row) in enumerate(zip(classes, confusion, strict=True))
    ]
    words = [
        Paragraph(
            f"The network names {results['correct']} of {results['test_images']} test images correctly: "
            f"a test accuracy of <b>{100 * accuracy:.1f} %</b> ({accuracy:.4f}).",
            layout.TEXT,
        ),
        Paragraph(
            f"With so many images the true value lies between {100 * low:.1f} % and {100 * high:.1f} % with "
            f"95 % confidence ({escape(results['interval_method'].partition(',')[0])}).",
            layout.TEXT,
        ),
        Paragraph("Correct by class: " + "; ".join(recalls) + ".", layout.TEXT),
    ]
    matrix = figures.confusion_matrix(classes, confusion, layout.WIDTH * 0.45)
    return [
        KeepTogether(
            [
                Paragraph("Test result", layout.HEADING),
                Table(
                    [[words, matrix]],
                    colWidths=[layout.WIDTH * 0.53, layout.WIDTH * 0.47],
                    style=[("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)],
                ),
            ]
        )
    ]


def mistakes(predictions: list[dict[str, str]]) -> list[Flowable]:
    """The mistakes that the network was surest of, as pictures: often they tell more than any number."""
    wrong = [row for row in predictions if row["label"] != row["predicted"]]
    wrong.sort(key=lambda row: -float(row["score"]))
    if not wrong:
        return [
            Paragraph("Worst mistakes", layout.HEADING),
            Paragraph("There is none: every test image is right.", layout.TEXT),
        ]
    cells = [
        [
            layout.picture(row["image_id"], layout.WIDTH / 6 - 12),
            Spacer(1, 3),
            Paragraph(
                f"<b>{escape(row['predicted'])}</b> {100 * float(row['score']):.0f} %<br/>"
                f"in truth {escape(row['label'])}<br/>{escape(row['image_id'])}",
                layout.CAPTION,
            ),
        ]
        for row in wrong[:12]
    ]
    grid = [cells[start : start + 6] for start in range(0, len(cells), 6)]
    grid[-1] += [[]] * (6 - len(grid[-1]))
    return [
        KeepTogether(
            [
                Paragraph("Worst mistakes", layout.HEADING),
                Paragraph(
                    f"The surest of {len(wrong)} wrong answers on test images, the worst first.", layout.TEXT
                ),
                Table(grid, colWidths=[layout.WIDTH / 6] * 6, style=[("VALIGN", (0, 0), (-1, -1), "TOP")]),
            ]
        )
    ]
