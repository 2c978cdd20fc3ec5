"""How sure the network was of its answers, and whether it had reason to be."""

from dataclasses import dataclass

from reportlab.graphics.shapes import Circle, Drawing, Line, Rect

from finetune.pages import figures
from finetune.pages.accessible_pdf import Figure

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The test images whose score lies from `low` to `high`; `score` is their mean."""

    low: float
    high: float
    right: int
    wrong: int
    score: float

    @property
    def images(self) -> int:
        return self.right + self.wrong


def bins(predictions: list[dict[str, str]], classes: int) -> list[Bin]:
    """Equal parts of all scores there can be: the likeliest of n classes has at least 1 / n."""
    lowest = 1 / classes
    width = (1 - lowest) / BINS
    scores: list[list[float]] = [[] for _ in range(BINS)]
    right = [0] * BINS
    for row in predictions:
        score = float(row["score"])
        index = min(BINS - 1, max(0, int((score - lowest) / width)))
        scores[index].append(score)
        right[index] += row["label"] == row["predicted"]
    return [
        Bin(
            lowest + index * width,
            lowest + (index + 1) * width,
            right[index],
            len(own) - right[index],
            sum(own) / len(own) if own else 0.0,
        )
        for index, own in enumerate(scores)
    ]


def calibration_error(found: list[Bin]) -> float:
    """By how much score and share of right answers differ, on average over images (Naeini et al., 2015)."""
    images = sum(each.images for each in found)
    return sum(abs(each.right - each.score * each.images) for each in found) / images


def figure(found: list[Bin], width: float, height: float) -> Figure:
    """Left: how many answers had which score. Right: how many of them were right."""
    drawing = Drawing(width, height)
    side = height - 66
    _histogram(drawing, found, (30, 30, width - side - 110, side))
    _calibration(drawing, found, (width - side - 8, 30, side, side))
    figures.legend(drawing, 30, height - 10, ("right answers", "wrong answers"))
    alt = "How sure the network was. " + " ".join(
        f"Score {each.low:.2f} to {each.high:.2f}: {each.right} of {each.images} answers right."
        for each in found
        if each.images
    )
    return Figure(drawing, alt)


def _histogram(drawing: Drawing, found: list[Bin], place: tuple[float, float, float, float]) -> None:
    left, bottom, width, height = place
    top = figures.round_up(max(each.images for each in found))
    for step in range(6):
        y = bottom + height * step / 5
        drawing.add(Line(left, y, left + width, y, strokeColor=figures.GRID, strokeWidth=0.5))
        drawing.add(figures.text(left - 5, y - 2.5, f"{top * step / 5:g}", 7, "end"))
    column = width / len(found)
    for index, each in enumerate(found):
        x, y = left + index * column + 1.5, bottom
        for number, colour in ((each.right, figures.BLUE), (each.wrong, figures.ORANGE)):
            tall = height * number / top
            drawing.add(Rect(x, y, column - 3, tall, fillColor=colour, strokeColor=None))
            y += tall
        drawing.add(figures.text(left + index * column, bottom - 11, f"{each.low:.2f}", 7, "middle"))
    drawing.add(figures.text(left + width, bottom - 11, "1.00", 7, "middle"))
    drawing.add(figures.text(left + width / 2, bottom - 24, "score of the answer", 7, "middle"))
    drawing.add(figures.text(left, bottom + height + 8, "Test images", 9))


def _calibration(drawing: Drawing, found: list[Bin], place: tuple[float, float, float, float]) -> None:
    """The larger a circle, the more images. On the dashed line, answers are as often right as sure."""
    left, bottom, side, _ = place
    low = found[0].low
    for step in range(6):
        share = step / 5
        y, x = bottom + side * share, left + side * share
        drawing.add(Line(left, y, left + side, y, strokeColor=figures.GRID, strokeWidth=0.5))
        drawing.add(figures.text(left - 5, y - 2.5, f"{share:.1f}", 7, "end"))
        drawing.add(figures.text(x, bottom - 11, f"{low + share * (1 - low):.1f}", 7, "middle"))
    drawing.add(
        Line(
            left,
            bottom + side * low,
            left + side,
            bottom + side,
            strokeColor=figures.PALE,
            strokeDashArray=(2, 2),
        )
    )
    most = max(each.images for each in found)
    for each in found:
        if each.images:
            x = left + side * (each.score - low) / (1 - low)
            y = bottom + side * each.right / each.images
            radius = 1.5 + 5 * (each.images / most) ** 0.5
            drawing.add(
                Circle(x, y, radius, fillColor=figures.BLUE, strokeColor=figures.white, strokeWidth=0.7)
            )
    drawing.add(figures.text(left + side / 2, bottom - 24, "mean score", 7, "middle"))
    drawing.add(figures.text(left, bottom + side + 8, "Share of right answers", 9))
