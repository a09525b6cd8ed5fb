"""Pictures of docs/physics/simulation.md: simulated events beside real ones, and their distributions.

python docs/figures/simulation.py FOLDER_OF_REAL_FILES
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, LogNorm

from argoscope.display.palette import colour_ramp
from argoscope.display.scale import ChargeScale, charge_scale_of
from argoscope.events import Event, Image
from argoscope.files.catalogue import open_events
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.image_measures import (
    cluster_sizes,
    label_counts,
    pixel_values,
    segments_by_slope,
)
from argoscope.simulation.sample_measures import SLOPES, particle_counts

HERE = Path(__file__).parent
SBND, MICROBOONE = "sbnd_larcv3_events0-2.h5", "microboone_larcv1_5protons.root"
SEED, EVENTS = 990_300, 30
ACROSS = 512
"""Pixels of a picture across the wires."""


def show(axes: plt.Axes, image: Image, title: str, scale: ChargeScale) -> ScalarMappable:
    """One plane; where it has more pixels than the picture, the largest charge of each block is shown."""
    wires, rows = image.grid.shape
    block = -(-wires // ACROSS)
    largest = np.zeros((-(-wires // block), -(-rows // block)), dtype=np.float32)
    np.maximum.at(largest, tuple(image.coordinates.T // block), image.charge)
    ramp = ListedColormap(colour_ramp() / 255)
    norm = LogNorm(scale.low, scale.high, clip=True)
    picture = axes.imshow(
        np.ma.masked_equal(largest.T, 0.0),
        origin="lower",
        aspect="auto",
        cmap=ramp,
        norm=norm,
        extent=(0, block * largest.shape[0], 0, block * largest.shape[1]),
        interpolation="none",
    )
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
    return picture


def pictures(real: Event, ours: Event, name: str, what: str, ticks_us: tuple[float, float]) -> None:
    """Planes of a real and a simulated event side by side, on the colour scale of `argoscope display`."""
    planes = min(len(real.images), len(ours.images))
    pairs = [(real.images[n - planes], ours.images[n - planes]) for n in range(planes)]
    scale = charge_scale_of((image.charge for pair in pairs for image in pair), ours.charge_unit)
    # A single panel needs height for the words of its colour bar.
    figure, axes = plt.subplots(
        planes, 2, figsize=(10, max(3.0 * planes, 3.8)), squeeze=False, layout="constrained"
    )
    for row, pair in enumerate(pairs):
        for column, (image, word) in enumerate(zip(pair, ("real", "simulated"), strict=True)):
            plane = pair[1].grid.projection
            kind = "collection" if plane == 2 else "induction"
            picture = show(axes[row, column], image, f"{what}, {word}: plane {plane} ({kind})", scale)
            axes[row, column].set_ylabel(f"row of {ticks_us[column]:g} µs", fontsize=8)
            axes[row, column].set_xlabel(
                "wire" if image.grid.shape[0] > ACROSS else "wire of the window", fontsize=8
            )
    bar = figure.colorbar(picture, ax=axes, aspect=30 if planes > 1 else 15, pad=0.02)
    bar.set_ticks([n for n in (5, 10, 20, 50, 100, 200, 500) if scale.low <= n <= scale.high], minor=False)
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.ax.minorticks_off()
    bar.set_label(scale.words, fontsize=8)
    figure.savefig(HERE / name, dpi=125)
    plt.close(figure)


def distributions(real: list[Event], ours: list[Event]) -> None:
    """Pixel values by class and plane, and rows per wire by slope."""
    figure, axes = plt.subplots(3, 4, figsize=(13, 8.5))
    for plane in range(3):
        for origin, kind in enumerate(("background", "cosmic", "neutrino")):
            box = axes[plane, origin]
            for events, word in ((real, "real"), (ours, "simulated")):
                values = [pixel_values(e.images[plane], origin, half) for e in events for half in range(2)]
                box.hist(
                    np.concatenate(values), np.arange(0, 200, 5), density=True, histtype="step", label=word
                )
            box.set_title(f"plane {plane}, {kind}: pixel value", fontsize=9)
            box.set_yscale("log")
        for events, word in ((real, "real"), (ours, "simulated")):
            parts = [segments_by_slope(e.images[plane], np.array(SLOPES)) for e in events]
            widths = [np.concatenate(column)[:, 0].mean() for column in zip(*parts, strict=True)]
            axes[plane, 3].plot(range(6), widths, "o-", label=word)
        axes[plane, 3].set_title(f"plane {plane}: rows per wire by slope", fontsize=9)
        axes[plane, 3].set_xticks(range(6), ["0-.1", "-.25", "-.5", "-1", "-2", "-4"], fontsize=7)
    axes[0, 0].legend()
    figure.tight_layout()
    figure.savefig(HERE / "simulation-values.png", dpi=75)
    plt.close(figure)


def counts(real: list[Event], ours: list[Event]) -> None:
    """Noise by plane half, sizes of particles, particles per event."""
    figure, axes = plt.subplots(1, 3, figsize=(13, 3.2))
    for shift, (events, word) in enumerate(((real, "real"), (ours, "simulated"))):
        halves = np.mean([[label_counts(i).halves[:, 0] for i in e.images] for e in events], axis=0).ravel()
        axes[0].bar(np.arange(6) + 0.4 * shift, 100 * halves / (2048 * 640), 0.4, label=word)
        sizes = np.concatenate([cluster_sizes(i) for e in events for i in e.images])
        axes[1].hist(sizes, np.geomspace(1, 3000, 30), density=True, histtype="step", label=word)
        axes[2].hist(
            # The real file has joined delta rays to their muons; its particle table has neutrinos alone.
            [particle_counts(e.images[-1], None if word == "real" else e.particles)[0] for e in events],
            range(0, 80, 4),
            density=True,
            histtype="step",
            label=word,
        )
    names = [f"pl {p}\nTPC{h}" for p in range(3) for h in range(2)]
    axes[0].set_xticks(np.arange(6) + 0.2, names, fontsize=8)
    axes[0].set_title("background occupancy, %", fontsize=9)
    axes[1].set(xscale="log", yscale="log")
    axes[1].set_title("pixels of a true particle, all planes", fontsize=9)
    axes[2].set_title("particles with 10 px on plane 2, per event", fontsize=9)
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(HERE / "simulation-counts.png", dpi=75)
    plt.close(figure)


def cubes() -> None:
    """One cube of each size."""
    figure = plt.figure(figsize=(10, 3.6))
    for at, name in enumerate(("cube-192", "cube-512", "cube-768")):
        image = simulation_named(name, seed=SEED).event(1).event.images[0]
        axes = figure.add_subplot(1, 3, at + 1, projection="3d")
        label = image.labels["semantic"].values
        axes.scatter(*image.coordinates.T, c=label, s=1, cmap="tab10", vmin=0, vmax=9)
        axes.set_title(f"{name}, {len(image)} voxels, colour: class", fontsize=9)
    figure.tight_layout()
    figure.savefig(HERE / "simulation-cubes.png", dpi=75)


def main(folder: Path) -> None:
    """Make every picture."""
    with open_events(folder / SBND) as file:
        real = [file.event(index) for index in range(len(file))]
    simulation = simulation_named("sbnd", seed=SEED)
    ours = [simulation.event(number).event for number in range(EVENTS)]
    pictures(real[0], ours[0], "simulation-sbnd.png", "SBND", (2.0, 2.0))
    distributions(real, ours)
    counts(real, ours)
    cubes()
    with open_events(folder / MICROBOONE) as file:
        real = [file.event(0)]
    crop = simulation_named("paper2", seed=SEED).event(0).event
    pictures(real[0], crop, "simulation-microboone.png", "MicroBooNE", (3.0, 3.0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
