"""The worked example of sequence models: honest splits, right formulas, and a report of what came out."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pypdfium2
import pytest
import torch

from tests.running.labs.references.conftest import load

FOLDER = Path("assignments/labs/series").resolve()


@pytest.fixture(scope="module")
def series() -> ModuleType:
    """series.py as it runs; networks.py and pages.py lie beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        return importlib.import_module("series")


@pytest.fixture(scope="module")
def sunspots(series: ModuleType) -> tuple[np.ndarray, np.ndarray]:
    years, values = series.load()
    assert (years[0], years[-1], len(years)) == (1700, 2008, 309)
    return years, values


def test_a_year_is_forecast_from_the_years_before_it(series: ModuleType, sunspots) -> None:  # type: ignore[no-untyped-def]
    found = series.Series(*sunspots)
    at = int(np.flatnonzero(found.years == 1921)[0])
    years, values = sunspots
    before = (values[(years >= 1899) & (years <= 1920)] - found.mean) / found.deviation
    np.testing.assert_allclose(found.windows[at], before)
    parts = [found.years[each] for each in (found.train, found.validate, found.test)]
    assert [(int(each[0]), int(each[-1])) for each in parts] == [(1722, 1920), (1921, 1955), (1956, 2008)]


def test_errors_are_in_sunspots(series: ModuleType, sunspots) -> None:  # type: ignore[no-untyped-def]
    found, (years, values) = series.Series(*sunspots), sunspots
    at = np.flatnonzero(years > 1955)
    expected = np.sqrt(np.mean((values[at] - values[at - 1]) ** 2))
    assert found.error(series.last_value(found), found.test) == pytest.approx(expected)


def test_a_linear_series_is_forecast_exactly(series: ModuleType) -> None:
    """A sine is its own autoregression of order 2."""
    years = np.arange(1700, 2009)
    found = series.Series(years, 50 + 40 * np.sin(2 * np.pi * years / 11))
    assert found.error(series.autoregression(found, 2), found.test) < 1e-9
    assert found.error(series.autoregression(found, 1), found.test) > 1


def test_the_peepholes_are_those_of_lab_3(series: ModuleType) -> None:
    torch.manual_seed(0)
    layer = series.networks.Peephole(3, 4).double()
    for each in layer.parameters():
        torch.nn.init.normal_(each)
    x, h0, c0 = (torch.randn(size, dtype=torch.float64) for size in ((5, 2, 3), (2, 4), (2, 4)))
    states, (_, c) = layer(x, (h0, c0))
    p_i, p_f, p_o = layer.peepholes.detach().numpy()
    h, cells = load("l3").lstm_peephole(
        x=x.numpy(), h0=h0.numpy(), c0=c0.numpy(), W=layer.of_input.weight.detach().numpy(),
        U=layer.of_state.weight.detach().numpy(), b=layer.of_input.bias.detach().numpy(),
        p_i=p_i, p_f=p_f, p_o=p_o,
    )  # fmt: skip
    np.testing.assert_allclose(states.detach().numpy(), h)
    np.testing.assert_allclose(c.detach().numpy(), cells[-1])


def test_test_years_decide_nothing_and_the_report_tells_what_came_out(
    series: ModuleType, sunspots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(series, "BATCH", 500)
    years, values = sunspots
    found = series.results(series.Series(years, values), epochs=1, seeds=(0,))
    other = series.results(series.Series(years, np.where(years == 2008, 500.0, values)), epochs=1, seeds=(0,))
    assert found["chosen"] == other["chosen"]
    for name, (run,) in found["runs"].items():
        (changed,) = other["runs"][name]
        assert run["forecast"] == changed["forecast"], "the last year is in no window"
        assert run["validate"] == changed["validate"] and run["test"] < changed["test"]
    series.pages.write(tmp_path / "report.pdf", found)
    document = pypdfium2.PdfDocument(tmp_path / "report.pdf")
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    assert all(f"{run['test']:.1f}" in text for (run,) in found["runs"].values())
    assert all(name in text for name in (*found["easy"], *found["runs"]))
