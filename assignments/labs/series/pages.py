"""The report of the series, made of the same parts as the homework's: `finetune.pages` in student/."""

import statistics
from pathlib import Path
from typing import Any

from finetune.pages import accessible_pdf, figures, layout
from finetune.pages.accessible_pdf import Figure, Text
from finetune.pages.figures import BLUE, ORANGE, Panel
from reportlab.graphics.shapes import Drawing, Line, PolyLine
from reportlab.platypus import Flowable, KeepTogether, Spacer

TITLE = "How many sunspots next year?"
BESIDE = 3  # learning curves in a row


def write(path: Path, found: dict[str, Any]) -> None:
    story = [
        Text(TITLE, layout.TITLE),
        Text(_about(found), layout.TEXT),
        *_errors(found),
        *_forecast(found),
        *_curves(found),
    ]
    layout.document(path, story, title=TITLE, author="a worked example", subject="sequence models")


def _about(found: dict[str, Any]) -> str:
    train, validate, test = found["counts"]
    return (
        "The yearly mean of sunspot numbers from 1700 to 2008, as statsmodels ships it. Each model forecasts "
        f"one year from those before it. Split in time: {train} years to train (until 1920), {validate} to "
        f"validate (until 1955), {test} to test. Scaling and weights come from the training years; the order "
        "of the autoregression, the epoch and the network are chosen on the validation years."
    )


def _errors(found: dict[str, Any]) -> list[Flowable]:
    head = ("Model", "Learns", "Validation", "Test", "from", "to", "Seconds")
    rows = [[layout.bold(word) for word in head]]
    for name, model in found["easy"].items():
        rows.append(
            [layout.cell(each) for each in (name, "", *_two(model["validate"], model["test"]), "", "", "")]
        )
    for name, runs in found["runs"].items():
        tests = [run["test"] for run in runs]
        errors = _two(_mean(runs, "validate"), _mean(runs, "test"))
        told = (name, f"{runs[0]['parameters']:,}", *errors, *_two(min(tests), max(tests)))
        write_cell = layout.bold if name == found["chosen"] else layout.cell
        rows.append([write_cell(each) for each in (*told, f"{_mean(runs, 'seconds'):.0f}")])
    widths = [layout.WIDTH * share for share in (0.34, 0.1, 0.13, 0.1, 0.1, 0.1, 0.13)]
    return [
        Text("What came out", layout.HEADING),
        accessible_pdf.table(rows, colWidths=widths, style=layout.LINES),
        Text(
            f"Root mean square errors in sunspots, means over {len(runs)} seeds; from, to: the smallest and "
            "the largest test error of a seed. Learns: numbers of parameters. Bold: chosen on the validation "
            "years.",
            layout.CAPTION,
        ),
        Text(_conclusion(found), layout.TEXT),
    ]


def _conclusion(found: dict[str, Any]) -> str:
    """What the numbers say, whichever they are."""
    (naive, last), (name, linear) = found["easy"].items()
    runs = found["runs"][found["chosen"]]
    said = [_compared(_mean(runs, part), linear[part]) for part in ("validate", "test")]
    spread = max(run["test"] for run in runs) - min(run["test"] for run in runs)
    return (
        f"Chosen: {found['chosen']}. Beside the {name}, its error is {said[0]} in validation, where it was "
        f"chosen, and {said[1]} in the test; beside the {naive}, "
        f"{_compared(_mean(runs, 'test'), last['test'])}. Seeds alone move its test error by {spread:.1f}: "
        "differences of that size between networks tell nothing."
    )


def _compared(one: float, other: float) -> str:
    return f"{abs(1 - one / other) * 100:.0f} % {'smaller' if one < other else 'larger'}"


def _forecast(found: dict[str, Any]) -> list[Flowable]:
    runs = found["runs"][found["chosen"]]
    forecast = [statistics.mean(each) for each in zip(*(run["forecast"] for run in runs), strict=True)]
    drawing = Drawing(layout.WIDTH, 190)
    high = figures.round_up(max(*forecast, *found["measured"]))
    panel = Panel(30, 30, layout.WIDTH - 34, 130, len(forecast), 0.0, high)
    years = {place: str(year) for place, year in enumerate(found["years"], 1) if year % 10 == 0}
    diagram(drawing, panel, "Sunspots", years, (found["measured"], forecast))
    figures.legend(drawing, layout.WIDTH - 200, 178, ("measured", f"forecast ({found['chosen']})"))
    alt = f"Test years {found['years'][0]} to {found['years'][-1]}: measured, and forecast a year before."
    words = f"The test years, each forecast from the years before it: mean over {len(runs)} seeds."
    return [KeepTogether([Spacer(1, 8), Figure(drawing, alt), Text(words, layout.CAPTION)])]


def _curves(found: dict[str, Any]) -> list[Flowable]:
    """A small diagram for each network, all of one scale; of the first seed."""
    curves = {name: runs[0]["curves"] for name, runs in found["runs"].items()}
    high = figures.round_up(max(max(values) for each in curves.values() for values in each.values()))
    width, height, rows = layout.WIDTH / BESIDE, 130, -(-len(curves) // BESIDE)
    drawing = Drawing(layout.WIDTH, rows * height + 20)
    for number, (name, each) in enumerate(curves.items()):
        row, column = divmod(number, BESIDE)
        epochs = len(each["train"])
        panel = Panel(column * width + 26, (rows - 1 - row) * height + 26, width - 36, 78, epochs, 0.0, high)
        ticks = {place: str(place) for place in range(1, epochs + 1) if place % max(1, epochs // 4) == 0}
        diagram(drawing, panel, name, ticks, (each["train"], each["validate"]))
    figures.legend(drawing, 26, rows * height + 8, ("training years", "validation years"))
    alt = "Learning curves. " + " ".join(
        f"{name}: training error {each['train'][-1]:.1f} at the end, smallest validation error "
        f"{min(each['validate']):.1f} after epoch {each['validate'].index(min(each['validate'])) + 1}."
        for name, each in curves.items()
    )
    words = (
        "Root mean square error after each epoch, first seed; the epoch of the smallest in validation counts."
    )
    return [
        KeepTogether(
            [Text("Learning curves", layout.HEADING), Figure(drawing, alt), Text(words, layout.CAPTION)]
        )
    ]


def diagram(
    drawing: Drawing, panel: Panel, title: str, ticks: dict[int, str], lines: tuple[list[float], list[float]]
) -> None:
    """Two lines, the first in blue, over places 1, 2, ...; some of these have words below."""
    drawing.add(figures.text(panel.left, panel.bottom + panel.height + 8, title, 9))
    for step in range(6):
        value = panel.high * step / 5
        end = panel.left + panel.width
        drawing.add(
            Line(panel.left, panel.y(value), end, panel.y(value), strokeColor=figures.GRID, strokeWidth=0.5)
        )
        drawing.add(figures.text(panel.left - 5, panel.y(value) - 2.5, f"{value:g}", 7, "end"))
    for place, word in ticks.items():
        drawing.add(figures.text(panel.x(place), panel.bottom - 11, word, 7, "middle"))
    for colour, values in zip((BLUE, ORANGE), lines, strict=True):
        points = [each for place, value in enumerate(values, 1) for each in (panel.x(place), panel.y(value))]
        drawing.add(PolyLine(points, strokeColor=colour, strokeWidth=1.4))


def _mean(runs: list[dict[str, Any]], key: str) -> float:
    return statistics.mean(run[key] for run in runs)


def _two(one: float, other: float) -> tuple[str, str]:
    return f"{one:.1f}", f"{other:.1f}"
