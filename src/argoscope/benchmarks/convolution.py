"""One sparse convolution by channels and backend, beside the dense limit of the machine.

Submanifold, kernel 3, float32, on the 25,094 sites of the induction plane:
forward and the gradient of the weight. Only products of real neighbour pairs
count as operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from argoscope.benchmarks._sites import SBND_SHAPE, induction_plane
from argoscope.benchmarks.timing import dense_product, interleaved, limit_seconds, with_threads
from argoscope.sparse import SparseTensor, submanifold_convolution
from argoscope.sparse.backends import numba as numba_backend

__all__ = ["measure", "table"]

CHANNELS = (16, 32, 64, 96, 160)


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,
    threads: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure one convolution.

    Parameters
    ----------
    quick : bool
        Two numbers of channels, fewer repetitions.
    data : Path, optional
        Folder with the SBND sample; by default ARGOSCOPE_REAL_DATA.
    threads : sequence of int
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``channels``, ``threads``, ``operation``, ``backend``, ``seconds`` (best), ``median_seconds``,
        ``gflops`` (10^9 operations per second) and ``ratio_to_limit``.
    """
    say = report or (lambda _: None)
    sites, origin = induction_plane(data)
    rows = []
    for number in threads:
        with with_threads(number):
            for channels in CHANNELS[1:3] if quick else CHANNELS:
                say(f"{channels} channels, {number} threads, {origin}")
                rows += [{"data": origin, **row} for row in _one(sites, channels, number, 3 if quick else 10)]
    return rows


def _one(sites: Any, channels: int, threads: int, repeats: int) -> list[dict[str, Any]]:
    generator = torch.Generator().manual_seed(channels)
    features = torch.randn(len(sites), channels, generator=generator)
    x = SparseTensor.from_coordinates(sites, features, shape=SBND_SHAPE)
    weight = torch.randn(9, channels, channels, generator=generator)
    gradient = torch.randn(len(sites), channels, generator=generator)
    kernel_map = x.index.neighbours(3)
    gflop = 2e-9 * len(kernel_map.pairs[1]) * channels**2
    things: dict[str, Callable[[], Any]] = {
        "forward numba": lambda: submanifold_convolution(x, weight, backend="numba"),
        "weight gradient numba": lambda: numba_backend.weight_gradient(features, gradient, kernel_map),
        "forward torch": lambda: submanifold_convolution(x, weight, backend="torch"),
        "limit": dense_product(),
    }
    with torch.no_grad():
        timings = interleaved(things, repeats=repeats)
    limit = limit_seconds(gflop, timings.pop("limit"))
    return [
        {
            "channels": channels,
            "threads": threads,
            "operation": name.rpartition(" ")[0],
            "backend": name.rpartition(" ")[2],
            "seconds": timing.best,
            "median_seconds": timing.median,
            "gflops": gflop / timing.best,
            "ratio_to_limit": timing.best / limit,
        }
        for name, timing in timings.items()
    ]


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [
        f"sites: {rows[0]['data']}",
        f"{'channels':>8} {'threads':>7}  {'operation':<16}{'backend':<8}{'ms':>9}{'median':>9}{'GFLOP/s':>9}{'x limit':>9}",
    ]
    for row in rows:
        lines.append(
            f"{row['channels']:>8} {row['threads']:>7}  {row['operation']:<16}{row['backend']:<8}"
            f"{1e3 * row['seconds']:>9.2f}{1e3 * row['median_seconds']:>9.2f}{row['gflops']:>9.1f}"
            f"{row['ratio_to_limit']:>9.2f}"
        )
    return "\n".join(lines)
