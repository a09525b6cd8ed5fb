"""Whole networks: time for index and layers, ratio to the limit, peak memory.

The networks of docs/engine.md on one image. `limit_seconds` is what a dense
2048 x 2048 x 2048 float32 product, measured in turn with the network on the
same threads, would need for the same operations, counting real neighbour pairs
only. `peak_mb` is the memory of a process that evaluates the network on as many
threads as the row says, above that after `import torch`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from argoscope.benchmarks import _spconv
from argoscope.benchmarks._sites import SBND_SHAPE, collection_plane, induction_plane, tracks
from argoscope.benchmarks._work import build_maps, gflop
from argoscope.benchmarks.timing import dense_product, interleaved, limit_seconds, peak_of, with_threads
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import Backend, SparseTensor, map_events

__all__ = ["NETWORKS", "Network", "evaluate_once", "measure", "table"]


@dataclass(frozen=True)
class Network:
    """One row of the table: an image and a width."""

    image: Literal["collection", "induction", "cube"]
    filters: int
    levels: int = 5

    @property
    def name(self) -> str:
        """Say image and width."""
        return f"{self.image}-{self.filters}"

    @property
    def config(self) -> UResNetConfig:
        """Shape of the network."""
        return UResNetConfig(
            dimensions=3 if self.image == "cube" else 2, filters=self.filters, depth=self.levels
        )

    def sites(self, data: Path | None) -> tuple[Any, tuple[int, ...], str]:
        """Sites, sides of the image, and where the sites are from."""
        if self.image == "collection":
            sites, origin = collection_plane(data)
        elif self.image == "induction":
            sites, origin = induction_plane(data)
        else:
            return tracks((512, 512, 512), 13_600, seed=3, thickness=2), (512, 512, 512), "generated"
        return sites, SBND_SHAPE, origin


NETWORKS = (
    Network("collection", 32),
    Network("induction", 32),
    Network("collection", 16),
    Network("cube", 16),
    Network("cube", 32),
)


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,
    threads: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure the networks.

    Parameters
    ----------
    quick : bool
        Fewer repetitions, our fast backend only.
    data : Path, optional
        Folder with the SBND sample; by default ARGOSCOPE_REAL_DATA.
    threads : sequence of int
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``name``, ``dimensions``, ``filters``, ``levels``, ``sites``, ``backend``, ``threads``, ``index_seconds``,
        ``network_seconds`` (best), ``limit_seconds``, ``ratio_to_limit``, ``gflop``, ``peak_mb``; also medians,
        ``data`` (where the sites are from), ``repeats`` (of which the times are the best), ``latency_events_per_second`` (one event at a time on all threads) and
        ``throughput_events_per_second`` (several events at once, one thread each; null for other backends).
    """
    say = report or (lambda _: None)
    rows = []
    for network in NETWORKS:
        folder = None if data is None else str(data)
        for number in threads:
            say(f"{network.name}: memory, {number} threads")
            call = f"evaluate_once({NETWORKS.index(network)}, {folder!r}, {number})"
            statement = f"from argoscope.benchmarks.network import evaluate_once; result = {call}"
            peak = peak_of(statement)["peak_mb"]
            with with_threads(number), torch.no_grad():
                say(f"{network.name}: {number} threads")
                rows += _rows(network, data, number, peak, quick=quick)
    return rows


def evaluate_once(number: int, data: str | None, threads: int) -> int:
    """Evaluate one of the networks once, as a process that reconstructs would; the number of scores."""
    network = NETWORKS[number]
    sites, shape, _ = network.sites(None if data is None else Path(data))
    with with_threads(threads), torch.no_grad():
        x = SparseTensor.from_coordinates(sites, torch.ones(len(sites), 1), shape=shape)
        return UResNet(network.config).eval()(x).features.numel()


def _rows(
    network: Network, data: Path | None, threads: int, peak: float, *, quick: bool
) -> list[dict[str, Any]]:
    """Measure one network on one number of threads: every backend, in turn with the limit."""
    sites, shape, origin = network.sites(data)
    features = torch.from_numpy(np.random.default_rng(0).normal(size=(len(sites), 1))).float()

    def build() -> SparseTensor:
        x = SparseTensor.from_coordinates(sites, features, shape=shape)
        build_maps(x.index, network.levels)
        return x

    x = build()
    things: dict[str, Callable[[], Any]] = {"limit": dense_product(), "index": build}
    backends: list[Backend] = ["numba"] if quick else ["numba", "torch"]
    for backend in backends:
        model = UResNet(network.config, backend=backend).eval()
        things[backend] = lambda model=model: model(x)  # type: ignore[misc]
        if backend == "numba":
            things["latency"] = lambda model=model: model(build())  # type: ignore[misc]
            things["throughput"] = lambda model=model: list(  # type: ignore[misc]
                map_events(lambda _: model(build()), range(2 * threads), workers=threads)
            )
    if not quick and _spconv.available():
        peer = _spconv.build(network.config)
        things["spconv"] = lambda: peer(_spconv.sparse_input(sites, features, shape))
    repeats = 2 if quick else 5
    timings = interleaved(things, repeats=repeats)
    work = gflop(network.config, x.index)
    limit = limit_seconds(work, timings["limit"])
    rows = []
    for name in (name for name in ("numba", "torch", "spconv") if name in timings):
        # spconv makes its maps within the network; its time holds both.
        index, timing = timings["index"], timings[name]
        own = name == "numba"
        rows.append(
            {
                "name": network.name,
                "dimensions": network.config.dimensions,
                "filters": network.filters,
                "levels": network.levels,
                "sites": len(sites),
                "backend": name,
                "threads": threads,
                "index_seconds": 0.0 if name == "spconv" else index.best,
                "network_seconds": timing.best,
                "limit_seconds": limit,
                "ratio_to_limit": timing.best / limit,
                "gflop": work,
                "peak_mb": peak if own else None,
                "index_median_seconds": 0.0 if name == "spconv" else index.median,
                "network_median_seconds": timing.median,
                "latency_events_per_second": 1 / timings["latency"].best if own else None,
                "throughput_events_per_second": 2 * threads / timings["throughput"].best if own else None,
                "data": origin,
                "repeats": repeats,
            }
        )
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [
        f"milliseconds, best of {rows[0]['repeats']} (median); events/s: one at a time, several at once",
        f"{'network':<15}{'sites':>7} {'backend':<7}{'thr':>4}{'index':>7}{'network':>16}{'x limit':>8}{'GFLOP':>7}"
        f"{'MB':>6}{'ev/s':>7}{'ev/s':>7}",
    ]
    for row in rows:
        peak = "" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
        rates = [row["latency_events_per_second"], row["throughput_events_per_second"]]
        shown = "".join("" if rate is None else f"{rate:>7.1f}" for rate in rates)
        network = f"{1e3 * row['network_seconds']:.1f} ({1e3 * row['network_median_seconds']:.1f})"
        lines.append(
            f"{row['name']:<15}{row['sites']:>7} {row['backend']:<7}{row['threads']:>4}"
            f"{1e3 * row['index_seconds']:>7.1f}{network:>16}{row['ratio_to_limit']:>8.2f}{row['gflop']:>7.2f}{peak:>6}{shown}"
        )
    lines.append(f"wire images: {rows[0]['data']}; spconv's time holds its index")
    return "\n".join(lines)
