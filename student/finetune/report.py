"""`make report`: write report.pdf.

    data/splits.csv, logs/train.jsonl, predictions.csv, results.json -> report.pdf

Every number in it is read from the files of the earlier steps; none is typed in. So the report cannot tell another
story than the run. Add your own thoughts in `discussion` below: the rest you get for nothing.
"""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import git
from PIL import Image, ImageOps
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table
from reportlab.platypus import Image as Picture
from reportlab.platypus.tables import TableStyle

from finetune import figures, files, journal, problem, splits, submission
from finetune.problem import Problem
from finetune.splits import Row
from finetune.submission import Submission

MARGIN = 22 * mm
WIDTH = A4[0] - 2 * MARGIN  # of the text
INSET = 6  # points that reportlab leaves free inside of its margins, on all sides
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9.5, leading=14, textColor=figures.INK, spaceAfter=6)
TITLE = ParagraphStyle("title", TEXT, fontName="Helvetica-Bold", fontSize=20, leading=25, spaceAfter=4)
HEADING = ParagraphStyle("heading", TEXT, fontName="Helvetica-Bold", fontSize=13, leading=17, spaceBefore=14)
SMALL = ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=figures.PALE, spaceAfter=2)
CAPTION = ParagraphStyle("caption", SMALL, alignment=TA_CENTER, textColor=figures.INK)
FIGURE = ParagraphStyle("figure", TEXT, fontName="Helvetica-Bold", fontSize=19, leading=23, spaceAfter=0)
CODE = ParagraphStyle("code", TEXT, fontName="Courier", fontSize=7.5, leading=10, spaceAfter=0)
CELL = ParagraphStyle("cell", TEXT, fontSize=8.5, leading=11.5, spaceAfter=0)
BOLD = ParagraphStyle("bold", CELL, fontName="Helvetica-Bold")

LINES = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, figures.GRID),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
# Pictures stand close together.
TIGHT = [("RIGHTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]


def main() -> None:
    wanted = submission.read()
    rows = splits.read(Path(wanted.data.splits))
    events = journal.read(wanted)
    results = json.loads(_needed(wanted.results.summary))
    predictions = list(csv.DictReader(io.StringIO(_needed(wanted.results.predictions))))
    if results["checkpoint_sha256"] != files.sha256(Path(wanted.model.checkpoint)):
        raise Problem(f"{wanted.results.summary} was measured on another network; run `make evaluate` again")

    story = [
        *opening(wanted, events, results),
        *data(wanted, rows),
        *network(events[0], results),
        *training(events),
        *result(results),
        *mistakes(predictions),
        *discussion(),
        *environment(wanted, events),
    ]
    content = io.BytesIO()
    SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=MARGIN - INSET,
        rightMargin=MARGIN - INSET,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=_title(wanted),
        author=wanted.student,
        subject=wanted.assignment,
        lang="en",
        invariant=1,  # no time of writing inside: the same results give the same file
    ).build(story, onFirstPage=_footer, onLaterPages=_footer)
    files.write(Path(wanted.documents.report), content.getvalue())
    print(f"{wanted.documents.report}: open it and read it before you hand it in.")


def opening(wanted: Submission, events: list[dict[str, Any]], results: dict[str, Any]) -> list[Flowable]:
    """Who, what, and the result in three numbers."""
    accuracy, (low, high) = results["test_accuracy"], results["interval"]
    numbers = [
        (f"{accuracy:.1%}".replace("%", " %"), f"test accuracy ({accuracy:.4f})"),
        (f"{100 * low:.1f} to {100 * high:.1f} %", "95 % confidence interval"),
        (f"{results['correct']} of {results['test_images']}", "test images named correctly"),
    ]
    strip = Table(
        [[Paragraph(number, FIGURE) for number, _ in numbers], [Paragraph(words, SMALL) for _, words in numbers]],
        colWidths=[WIDTH / 3] * 3,
        style=[
            ("BACKGROUND", (0, 0), (-1, -1), figures.SHADE),
            ("LEFTPADDING", (0, 0), (-1, -1), 12),
            ("TOPPADDING", (0, 0), (-1, 0), 10),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 8),
        ],
    )
    network_name = f"{wanted.model.backbone} ({wanted.model.library}, weights {wanted.model.weights})"
    return [
        Paragraph(escape(_title(wanted)), TITLE),
        Paragraph(f"{escape(wanted.student)} | {escape(wanted.assignment)} | {events[-1]['time'][:10]}", SMALL),
        Spacer(1, 8),
        strip,
        Spacer(1, 10),
        Paragraph(
            f"A network that was trained on ImageNet, {escape(network_name)}, was fine-tuned to tell "
            f"{escape(_listed(wanted.classes))} apart. First only a new classification head learnt on top of the "
            "frozen network, then the upper layers learnt as well.",
            TEXT,
        ),
    ]


def data(wanted: Submission, rows: list[Row]) -> list[Flowable]:
    """How many images of each class there are, and what they look like."""
    counts = Counter((row.label, row.split) for row in rows)
    names = ("train", "val", "test")
    table = [[_bold(word) for word in ("Class", "Training", "Validation", "Test", "Together")]]
    for label in wanted.classes:
        numbers = [counts[label, split] for split in names]
        table.append([_cell(label), *(_cell(number) for number in [*numbers, sum(numbers)])])
    strips = []
    for label in wanted.classes:
        sample = [row.image_id for row in rows if row.label == label and row.split == "train"][:8]
        strips.append([_bold(label), *(_picture(image_id, WIDTH * 0.097) for image_id in sample)])
    return [
        Paragraph("Data", HEADING),
        Paragraph(
            f"Source: {escape(wanted.data.source)}. The images were chosen at random (seed {wanted.seed}); none is in "
            f"two splits. {escape(wanted.data.splits)} lists each with the hash of its file.",
            TEXT,
        ),
        Table(table, colWidths=[WIDTH * 0.32] + [WIDTH * 0.17] * 4, style=LINES, hAlign="LEFT"),
        Spacer(1, 10),
        Table(
            strips,
            colWidths=[WIDTH * 0.16] + [WIDTH * 0.105] * 8,
            style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, -1), 0), *TIGHT],
        ),
        Paragraph("Training images of each class.", SMALL),
    ]


def network(run: dict[str, Any], results: dict[str, Any]) -> list[Flowable]:
    """The pretrained network, and how it wants its images."""
    prepare = run["preprocessing"]
    facts = {
        "Backbone": f"{run['backbone']} from {run['library']}, weights {run['weights']}",
        "New head": f"{results['head']}: one output for each of {_listed(results['classes'])}; starts at zero",
        "Upper layers": ", ".join(results["upper_layers"]),
        "Resize": f"shorter side to {prepare['resize']} pixels, {prepare['interpolation']}",
        "Crop": f"{prepare['crop']} x {prepare['crop']} pixels from the centre",
        "Normalise": f"red, green, blue: mean {_numbers(prepare['mean'])}, spread {_numbers(prepare['std'])}",
        "Augmentation": "in training only: a random part of the image instead of its centre, mirrored half of the time",
    }
    return [
        KeepTogether(
            [
                Paragraph("Network and preprocessing", HEADING),
                Paragraph("The preprocessing is the one that the library publishes with these weights.", TEXT),
                _facts(facts),
            ]
        )
    ]


def training(events: list[dict[str, Any]]) -> list[Flowable]:
    """Both phases: what learnt, how long, and how it went."""
    epochs = [event for event in events if event["event"] == "epoch"]
    words = ("Phase", "Learning layers", "Parameters", "Epochs", "Learning rate", "Validation", "Time")
    table = [[_bold(word) for word in words]]
    for phase, name in (("head", "one"), ("upper", "two")):
        own = [event for event in epochs if event["phase"] == phase]
        table.append(
            [
                _cell(name),
                _cell(", ".join(own[0]["trained"])),
                _cell(f"{own[0]['trainable_parameters']:,}"),
                _cell(len(own)),
                _cell(f"{own[0]['learning_rate']:g}, cosine"),
                _cell(f"{own[-1]['val_accuracy']:.4f}"),
                _cell(f"{sum(event['seconds'] for event in own):.0f} s"),
            ]
        )
    shares = (0.08, 0.26, 0.15, 0.1, 0.17, 0.13, 0.11)
    return [
        KeepTogether(
            [
                Paragraph("Training in two phases", HEADING),
                Paragraph(
                    "All other layers were frozen, with the statistics of their normalisation layers. Each phase had "
                    f"an AdamW optimiser of its own; batches held {events[0]['settings']['batch_size']} images.",
                    TEXT,
                ),
                Table(table, colWidths=[WIDTH * share for share in shares], style=LINES),
                Spacer(1, 12),
                figures.learning_curves(events, WIDTH, 200),
                Paragraph(
                    "Learning curves. Training values are means over an epoch, on augmented images, while the network "
                    "changes; validation values are taken at the end of each epoch.",
                    SMALL,
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
            f"The network names {results['correct']} of {results['test_images']} test images correctly: a test accuracy "
            f"of <b>{100 * accuracy:.1f} %</b> ({accuracy:.4f}).",
            TEXT,
        ),
        Paragraph(
            f"With so many images the true value lies between {100 * low:.1f} % and {100 * high:.1f} % with 95 % "
            f"confidence ({escape(results['interval_method'].partition(',')[0])}).",
            TEXT,
        ),
        Paragraph("Correct by class: " + "; ".join(recalls) + ".", TEXT),
    ]
    matrix = figures.confusion_matrix(classes, confusion, WIDTH * 0.45)
    return [
        KeepTogether(
            [
                Paragraph("Test result", HEADING),
                Table(
                    [[words, matrix]],
                    colWidths=[WIDTH * 0.53, WIDTH * 0.47],
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
        return [Paragraph("Worst mistakes", HEADING), Paragraph("There is none: every test image is right.", TEXT)]
    cells = [
        [
            _picture(row["image_id"], WIDTH / 6 - 12),
            Spacer(1, 3),
            Paragraph(
                f"<b>{escape(row['predicted'])}</b> {100 * float(row['score']):.0f} %<br/>"
                f"in truth {escape(row['label'])}<br/>{escape(row['image_id'])}",
                CAPTION,
            ),
        ]
        for row in wrong[:12]
    ]
    grid = [cells[start : start + 6] for start in range(0, len(cells), 6)]
    grid[-1] += [""] * (6 - len(grid[-1]))
    return [
        KeepTogether(
            [
                Paragraph("Worst mistakes", HEADING),
                Paragraph(f"The surest of {len(wrong)} wrong answers on test images, the worst first.", TEXT),
                Table(grid, colWidths=[WIDTH / 6] * 6, style=[("VALIGN", (0, 0), (-1, -1), "TOP")]),
            ]
        )
    ]


def discussion() -> list[Flowable]:
    """Your own thoughts. What did you try? What surprised you? What do the mistakes have in common?"""
    thoughts: list[str] = []  # one text per paragraph
    if not thoughts:
        return []
    return [Paragraph("Discussion", HEADING), *(Paragraph(escape(thought), TEXT) for thought in thoughts)]


def environment(wanted: Submission, events: list[dict[str, Any]]) -> list[Flowable]:
    """Everything that is needed to get the same numbers again."""
    run = events[0]
    facts = {
        "Commit": _commit(),
        "Seed": f"{run['seed']} (made of student code and assignment)",
        "Trained": f"{run['time']} to {events[-1]['time']}, on {run['device']}",
        "Versions": ", ".join(f"{name} {version}" for name, version in run["versions"].items()),
    }
    hashed = [wanted.data.splits, wanted.model.phase_one_checkpoint, wanted.model.checkpoint]
    hashes = [[_cell(name), Paragraph(files.sha256(Path(name)), CODE)] for name in hashed]
    return [
        KeepTogether(
            [
                Paragraph("How to get the same result", HEADING),
                Paragraph("<font name='Courier'>make data train evaluate report</font> in the repository.", TEXT),
                _facts(facts),
                Spacer(1, 6),
                Table(hashes, colWidths=[WIDTH * 0.25, WIDTH * 0.75], style=LINES),
                Paragraph("SHA-256 of the files that the result rests on.", SMALL),
            ]
        )
    ]


def _title(wanted: Submission) -> str:
    return f"{_listed(wanted.classes)}: fine-tuning {wanted.model.backbone}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def _numbers(values: list[float]) -> str:
    return " / ".join(f"{value:g}" for value in values)


def _cell(value: object) -> Paragraph:
    return Paragraph(escape(str(value)), CELL)


def _bold(value: str) -> Paragraph:
    return Paragraph(escape(value), BOLD)


def _facts(facts: dict[str, str]) -> Table:
    rows = [[_bold(name), _cell(value)] for name, value in facts.items()]
    return Table(rows, colWidths=[WIDTH * 0.18, WIDTH * 0.82], style=LINES)


def _picture(image_id: str, side: float) -> Picture:
    """The middle of an image as a small square, so that the report stays small too."""
    with Image.open(files.images()[image_id]) as image:
        square = ImageOps.fit(image.convert("RGB"), (220, 220))
    content = io.BytesIO()
    square.save(content, format="JPEG", quality=88)
    return Picture(content, side, side)


def _commit() -> str:
    """The commit that the work rests on, if there is one yet."""
    try:
        return f"{git.Repo(Path.cwd()).head.commit.hexsha} (the last one before this report was written)"
    except (git.InvalidGitRepositoryError, ValueError):
        return "none yet when this report was written"


def _needed(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Problem(f"{name} is not here; run `make evaluate` first") from error


def _footer(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(figures.PALE)
    canvas.drawString(MARGIN, 12 * mm, f"{document.author} | {document.subject}")
    canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"page {document.page}")
    canvas.restoreState()


if __name__ == "__main__":
    problem.run(main)
