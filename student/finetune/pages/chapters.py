"""The chapters of the report that tell what was done. findings.py has what came out."""

from collections import Counter
from typing import Any
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, KeepTogether, Spacer

from finetune.pages import accessible_pdf, appendix, figures, layout
from finetune.pages.accessible_pdf import Text
from finetune.parts.credits import Credit
from finetune.parts.splits import Row
from finetune.submission import Submission

SOURCES = {
    "openimages": "Open Images",
    "digits": "the handwritten digits of scikit-learn",
    "folder": "photographs of the author's own",
}


def data(wanted: Submission, rows: list[Row], credits: list[Credit]) -> list[Flowable]:
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
        pictures = [layout.picture(image_id, label, layout.WIDTH * 0.1) for image_id in sample]
        strips.append([layout.bold(label), *pictures, *[""] * (8 - len(pictures))])
    return [
        Text("Data", layout.HEADING),
        Text(
            f"Source: {escape(SOURCES[wanted.data.source])}. The images were chosen at random (seed "
            f"{wanted.seed}); none is in two splits. {escape(wanted.data.splits)} lists each with the hash "
            f"of its file. {escape(appendix.licences(credits))}",
            layout.TEXT,
        ),
        accessible_pdf.table(
            table,
            colWidths=[layout.WIDTH * 0.32] + [layout.WIDTH * 0.17] * 4,
            style=layout.LINES,
        ),
        Spacer(1, 10),
        accessible_pdf.arranged(
            strips,
            colWidths=[layout.WIDTH * 0.15] + [layout.WIDTH * 0.85 / 8] * 8,
            style=[
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                *layout.TIGHT,
            ],
        ),
        Text("Training images of each class.", layout.CAPTION),
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
        "Views": _views(run["settings"]),
    }
    return [
        KeepTogether(
            [
                Text("Network and preprocessing", layout.HEADING),
                Text(
                    "The preprocessing is the one that the library publishes with these weights.", layout.TEXT
                ),
                layout.facts(facts),
            ]
        )
    ]


def training(events: list[dict[str, Any]], results: dict[str, Any]) -> list[Flowable]:
    """Both phases: what was frozen, what learnt, how long, and how it went."""
    epochs = [event for event in events if event["event"] == "epoch"]
    words = (
        "Phase",
        "Learning layers",
        "Learning",
        "Frozen",
        "Epochs",
        "Learning rate",
        "Validation",
        "Time",
    )
    table = [[layout.bold(word) for word in words]]
    for phase, name in (("head", "one"), ("upper", "two")):
        own = [event for event in epochs if event["phase"] == phase]
        learning = own[0]["trainable_parameters"]
        values = (
            name,
            ", ".join(own[0]["trained"]),
            f"{learning:,}",
            f"{results['parameters'] - learning:,}",
            len(own),
            f"{own[0]['learning_rate']:g}, cosine",
            f"{own[-1]['val_accuracy']:.4f}",
            f"{sum(event['seconds'] for event in own):.0f} s",
        )
        table.append([layout.cell(value) for value in values])
    shares = (0.08, 0.21, 0.12, 0.12, 0.1, 0.15, 0.13, 0.09)
    return [
        KeepTogether(
            [
                Text("Training in two phases", layout.HEADING),
                Text(
                    f"Of the {results['parameters']:,} parameters, each phase changed those of its learning "
                    "layers. All others were frozen, with the statistics of their normalisation layers. "
                    "Each phase had an AdamW optimiser of its own; batches held "
                    f"{events[0]['settings']['batch_size']} images.",
                    layout.TEXT,
                ),
                accessible_pdf.table(
                    table, colWidths=[layout.WIDTH * share for share in shares], style=layout.LINES
                ),
                Text("Learning and frozen: numbers of parameters.", layout.CAPTION),
                Spacer(1, 6),
                figures.learning_curves(events, layout.WIDTH, 210),
                Text(
                    "Learning curves. Training values are means over an epoch, on augmented images, while "
                    "the network changes; validation values are taken at the end of each epoch.",
                    layout.CAPTION,
                ),
            ]
        )
    ]


def _views(settings: dict[str, Any]) -> str:
    """How many random parts of each training image there were."""
    number = settings["views"]
    if not number:
        return "a new random part of each training image in each epoch"
    parts = "1 random part" if number == 1 else f"{number} random parts, shown in turn,"
    return f"{parts} of each training image, the same in all epochs"
