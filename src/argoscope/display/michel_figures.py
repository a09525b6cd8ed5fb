"""The numbers of `evaluate michel` as pictures: paper 4's figures 14 and 15, efficiency by energy, the scan of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.analyses.michel_spectrum import LEAST_MEV, spectrum_density
from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.figures import log_axes

__all__ = ["draw_pixels", "draw_spectrum", "michel_drawings", "save_michel_figures"]

PIXEL_BINS = 40
"""Bins along each axis of figure 14."""
ENERGY_BINS = 30
"""Bins of figure 15."""
TRUE, FOUND, OTHER = "#5b5b5b", "#0072b2", "#d5480c"
"""Colours of what is true, what is found, and what is found without truth."""


def draw_pixels(axes: Any, clusters: Mapping[str, Sequence[int]]) -> None:
    """Draw pixels of candidates against those of their true clusters (paper 4, figure 14).

    Parameters
    ----------
    axes : matplotlib Axes
    clusters : mapping
        ``clusters`` of a report.
    """
    from matplotlib.colors import LogNorm

    true, found = (np.asarray(clusters[name], dtype=float) for name in ("true_pixels", "pixels"))
    top = max(float(np.concatenate([true, found, [50.0]]).max()), 1.0) * 1.02
    counts, across, up = np.histogram2d(true, found, bins=PIXEL_BINS, range=[[0, top], [0, top]])
    axes.plot([0, top], [0, top], color="0.6", linewidth=0.8)
    most = max(10.0, float(counts.max()))
    mesh = axes.pcolormesh(
        across, up, np.ma.masked_equal(counts.T, 0), norm=LogNorm(vmin=1, vmax=most), cmap="viridis"
    )
    bar = axes.figure.colorbar(mesh, ax=axes, label="candidates")
    log_axes(bar.ax, "y")
    axes.set(
        xlabel="pixels in matched true Michel cluster",
        ylabel="pixels in candidate Michel cluster",
        xlim=(0, top),
        ylim=(0, top),
        aspect="equal",
    )


def draw_spectrum(axes: Any, answer: Mapping[str, Any]) -> None:
    """Draw the energies of true clusters, of matched candidates and of all, with the fit (paper 4, figure 15).

    Parameters
    ----------
    axes : matplotlib Axes
    answer : mapping
        A report.
    """
    matched = np.asarray(answer["clusters"]["energy"])
    true = np.asarray(answer["true"]["energy"])
    everything = np.asarray(answer["candidates"]["energy"])
    top = max(float(np.concatenate([true, everything, [1.0]]).max()), 60.0 if answer["mev_per_unit"] else 1.0)
    edges = np.linspace(0, top, ENERGY_BINS + 1)
    axes.hist(true, edges, color=TRUE, alpha=0.35, label=f"true clusters ({len(true)})")
    axes.hist(everything, edges, histtype="step", color=OTHER, label=f"candidates ({len(everything)})")
    counts, _ = np.histogram(matched, edges)
    filled = counts > 0
    axes.errorbar(
        ((edges[1:] + edges[:-1]) / 2)[filled],
        counts[filled],
        yerr=np.sqrt(counts[filled]),
        fmt="o",
        markersize=3,
        color=FOUND,
        linewidth=1,
        label=f"matched candidates ({len(matched)})",
    )
    fit = answer["spectrum"]["fits"]["spectrum"]
    if fit:
        fine = np.linspace(LEAST_MEV, top, 300)
        kept = fit["kept"]["value"]
        loss = kept / (1 - kept)
        density = spectrum_density(
            fine, fit["endpoint"]["value"], loss, fit["resolution"]["value"], least=LEAST_MEV
        )
        own = (1 - fit["stray"]["value"]) * fit["entries"] * (edges[1] - edges[0])
        label = f"fit: endpoint {fit['endpoint']['value']:.1f} MeV"
        axes.plot(fine, own * density, color=OTHER, linewidth=1, label=label)
    unit = "MeV" if answer["mev_per_unit"] else answer["charge_unit"]
    axes.set(xlabel=f"energy of the primary ionization, {unit}", ylabel="Michel electrons", xlim=(0, top))
    axes.legend(frameon=False, fontsize=8)


def _draw_efficiency(axes: Any, rows: Sequence[Mapping[str, Any]], unit: str) -> None:
    rows = [row for row in rows if row["true"]]
    ends = [row["high"] or 1.3 * row["low"] for row in rows]
    middles = np.array([(row["low"] + end) / 2 for row, end in zip(rows, ends, strict=True)])
    halves = np.array([(end - row["low"]) / 2 for row, end in zip(rows, ends, strict=True)])
    values, bars = error_bars([row["id_efficiency"] for row in rows])
    axes.errorbar(middles, values, xerr=halves, yerr=bars, fmt="o", color=FOUND, markersize=4)
    axes.set(xlabel=f"true energy, {unit}", ylabel="ID efficiency", ylim=(0, 1.05))
    axes.grid(alpha=0.25)


def _draw_trials(axes: Any, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Four numbers of each trial, one under another."""
    at = np.arange(len(rows))[::-1]
    pairs = (
        ("id_efficiency", "o", FOUND),
        ("id_purity", "s", OTHER),
        ("cluster_efficiency", "^", "#2a9d78"),
        ("cluster_purity", "v", "#8f1c5f"),
    )
    for shift, (name, marker, colour) in enumerate(pairs):
        values, bars = error_bars([row[name] for row in rows])
        axes.errorbar(
            values,
            at - 0.2 * (shift - 1.5),
            xerr=bars,
            fmt=marker,
            markersize=3.5,
            linewidth=1,
            color=colour,
            label=name.replace("_", " ").replace("id", "ID"),
        )
    axes.set_yticks(at, names, fontsize=7)
    axes.set(xlabel="efficiency or purity", ylim=(-0.7, len(rows) - 0.3))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)


def michel_drawings(answer: Mapping[str, Any]) -> dict[str, Drawing]:
    """Every figure of an evaluation, by the name of its files.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.evaluate_michel.evaluate_michel`.
    """
    cuts = answer["by_least_pixels"]
    unit = "MeV" if answer["mev_per_unit"] else answer["charge_unit"]
    drawings: dict[str, Drawing] = {
        "pixels": (answer["clusters"], lambda axes: draw_pixels(axes, answer["clusters"])),
        "spectrum": (
            {name: answer[name] for name in ("clusters", "candidates", "true", "spectrum")},
            lambda axes: draw_spectrum(axes, answer),
        ),
        "efficiency": (answer["by_energy"], lambda axes: _draw_efficiency(axes, answer["by_energy"], unit)),
        "least-pixels": (
            cuts,
            lambda axes: _draw_trials(axes, cuts, [f"at least {row['least_pixels']} px" for row in cuts]),
        ),
    }
    scan = answer["scan"]
    if scan:
        words = {"michel_points": "Michel points", "mip_points": "MIP points", "edge_radius": "edge radius"}
        names = [f"{words.get(row['parameter'], row['parameter'])} {row['value']}" for row in scan]
        drawings["scan"] = (scan, lambda axes: _draw_trials(axes, scan, names))
    return drawings


def save_michel_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every figure of an evaluation, as PNG and PDF, with its numbers as JSON.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.evaluate_michel.evaluate_michel`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    return save_drawings(michel_drawings(answer), folder)
