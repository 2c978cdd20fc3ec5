"""The report's figures, drawn as vectors: they stay sharp at any size, and their texts can be searched."""

import math
from dataclasses import dataclass
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth

from finetune.pages.accessible_pdf import Figure

INK = HexColor("#1f2933")
PALE = HexColor("#6b7785")
GRID = HexColor("#d9dee4")
BLUE = HexColor("#1f6feb")
ORANGE = HexColor("#d9730d")
SHADE = HexColor("#f2f5f9")
FONT = "Helvetica"


@dataclass(frozen=True)
class Panel:
    """One diagram: where it stands, in points, and what its axes show."""

    left: float
    bottom: float
    width: float
    height: float
    epochs: int
    low: float
    high: float

    def x(self, epoch: float) -> float:
        """Epochs 1, 2, ... stand in the middle of columns of equal width."""
        return self.left + self.width * (epoch - 0.5) / self.epochs

    def y(self, value: float) -> float:
        return self.bottom + self.height * (value - self.low) / (self.high - self.low)


def learning_curves(events: list[dict[str, Any]], width: float, height: float) -> Figure:
    """Loss and accuracy of both phases side by side; the second phase has a shaded ground."""
    epochs = [event for event in events if event["event"] == "epoch"]
    drawing = Drawing(width, height)
    gap = 44
    each = (width - 2 * gap + 14) / 2
    losses = [event[key] for event in epochs for key in ("train_loss", "val_loss")]
    accuracies = [event[key] for event in epochs for key in ("train_accuracy", "val_accuracy")]
    top = round_up(max(losses))
    floor = min(0.9, math.floor(min(accuracies) * 10) / 10)
    left = Panel(gap - 14, 30, each, height - 80, len(epochs), 0.0, top)
    right = Panel(left.left + each + gap, 30, each, height - 80, len(epochs), floor, 1.0)
    _panel(drawing, left, "Loss (cross-entropy)", epochs, "loss")
    _panel(drawing, right, "Accuracy", epochs, "accuracy")
    legend(drawing, left.left, height - 12, ("training images", "validation images"))
    last = epochs[-1]
    alt = (
        f"Learning curves of {len(epochs)} epochs, the first {sum(e['phase'] == 'head' for e in epochs)} of "
        f"them in phase one. At the end, training: loss {last['train_loss']:.3f}, accuracy "
        f"{last['train_accuracy']:.3f}; validation: loss {last['val_loss']:.3f}, accuracy "
        f"{last['val_accuracy']:.3f}."
    )
    return Figure(drawing, alt)


def confusion_matrix(classes: list[str], counts: list[list[int]], width: float) -> Figure:
    """Rows: what the images show; columns: what the network says. The darker a cell, the more images."""
    cell = min(60.0, (width - 110) / len(classes))
    side = cell * len(classes)
    left, bottom = width - side - 4, 8.0
    drawing = Drawing(width, side + 52)
    most = max(max(row) for row in counts) or 1
    for row, name in enumerate(classes):
        y = bottom + side - (row + 1) * cell
        drawing.add(text(left - 8, y + cell / 2 - 3, name, anchor="end"))
        drawing.add(text(left + (row + 0.5) * cell, bottom + side + 8, name, anchor="middle"))
        for column in range(len(classes)):
            share = counts[row][column] / most
            drawing.add(
                Rect(
                    left + column * cell,
                    y,
                    cell,
                    cell,
                    fillColor=_between(white, BLUE if row == column else ORANGE, 0.06 + 0.8 * share),
                    strokeColor=white,
                    strokeWidth=1.5,
                )
            )
            number = text(
                left + (column + 0.5) * cell, y + cell / 2 - 5, str(counts[row][column]), 14, "middle"
            )
            number.fillColor = white if share > 0.55 else INK
            drawing.add(number)
    drawing.add(text(left + side / 2, bottom + side + 26, "predicted class", 8, "middle"))
    turned = Group(text(0, 0, "true class", 8, "middle"))
    longest = max(stringWidth(name, FONT, 9) for name in classes)
    turned.translate(left - longest - 20, bottom + side / 2)
    turned.rotate(90)
    drawing.add(turned)
    alt = "Confusion matrix. " + " ".join(
        f"Of {sum(row)} images of {name}: "
        + ", ".join(f"{number} called {said}" for number, said in zip(row, classes, strict=True))
        + "."
        for name, row in zip(classes, counts, strict=True)
    )
    return Figure(drawing, alt)


def _panel(drawing: Drawing, panel: Panel, title: str, epochs: list[dict[str, Any]], measure: str) -> None:
    first = sum(event["phase"] == "head" for event in epochs)
    switch = panel.left + panel.width * first / panel.epochs
    end = panel.left + panel.width
    drawing.add(Rect(switch, panel.bottom, end - switch, panel.height, fillColor=SHADE, strokeColor=None))
    drawing.add(text(panel.left, panel.bottom + panel.height + 18, title, 9))
    for middle, words in (
        ((panel.left + switch) / 2, "phase one: head"),
        ((switch + end) / 2, "phase two: upper layers"),
    ):
        drawing.add(text(middle, panel.bottom + panel.height + 5, words, 7, "middle"))
    # Lines at round values: five for a loss, one for each tenth of an accuracy.
    steps = 5 if panel.low == 0 else round((panel.high - panel.low) * 10) * (1 if panel.low < 0.8 else 5)
    for step in range(steps + 1):
        value = panel.low + (panel.high - panel.low) * step / steps
        drawing.add(Line(panel.left, panel.y(value), end, panel.y(value), strokeColor=GRID, strokeWidth=0.5))
        drawing.add(text(panel.left - 5, panel.y(value) - 2.5, f"{value:.2f}", 7, "end"))
    for epoch in range(1, panel.epochs + 1):
        if epoch % math.ceil(panel.epochs / 12) == 0:
            drawing.add(text(panel.x(epoch), panel.bottom - 11, str(epoch), 7, "middle"))
    drawing.add(text((panel.left + end) / 2, panel.bottom - 24, "epoch", 7, "middle"))
    drawing.add(
        Line(
            switch,
            panel.bottom,
            switch,
            panel.bottom + panel.height,
            strokeColor=PALE,
            strokeDashArray=(2, 2),
        )
    )
    for split, colour in (("train", BLUE), ("val", ORANGE)):
        points = [(panel.x(i), panel.y(event[f"{split}_{measure}"])) for i, event in enumerate(epochs, 1)]
        drawing.add(
            PolyLine([value for point in points for value in point], strokeColor=colour, strokeWidth=1.6)
        )
        for x, y in points:
            drawing.add(Circle(x, y, 2.4, fillColor=white, strokeColor=colour, strokeWidth=1.3))


def legend(drawing: Drawing, left: float, y: float, names: tuple[str, str]) -> None:
    for x, words, colour in ((left, names[0], BLUE), (left + 96, names[1], ORANGE)):
        drawing.add(Line(x, y + 3, x + 16, y + 3, strokeColor=colour, strokeWidth=1.6))
        drawing.add(text(x + 21, y, words, 8))


def text(x: float, y: float, words: str, size: float = 9, anchor: str = "start") -> String:
    """Words in ink; small ones, such as those of axes, are pale."""
    colour = INK if size > 8 else PALE
    return String(x, y, words, fontName=FONT, fontSize=size, textAnchor=anchor, fillColor=colour)


def _between(one: Color, other: Color, share: float) -> Color:
    """A colour on the way from one to the other."""
    mixed = [a + (b - a) * share for a, b in zip(one.rgb(), other.rgb(), strict=True)]
    return Color(*mixed)


def round_up(value: float) -> float:
    """The next number of 1, 1.5, 2, 2.5, 5, 10 times a power of ten: a good end for an axis."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.5, 2, 2.5, 5, 10) if step * power >= value)
