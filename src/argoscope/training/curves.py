"""The curves of a training as a picture: loss, rate and validation against the step."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from argoscope.figures import bare_figure
from argoscope.files.atomic import atomic_output
from argoscope.training.log import read_log

__all__ = ["draw_curves"]

NOT_CLASSES = {"step", "accuracy", "low", "high", "pooled", "loss"}
"""Columns of validation.csv that are no accuracy of a class."""


def draw_curves(folder: Path) -> Path | None:
    """Draw curves.png of a run; None where there is nothing to draw yet.

    Parameters
    ----------
    folder : Path
        With steps.csv and validation.csv.
    """
    steps, checks = _columns(folder / "steps.csv"), _columns(folder / "validation.csv")
    if not steps and not checks:
        return None
    figure = bare_figure(11, 4)
    losses, accuracies = figure.subplots(1, 2)
    if steps:
        losses.plot(steps["step"], steps["loss"], color="0.75", linewidth=0.8, label="training")
        losses.plot(steps["step"], _smoothed(steps["loss"]), color="0.3", label="training, smoothed")
    if checks:
        losses.plot(checks["step"], checks["loss"], "o-", markersize=3, color="C1", label="validation")
        accuracies.fill_between(
            checks["step"], checks["low"], checks["high"], color="k", alpha=0.2, linewidth=0
        )
        accuracies.plot(checks["step"], checks["accuracy"], "k", linewidth=2, label="all")
        for name in [name for name in checks if name not in NOT_CLASSES]:
            accuracies.plot(checks["step"], checks[name], linewidth=1, label=name)
        accuracies.legend(loc="lower right", frameon=False)
    losses.set(xlabel="step", ylabel="loss", yscale="log")
    losses.legend(frameon=False)
    accuracies.set(xlabel="step", ylabel="validation accuracy, mean over events")
    path = folder / "curves.png"
    with atomic_output(path, overwrite=True) as temporary:
        figure.savefig(temporary, format="png", dpi=110)
    return path


def _columns(path: Path) -> dict[str, np.ndarray]:
    rows = read_log(path)
    return {name: np.array([float(row[name]) for row in rows]) for name in (rows[0] if rows else {})}


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Mean over a window of a fiftieth of the curve, shorter at its ends."""
    half = max(1, len(values) // 100)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, len(values))
    return (sums[high] - sums[low]) / (high - low)
