"""The lecture's sequence models on a real series: how many sunspots will there be next year?

    make series                       writes build/series/report.pdf and results.json, in a few minutes

Read from the top: the settings, the data and its splits, what is easy (two baselines), training, and `main`.
The networks are in networks.py, the pages of the report in pages.py. It answers some of labs 1, 3, 4 and 6.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networks
import numpy as np
import pages
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import Tensor, nn

WINDOW = 22  # years that a network sees: two cycles of the sun
CHUNK = 22  # steps after which gradients are cut, where the state is kept (truncated BPTT)
HIDDEN, EPOCHS, BATCH, RATE = 16, 100, 32, 5e-3
SEEDS = (0, 1, 2)
TRAIN_UNTIL, VALIDATE_UNTIL = 1920, 1955  # Weigend, Huberman and Rumelhart 1990; what follows is the test


def load() -> tuple[np.ndarray, np.ndarray]:
    """Years, and the yearly mean of sunspot numbers, as statsmodels ships them (SIDC, 1700 to 2008)."""
    from statsmodels.datasets import sunspots

    found = sunspots.load_pandas().data
    return found["YEAR"].to_numpy(int), found["SUNACTIVITY"].to_numpy(float)


class Series:
    """The series, standardised with mean and deviation of the training years alone.

    `windows[k]` are the WINDOW years before year `k`, `targets[k]` is that year: lab 6 with s = h = 1. A year
    belongs to the split in which it is *predicted*; what comes before it, a forecaster knows already.
    """

    def __init__(self, years: np.ndarray, values: np.ndarray) -> None:
        self.mean, self.deviation = values[years <= TRAIN_UNTIL].mean(), values[years <= TRAIN_UNTIL].std()
        self.scaled = (values - self.mean) / self.deviation
        self.windows = sliding_window_view(self.scaled, WINDOW)[:-1]
        self.years, self.targets = years[WINDOW:], self.scaled[WINDOW:]
        self.train = self.years <= TRAIN_UNTIL
        self.test = self.years > VALIDATE_UNTIL
        self.validate = ~self.train & ~self.test

    def error(self, forecast: np.ndarray, part: np.ndarray) -> float:
        """Root mean square error in sunspots; `forecast` is for all of `years`."""
        return float(self.deviation * np.sqrt(np.mean((forecast - self.targets)[part] ** 2)))


def last_value(series: Series) -> np.ndarray:
    """Next year will be as this one."""
    return series.windows[:, -1]


def autoregression(series: Series, order: int) -> np.ndarray:
    """The linear forecast from the last `order` years that fits the training years best (Yule 1927)."""
    known = np.column_stack([series.windows[:, -order:], np.ones(len(series.windows))])
    weights, *_ = np.linalg.lstsq(known[series.train], series.targets[series.train], rcond=None)
    return known @ weights


def epoch_of_windows(network: nn.Module, optimizer: torch.optim.Optimizer, series: Series) -> np.ndarray:
    """Each training window once, in random batches. Returns forecasts for all years."""
    x, y = tensor(series.windows.T)[..., None], tensor(series.targets)
    for batch in torch.as_tensor(np.flatnonzero(series.train))[torch.randperm(series.train.sum())].split(
        BATCH
    ):
        descend(optimizer, network(x[:, batch]) - y[batch])
    with torch.no_grad():
        return network(x).numpy()


def epoch_of_stream(network: nn.Module, optimizer: torch.optim.Optimizer, series: Series) -> np.ndarray:
    """The training years once, in order; the state flows on, gradients end at the borders of chunks."""
    stream = tensor(series.scaled)[:, None, None]  # one long sequence: T steps, a batch of one
    x, y = stream[:-1], stream[1:, :, 0]
    length, state = WINDOW - 1 + int(series.train.sum()), None
    for chunk, wanted in zip(x[:length].split(CHUNK), y[:length].split(CHUNK), strict=True):
        said, state = network(chunk, state)
        descend(optimizer, said - wanted)
        state = tuple(each.detach() for each in state)  # truncated: what came before is a constant
    with torch.no_grad():
        return network(x)[0][WINDOW - 1 :, 0].numpy()


def descend(optimizer: torch.optim.Optimizer, apart: Tensor) -> None:
    optimizer.zero_grad()
    (apart**2).mean().backward()
    nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 1.0)  # against explosion: lab 2
    optimizer.step()


def train(
    network: nn.Module, epoch: Callable[..., np.ndarray], series: Series, epochs: int
) -> dict[str, Any]:
    """The epoch with the smallest validation error counts; the test years decide nothing."""
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    curves: dict[str, list[float]] = {"train": [], "validate": []}
    best, began = np.zeros(0), time.monotonic()
    for _ in range(epochs):
        forecast = epoch(network, optimizer, series)
        curves["train"].append(series.error(forecast, series.train))
        curves["validate"].append(series.error(forecast, series.validate))
        if curves["validate"][-1] == min(curves["validate"]):
            best = forecast
    return {"curves": curves, "seconds": time.monotonic() - began, **judged(series, best)}


def judged(series: Series, forecast: np.ndarray) -> dict[str, Any]:
    said = forecast[series.test] * series.deviation + series.mean
    errors = {name: series.error(forecast, getattr(series, name)) for name in ("validate", "test")}
    return {**errors, "forecast": [round(float(each), 1) for each in said]}


def tensor(values: np.ndarray) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)


def results(series: Series, epochs: int = EPOCHS, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """All that the report tells."""
    fits = [
        {"order": order, **judged(series, autoregression(series, order))} for order in range(1, WINDOW + 1)
    ]
    best = min(fits, key=lambda fit: fit["validate"])
    easy = {
        "last value": judged(series, last_value(series)),
        f"linear autoregression, {best['order']} years": best,
    }
    runs: dict[str, list[dict[str, Any]]] = {}
    for seed in seeds:
        torch.manual_seed(seed)
        made = {**networks.of_windows(HIDDEN), "stateful LSTM": networks.OfEachStep(HIDDEN)}
        for name, network in made.items():
            epoch = epoch_of_stream if isinstance(network, networks.OfEachStep) else epoch_of_windows
            run = train(network, epoch, series, epochs)
            numbers = sum(each.numel() for each in network.parameters())
            runs.setdefault(name, []).append({"parameters": numbers, **run})
            print(
                f"seed {seed}: {name}: {run['validate']:.1f} in validation, {run['seconds']:.0f} s",
                flush=True,
            )
    means = {name: statistics.mean(run["validate"] for run in each) for name, each in runs.items()}
    measured = series.targets[series.test] * series.deviation + series.mean
    return {
        "years": series.years[series.test].tolist(),
        "measured": [round(float(each), 1) for each in measured],
        "counts": [int(part.sum()) for part in (series.train, series.validate, series.test)],
        "easy": easy,
        "runs": runs,
        "chosen": min(means, key=means.__getitem__),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--out", type=Path, default=Path("build/series"))
    arguments.add_argument("--epochs", type=int, default=EPOCHS)
    given = arguments.parse_args()
    torch.set_num_threads(1)  # the networks are too small for more
    found = results(Series(*load()), given.epochs)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    pages.write(given.out / "report.pdf", found)
    print(given.out / "report.pdf")


if __name__ == "__main__":
    main()
