"""Learning curves while training runs: data/curves.png, drawn anew after each epoch.

Where the package `tensorboard` is installed, its files are written too: tensorboard --logdir data/tensorboard
"""

import importlib.util
import io
import shutil
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from finetune.parts import files

FILE = Path("data/curves.png")
TENSORBOARD = Path("data/tensorboard")
WIDTH, HEIGHT, MARGIN = 480, 300, 46  # pixels of one diagram
COLOURS = {"train": "#1f6feb", "val": "#d9730d"}


def refresh(events: list[dict[str, Any]]) -> None:
    """Draw all epochs so far: loss on the left, accuracy on the right, training blue, validation orange."""
    epochs = [event for event in events if event["event"] == "epoch"]
    picture = Image.new("RGB", (2 * WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    top = max(max(epoch["train_loss"], epoch["val_loss"]) for epoch in epochs)
    for left, measure, high in ((0, "loss", top or 1.0), (WIDTH, "accuracy", 1.0)):
        _diagram(draw, left, epochs, measure, high)
    content = io.BytesIO()
    picture.save(content, "PNG")
    files.write(FILE, content.getvalue())
    if importlib.util.find_spec("tensorboard"):
        _tensorboard(epochs, events[0]["time"])


def _diagram(
    draw: ImageDraw.ImageDraw, left: int, epochs: list[dict[str, Any]], measure: str, high: float
) -> None:
    bottom, right = HEIGHT - MARGIN, left + WIDTH - 16
    column = (right - left - MARGIN) / len(epochs)
    first = sum(epoch["phase"] == "head" for epoch in epochs)
    draw.rectangle((left + MARGIN + first * column, MARGIN, right, bottom), fill="#f2f5f9")  # phase two
    for step in range(6):
        y = bottom - (bottom - MARGIN) * step / 5
        draw.line((left + MARGIN, y, right, y), fill="#d9dee4")
        draw.text((left + 8, y - 6), f"{high * step / 5:.2f}", fill="#6b7785")
    draw.text((left + MARGIN, 8), f"{measure}, {len(epochs)} epochs; shaded: phase two", fill="#1f2933")
    for place, (split, colour) in enumerate(COLOURS.items()):
        draw.text((left + MARGIN + 110 * place, 24), f"- {split}", fill=colour)
        points = [
            (left + MARGIN + (index + 0.5) * column, bottom - (bottom - MARGIN) * epoch[key] / high)
            for key in (f"{split}_{measure}",)
            for index, epoch in enumerate(epochs)
        ]
        draw.line(points, fill=colour, width=2)
        for x, y in points:
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline=colour, fill="white", width=2)


def _tensorboard(epochs: list[dict[str, Any]], name: str) -> None:
    from torch.utils.tensorboard import SummaryWriter

    folder = TENSORBOARD / name.replace(":", "-")
    shutil.rmtree(folder, ignore_errors=True)
    with SummaryWriter(str(folder)) as writer:
        for number, epoch in enumerate(epochs, 1):
            for measure in ("loss", "accuracy"):
                for split in COLOURS:
                    writer.add_scalar(f"{measure}/{split}", epoch[f"{split}_{measure}"], number)
