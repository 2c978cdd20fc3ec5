"""The chapters of the report that tell what was done. findings.py has what came out."""

from collections import Counter
from typing import Any
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, KeepTogether, Spacer

from finetune.pages import accessible_pdf, appendix, figures, layout
from finetune.pages.accessible_pdf import Text
from finetune.parts import advice
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
        "New head": f"{results['head']}: {run['head']}, for {layout.listed(results['classes'])}",
        "Upper layers": ", ".join(results["upper_layers"]),
        "Resize": f"shorter side to {prepare['resize']} pixels, {prepare['interpolation']}",
        "Crop": f"{prepare['crop']} x {prepare['crop']} pixels from the centre",
        "Normalise": f"mean {layout.numbers(prepare['mean'])}, "
        f"standard deviation {layout.numbers(prepare['std'])} (red / green / blue, from 0 to 1)",
        "Augmentation": f"in training only: {run['augmentation']}",
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
    return [
        KeepTogether(
            [
                Text("Training in two phases", layout.HEADING),
                Text(
                    f"Of the {results['parameters']:,} parameters, each phase changed those of its learning "
                    "layers. All others were frozen, with the statistics of their normalisation layers. "
                    f"Each phase had an optimiser of its own ({escape(optimizers(epochs))}); batches held "
                    f"{events[0]['settings']['batch_size']} images.{escape(ending(events))}",
                    layout.TEXT,
                ),
                phases(epochs, results["parameters"]),
                Text("Learning and frozen: numbers of parameters.", layout.CAPTION),
                Spacer(1, 6),
                figures.learning_curves(events, layout.WIDTH, 210),
                Text(
                    "Learning curves. Training values are means over an epoch, on augmented images, while "
                    "the network changes; validation values are taken at the end of each epoch.",
                    layout.CAPTION,
                ),
                *(Text(escape(line), layout.TEXT) for line in advice.after_training(events)),
            ]
        )
    ]


def phases(epochs: list[dict[str, Any]], parameters: int) -> Flowable:
    """A row for each phase; `parameters` are those of the whole network."""
    columns = {
        "Phase": 0.08,
        "Learning layers": 0.21,
        "Learning": 0.12,
        "Frozen": 0.12,
        "Epochs": 0.1,
        "Learning rate": 0.15,
        "Validation": 0.13,
        "Time": 0.09,
    }
    rows = [[layout.bold(word) for word in columns]]
    for phase, name in (("head", "one"), ("upper", "two")):
        own = [event for event in epochs if event["phase"] == phase]
        learning = own[0]["trainable_parameters"]
        values = (
            name,
            ", ".join(own[0]["trained"]),
            f"{learning:,}",
            f"{parameters - learning:,}",
            f"{len(own)}" if len(own) == own[0]["epochs"] else f"{len(own)} of {own[0]['epochs']}",
            " to ".join(f"{own[index]['learning_rate']:.2g}" for index in (0, -1)),
            f"{own[-1]['val_accuracy']:.4f}",
            f"{sum(event['seconds'] for event in own):.0f} s",
        )
        rows.append([layout.cell(value) for value in values])
    widths = [layout.WIDTH * share for share in columns.values()]
    return accessible_pdf.table(rows, colWidths=widths, style=layout.LINES)


def optimizers(epochs: list[dict[str, Any]]) -> str:
    """What the log says of them: one for both phases, or each by its phase."""
    told = {event["phase"]: event["optimizer"] for event in epochs}
    if len(set(told.values())) == 1:
        return told["upper"]
    return "; ".join(f"phase {name}: {words}" for name, words in told.items())


def ending(events: list[dict[str, Any]]) -> str:
    """How phase two ended, if not with its last epoch; and in which precision the network computed."""
    upper = [event for event in events if event.get("phase") == "upper"]
    kept = events[-1].get("kept_epoch", len(upper))
    words = ""
    if len(upper) < upper[-1]["epochs"]:
        words += (
            f" Phase two was stopped early, after epoch {len(upper)}: its validation loss had not fallen."
        )
    if kept != len(upper):
        words += f" The network of epoch {kept} of phase two was kept, the best one on validation images."
    if events[0].get("precision") == "mixed":
        words += " In training, the network computed in mixed precision (16 and 32 bits)."
    return words


def _views(settings: dict[str, Any]) -> str:
    """How many random parts of each training image there were."""
    number = settings["views"]
    if not number:
        return "a new random part of each training image in each epoch"
    parts = "1 random part" if number == 1 else f"{number} random parts, shown in turn,"
    return f"{parts} of each training image, the same in all epochs"
