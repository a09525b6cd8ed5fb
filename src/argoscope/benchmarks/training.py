"""A training step beside inference, on the same event.

A step is index, forward, cross entropy, backward and Adam (torch's fused one,
float32); inference is index and evaluation. `step_over_inference` compares
them; `gradient_seconds` leaves Adam out, whose time does not depend on the event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from argoscope.benchmarks.network import NETWORKS, Network
from argoscope.benchmarks.timing import interleaved, with_threads
from argoscope.models.uresnet import UResNet
from argoscope.sparse import SparseTensor

__all__ = ["measure", "table"]


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,
    threads: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure training steps of the benchmark networks.

    Parameters
    ----------
    quick : bool
        Only the first network, fewer repetitions.
    data : Path, optional
        Folder with the SBND sample; by default ARGOSCOPE_REAL_DATA.
    threads : sequence of int
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``name``, ``sites``, ``threads``, ``inference_seconds``, ``gradient_seconds``, ``step_seconds`` (best of
        5), ``step_median_seconds``, ``step_over_inference``.
    """
    say = report or (lambda _: None)
    rows = []
    for network in NETWORKS[:1] if quick else NETWORKS:
        for number in threads:
            say(f"{network.name}: {number} threads")
            with with_threads(number):
                rows.append(_one(network, data, number, 2 if quick else 5))
    return rows


def _one(network: Network, data: Path | None, threads: int, repeats: int) -> dict[str, Any]:
    sites, shape, origin = network.sites(data)
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(len(sites), 1, generator=generator)
    labels = torch.randint(0, network.config.classes, (len(sites),), generator=generator)
    model, evaluated = UResNet(network.config), UResNet(network.config).eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def inference() -> None:
        with torch.no_grad():
            evaluated(SparseTensor.from_coordinates(sites, features, shape=shape))

    def gradient() -> None:
        optimizer.zero_grad()
        x = SparseTensor.from_coordinates(sites, features, shape=shape)
        torch.autograd.backward(cross_entropy(model(x).features, labels))

    def step() -> None:
        gradient()
        optimizer.step()

    timings = interleaved({"inference": inference, "gradient": gradient, "step": step}, repeats=repeats)
    return {
        "name": network.name,
        "sites": len(sites),
        "threads": threads,
        "inference_seconds": timings["inference"].best,
        "gradient_seconds": timings["gradient"].best,
        "step_seconds": timings["step"].best,
        "step_median_seconds": timings["step"].median,
        "step_over_inference": timings["step"].best / timings["inference"].best,
        "data": origin,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [
        f"{'network':<15}{'sites':>7}{'threads':>8}{'inference':>11}{'gradients':>11}{'step':>9}{'median':>9}{'ratio':>7}   ms"
    ]
    for row in rows:
        lines.append(
            f"{row['name']:<15}{row['sites']:>7}{row['threads']:>8}{1e3 * row['inference_seconds']:>11.1f}"
            f"{1e3 * row['gradient_seconds']:>11.1f}{1e3 * row['step_seconds']:>9.1f}"
            f"{1e3 * row['step_median_seconds']:>9.1f}{row['step_over_inference']:>7.2f}"
        )
    return "\n".join(lines)
