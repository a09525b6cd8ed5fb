"""Reading and writing larcv3 files, beside h5py on the same bytes.

Reading: every product of an event as `Larcv3File.record` gives it, checked,
against h5py slicing the same rows of the same datasets and doing nothing with
them; the file is open in both. Writing: events of the same content one after
another, compression, checksums and fsync included.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from argoscope.events import Clusters, EventId, Grid, Record, Voxels, empty_particles
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records

__all__ = ["measure", "table"]

SBND_SAMPLE = "sbnd_larcv3_events0-2.h5"


def measure(
    *, quick: bool = False, data: Path | None = None, report: Callable[[str], None] | None = None
) -> list[dict[str, Any]]:
    """Measure reading and writing of SBND events.

    Parameters
    ----------
    quick : bool
        Fewer repetitions and events.
    data : Path, optional
        Folder with the SBND sample; by default ARGOSCOPE_REAL_DATA; without it, events of the same size are made.
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``name``, ``events``, ``seconds`` (best), ``median_seconds``, ``per_event_seconds``, ``ratio_to_h5py``.
    """
    say = report or (lambda _: None)
    named = data or os.environ.get("ARGOSCOPE_REAL_DATA")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(named) / SBND_SAMPLE if named else None
        sample = "the SBND sample"
        if path is None or not path.is_file():
            path, sample = Path(scratch) / "made.h5", "made events of SBND's size"
            write_records(path, (_made_record(number) for number in range(3)))
        say(f"reading {sample}")
        rows = _reading(path, repeats=5 if quick else 30)
        say(f"writing {sample}")
        rows.append(_writing(path, Path(scratch) / "out.h5", events=60 if quick else 1000))
    return [{"sample": sample, **row} for row in rows]


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [f"sample: {rows[0]['sample']}", f"{'':<28}{'ms/event':>10}{'median':>10}{'x h5py':>8}"]
    for row in rows:
        ratio = f"{row['ratio_to_h5py']:.2f}" if row["ratio_to_h5py"] else ""
        per_event, median = 1e3 * row["per_event_seconds"], 1e3 * row["median_seconds"] / row["events"]
        lines.append(f"{row['name']:<28}{per_event:>10.2f}{median:>10.2f}{ratio:>8}")
    return "\n".join(lines)


def _reading(path: Path, repeats: int) -> list[dict[str, Any]]:
    with Larcv3File(path) as file, h5py.File(path, "r") as raw:
        spans = [_spans(raw, index) for index in range(len(file))]
        ways: dict[str, Callable[[int], Any]] = {
            "h5py, the same rows": lambda index: [data[low:high] for data, low, high in spans[index]],
            "record: every product": file.record,
            "event: charge and labels": file.event,
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(repeats):
            # Interleaved, so that a busy moment of the machine hits all alike.
            for name, read in ways.items():
                times[name].append(_seconds(read, range(len(file))))
        best = {name: min(values) for name, values in times.items()}
        return [
            {
                "name": name,
                "events": len(file),
                "seconds": best[name],
                "median_seconds": statistics.median(times[name]),
                "per_event_seconds": best[name] / len(file),
                "ratio_to_h5py": best[name] / best["h5py, the same rows"],
            }
            for name in ways
        ]


def _seconds(read: Callable[[int], Any], indices: range) -> float:
    start = time.perf_counter()
    for index in indices:
        read(index)
    return time.perf_counter() - start


def _spans(file: h5py.File, event: int) -> list[tuple[h5py.Dataset, int, int]]:
    """Rows of every table that belong to an event, found beforehand."""
    spans = []
    for group in file["Data"].values():
        low, high = event, event + 1
        for name in (
            "extents",
            "voxel_extents",
            "projection_extents",
            "cluster_extents",
            "voxels",
            "particles",
        ):
            if name not in group:
                continue
            data = group[name]
            spans.append((data, low, high))
            if name == "extents" and "image_meta" in group:
                row = data[low]
                spans.append((group["image_meta"], int(row["first"]), int(row["first"] + row["N"])))
            if name not in {"voxels", "particles"}:
                rows = data[low:high]
                low = int(rows["first"][0]) if len(rows) else 0
                high = low + int(rows["N"].sum())
    return spans


def _writing(path: Path, out: Path, events: int) -> dict[str, Any]:
    with Larcv3File(path) as file:
        records = [file.record(index) for index in range(len(file))]
        header = file.header
    start = time.perf_counter()
    write_records(out, (records[number % len(records)] for number in range(events)), header)
    seconds = time.perf_counter() - start
    return {
        "name": "write every product",
        "events": events,
        "seconds": seconds,
        "median_seconds": seconds,
        "per_event_seconds": seconds / events,
        "ratio_to_h5py": None,
    }


def _made_record(number: int) -> Record:
    """Record with as many pixels and clusters as an SBND event (formats of the 2018 sample)."""
    rng = np.random.default_rng(number)
    planes, clusters = [], []
    for projection, pixels in enumerate((23_000, 23_000, 10_000)):
        grid = Grid((2048, 1280), projection=projection)
        ids = np.sort(rng.choice(grid.pixels, pixels, replace=False))
        values = rng.gamma(1.0, 20.0, pixels).astype(np.float32) + np.float32(5.0)
        planes.append(Voxels(grid, ids, values))
        offsets = np.linspace(0, pixels // 2, 1301).astype(np.int64)
        clusters.append(Clusters(grid, ids[: offsets[-1]], values[: offsets[-1]], offsets, np.arange(1300)))
    labels = tuple(Voxels(p.grid, p.ids, (p.ids % 3).astype(np.float32)) for p in planes)
    return Record(
        EventId(1, 0, number),
        {
            "sparse2d_sbndwire": tuple(planes),
            "sparse2d_sbnd_cosmicseg": labels,
            "cluster2d_sbndsegmerged": tuple(clusters),
            "particle_sbndneutrino": empty_particles(8),
        },
    )
