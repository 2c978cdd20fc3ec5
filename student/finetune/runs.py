"""`make runs`: compare your own training runs, in the terminal and as data/runs/index.html.

Each finished training keeps its log in data/runs/, for this computer only. Choose by the validation accuracy:
the test images are not for choosing.
"""

import html
import json
from pathlib import Path

from finetune.parts import advice, files, journal, problem
from finetune.parts.journal import Event
from finetune.parts.problem import Problem

PAGE = journal.RUNS / "index.html"
WIDTH, HEIGHT = 320, 90  # of a curve on the page
COLUMNS = ("run", "network", "validation", "gap", "seconds", "settings that differ")


def main() -> None:
    runs = [_events(path) for path in sorted(journal.RUNS.glob("*.jsonl"))]
    if not runs:
        raise Problem("no run has finished yet; run `make train` first")
    lines = rows(runs)
    widths = [max(len(line[column]) for line in [COLUMNS, *lines]) for column in range(len(COLUMNS))]
    for line in [COLUMNS, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    best = max(runs, key=lambda run: run[-1]["val_accuracy"])
    print(f"Best on validation images: {best[0]['time'][:19]}, {best[-1]['val_accuracy']:.4f}")
    files.write(PAGE, page(runs, lines))
    print(f"With curves: {PAGE}")


def rows(runs: list[list[Event]]) -> list[tuple[str, ...]]:
    """One line for each run; of the settings, those that are not the same in all runs."""
    settings = [_settings(run[0]) for run in runs]
    names = {name for each in settings for name in each}
    differ = sorted(name for name in names if len({str(each.get(name)) for each in settings}) > 1)
    return [
        (
            run[0]["time"][:19],
            run[0]["backbone"],
            f"{run[-1]['val_accuracy']:.4f}",
            f"{advice.gap(run):+.2f}",
            f"{run[-1]['seconds']:.0f}",
            ", ".join(f"{name} {own.get(name)}" for name in differ) or "none",
        )
        for run, own in zip(runs, settings, strict=True)
    ]


def page(runs: list[list[Event]], lines: list[tuple[str, ...]]) -> str:
    """The table as a page, with the accuracy of each run as curves: training blue, validation orange."""
    cells = "".join(f"<th>{name}</th>" for name in (*COLUMNS, "accuracy by epoch"))
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in line)}<td>{_curves(run)}</td></tr>\n"
        for run, line in zip(runs, lines, strict=True)
    )
    style = (
        "body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;margin:2rem}"
        "td,th{padding:.4rem .9rem .4rem 0;text-align:left;border-bottom:1px solid #d9dee4}"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Training runs</title>'
        f"<style>{style}</style><h1>Training runs</h1><p>Choose by the validation accuracy (orange).</p>"
        f"<table><tr>{cells}</tr>\n{body}</table></html>\n"
    )


def _curves(run: list[Event]) -> str:
    epochs = [event for event in run if event["event"] == "epoch"]
    lowest = min(event[key] for event in epochs for key in ("train_accuracy", "val_accuracy"))
    low = min(0.5, lowest)

    def points(key: str) -> str:
        step = WIDTH / max(1, len(epochs) - 1)
        return " ".join(
            f"{index * step:.1f},{HEIGHT * (1 - (event[key] - low) / (1 - low)):.1f}"
            for index, event in enumerate(epochs)
        )

    lines = "".join(
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points(key)}"/>'
        for key, colour in (("train_accuracy", "#1f6feb"), ("val_accuracy", "#d9730d"))
    )
    last = epochs[-1]
    told = f"training {last['train_accuracy']:.2f}, validation {last['val_accuracy']:.2f} at the end"
    box = f'viewBox="0 -4 {WIDTH} {HEIGHT + 8}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg role="img" aria-label="{told}" {box}>{lines}</svg>'


def _settings(run: Event) -> dict[str, object]:
    return {
        "weights": run["weights"],
        "head": run["head"],
        "augmentation": run["augmentation"],
        **run["settings"],
    }


def _events(path: Path) -> list[Event]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    problem.run(main)
