"""Time against active sites and against image size; where dense wins.

- ``sites``: index and network from 1,000 to 1,000,000 sites of the same density,
  with the exponent of a power law fitted to them;
- ``image``: the same sites in images of growing size;
- ``crossover``: one convolution of 32 channels, dense and sparse, against the
  fraction of active pixels;
- ``dense_network``: paper 4's table II, the same U-ResNet dense and sparse.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663, table II; the
voxels per event are those of `VOXELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from argoscope.benchmarks._sites import tracks
from argoscope.benchmarks.timing import Timing, interleaved, peak_of, with_threads
from argoscope.models.dense import DenseUResNet
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import SparseTensor, submanifold_convolution

__all__ = ["evaluate_cubes", "measure", "table"]

VOXELS = {192: 700, 512: 2900, 768: 5400}
"""Active voxels per event by side of the cube: from the paper's times and PILArNet-M's counts."""
SITES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
OCCUPANCIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,  # noqa: ARG001  # every benchmark takes it; this one generates its sites
    threads: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure how the cost grows, on the largest of the numbers of threads.

    Parameters
    ----------
    quick : bool
        Up to 30,000 sites, no network on dense cubes.
    data : Path, optional
        Not used.
    threads : sequence of int
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    dict
        ``threads``; ``sites``: list of {``sites``, ``index_seconds``, ``network_seconds``}; ``exponent``;
        ``image``: list of {``side``, ``sites``, ``seconds``}; ``crossover``: list of {``dimensions``,
        ``occupancy``, ``dense_seconds``, ``sparse_seconds``, ``sparse_with_index_seconds``}; ``dense_network``:
        list of {``kind``, ``side``, ``batch``, ``voxels``, ``seconds``, ``peak_mb``}.
    """
    say = report or (lambda _: None)
    with with_threads(max(threads)), torch.no_grad():
        counts = SITES[:4] if quick else SITES
        rows = []
        for count in counts:
            say(f"{count} sites")
            rows.append(_network_at(count, 3 if quick else 5))
        total = [row["index_seconds"] + row["network_seconds"] for row in rows]
        exponent = float(np.polyfit(np.log([row["sites"] for row in rows]), np.log(total), 1)[0])
        say("image size")
        image = _image_sizes(3 if quick else 5)
        crossover = []
        for dimensions, side in ((2, 512), (3, 64)):
            for occupancy in OCCUPANCIES:
                say(f"{dimensions}D, {occupancy:.1%} of the pixels")
                crossover.append(_crossover(dimensions, side, occupancy, 3))
    cubes = [] if quick else _cubes(max(threads), say)
    return {
        "threads": max(threads),
        "sites": rows,
        "exponent": exponent,
        "image": image,
        "crossover": crossover,
        "dense_network": cubes,
    }


def _network_at(count: int, repeats: int) -> dict[str, Any]:
    """Index and evaluation of a network of 16 filters on tracks of constant density."""
    side = max(64, int(16 * count**0.5))
    sites = tracks((side, side), count, seed=5, thickness=3)
    model = UResNet(UResNetConfig(filters=16)).eval()
    features = torch.ones(count, 1)

    def build() -> SparseTensor:
        return SparseTensor.from_coordinates(sites, features, shape=(side, side))

    whole = interleaved({"index": build, "all": lambda: model(build())}, repeats=repeats)
    x = build()
    model(x)
    network = interleaved({"network": lambda: model(x)}, repeats=repeats)["network"]
    return {
        "sites": count,
        "index_seconds": max(whole["all"].best - network.best, whole["index"].best),
        "network_seconds": network.best,
    }


def _image_sizes(repeats: int) -> list[dict[str, Any]]:
    sites = tracks((1024, 1024), 10_000, seed=6, thickness=3)
    model = UResNet(UResNetConfig(filters=16)).eval()
    features = torch.ones(len(sites), 1)
    sides = (1024, 4096, 16384, 65536)
    things: dict[str, Callable[[], Any]] = {
        str(side): lambda side=side: model(SparseTensor.from_coordinates(sites, features, shape=(side, side)))  # type: ignore[misc]
        for side in sides
    }
    timings = interleaved(things, repeats=repeats)
    return [{"side": side, "sites": len(sites), "seconds": timings[str(side)].best} for side in sides]


def _crossover(dimensions: int, side: int, occupancy: float, repeats: int) -> dict[str, Any]:
    """One 3-pixel convolution, 32 to 32 channels, on random pixels."""
    shape = (side,) * dimensions
    cells = np.random.default_rng(7).permutation(side**dimensions)[: int(occupancy * side**dimensions)]
    rows = np.column_stack([np.zeros_like(cells), *np.unravel_index(np.sort(cells), shape)])
    features, weight = torch.randn(len(cells), 32), torch.randn(3**dimensions, 32, 32)
    image, kernel = torch.randn(1, 32, *shape), torch.randn(32, 32, *[3] * dimensions)
    dense = F.conv2d if dimensions == 2 else F.conv3d
    x = SparseTensor.from_coordinates(rows, features, shape=shape)
    timings: dict[str, Timing] = interleaved(
        {
            "dense": lambda: dense(image, kernel, padding=1),
            "sparse": lambda: submanifold_convolution(x, weight),
            "indexed": lambda: submanifold_convolution(
                SparseTensor.from_coordinates(rows, features, shape=shape), weight
            ),
        },
        repeats=repeats,
    )
    return {
        "dimensions": dimensions,
        "occupancy": occupancy,
        "dense_seconds": timings["dense"].best,
        "sparse_seconds": timings["sparse"].best,
        "sparse_with_index_seconds": timings["indexed"].best,
    }


def evaluate_cubes(kind: str, side: int, batch: int, threads: int) -> float:
    """Seconds to index and evaluate a batch of cubes with 16 filters and 5 levels; the network is there already."""
    config = UResNetConfig(dimensions=3, filters=16)
    shape = (side,) * 3
    events = [tracks(shape, VOXELS[side], seed=seed, thickness=2) for seed in range(batch)]
    for number, event in enumerate(events):
        event[:, 0] = number
    sites = np.concatenate(events)
    features = torch.ones(len(sites), 1)

    def build() -> SparseTensor:
        return SparseTensor.from_coordinates(sites, features, shape=shape)

    with with_threads(threads), torch.no_grad():
        if kind == "dense":
            dense = DenseUResNet(config).eval()
            # Minutes long: a first, unmeasured run would change nothing.
            return _seconds(lambda: dense(build().to_dense()))
        sparse = UResNet(config).eval()
        return interleaved({kind: lambda: sparse(build())}, repeats=3)[kind].best


def _seconds(thing: Callable[[], Any]) -> float:
    import time

    start = time.perf_counter()
    thing()
    return time.perf_counter() - start


def _cubes(threads: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Table II's inference columns; each in a process of its own for its memory."""
    rows = []
    for kind, side, batch in (
        ("dense", 192, 1),
        ("dense", 192, 4),
        ("sparse", 192, 4),
        ("sparse", 192, 64),
        ("sparse", 512, 64),
        ("sparse", 768, 64),
    ):
        say(f"{kind}, {side} px, batch {batch}")
        call = f"evaluate_cubes({kind!r}, {side}, {batch}, {threads})"
        answer = peak_of(f"from argoscope.benchmarks.scaling import evaluate_cubes; result = {call}")
        rows.append(
            {
                "kind": kind,
                "side": side,
                "batch": batch,
                "voxels": VOXELS[side],
                "seconds": answer["result"],
                "peak_mb": answer["peak_mb"],
            }
        )
    return rows


def table(answer: dict[str, Any]) -> str:
    """Say the measurements as tables."""
    lines = [
        f"{answer['threads']} threads",
        "",
        f"{'sites':>9}{'index ms':>10}{'network ms':>12}{'us/site':>9}",
    ]
    for row in answer["sites"]:
        index, network = row["index_seconds"], row["network_seconds"]
        each = 1e6 * (index + network) / row["sites"]
        lines.append(f"{row['sites']:>9}{1e3 * index:>10.1f}{1e3 * network:>12.1f}{each:>9.2f}")
    lines += [f"time ~ sites ** {answer['exponent']:.3f}", "", f"{'image side':>10}{'ms':>9}"]
    lines += [f"{row['side']:>10}{1e3 * row['seconds']:>9.1f}" for row in answer["image"]]
    lines += ["", f"{'':>4}{'active':>8}{'dense ms':>10}{'sparse ms':>10}{'with index':>11}"]
    for row in answer["crossover"]:
        lines.append(
            f"{row['dimensions']:>3}D{row['occupancy']:>8.1%}{1e3 * row['dense_seconds']:>10.2f}"
            f"{1e3 * row['sparse_seconds']:>10.2f}{1e3 * row['sparse_with_index_seconds']:>11.2f}"
        )
    if answer["dense_network"]:
        lines += ["", f"{'network':<8}{'px':>5}{'batch':>6}{'voxels/event':>13}{'s':>9}{'GB':>7}"]
    for row in answer["dense_network"]:
        lines.append(
            f"{row['kind']:<8}{row['side']:>5}{row['batch']:>6}{row['voxels']:>13}{row['seconds']:>9.2f}"
            f"{row['peak_mb'] / 1e3:>7.2f}"
        )
    return "\n".join(lines)
