"""The curves of a training as a picture: loss, rate and validation against the step."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from argoscope.figures import bare_figure, log_axes
from argoscope.files.atomic import atomic_output
from argoscope.training.log import read_log
from argoscope.training.tasks import TASKS

__all__ = ["draw_curves"]

NOT_DRAWN = {"step", "low", "high", "pooled", "loss"}
"""Columns of validation.csv that have no curve of their own among the task's numbers."""
BEST = {task.best for task in TASKS.values()}
"""Columns by which validations are compared."""


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
    losses, numbers = figure.subplots(1, 2)
    if steps:
        losses.plot(steps["step"], steps["loss"], color="0.75", linewidth=0.8, label="training")
        losses.plot(steps["step"], _smoothed(steps["loss"]), color="0.3", label="training, smoothed")
    if checks:
        losses.plot(checks["step"], checks["loss"], "o-", markersize=3, color="C1", label="validation")
        if "low" in checks:
            numbers.fill_between(
                checks["step"], checks["low"], checks["high"], color="k", alpha=0.2, linewidth=0
            )
        for name in [name for name in checks if name not in NOT_DRAWN]:
            style = {"color": "k", "linewidth": 2} if name in BEST else {"linewidth": 1}
            numbers.plot(checks["step"], checks[name], label=name.replace("_", " "), **style)
        numbers.legend(loc="lower right", frameon=False)
    losses.set(xlabel="step", ylabel="loss")
    log_axes(losses, "y")
    losses.legend(frameon=False)
    numbers.set(xlabel="step", ylabel="validation")
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
