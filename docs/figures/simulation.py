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


def show(axes: plt.Axes, image: Image, title: str, top: float) -> None:
    """One plane in gray."""
    pixels = np.asarray(image.dense().pixels, dtype=np.float32)
    # The largest of 2 x 2 pixels, so that thin tracks are seen at this size.
    wires, rows = (n // 2 * 2 for n in pixels.shape)
    pixels = pixels[:wires, :rows].reshape(wires // 2, 2, rows // 2, 2).max(axis=(1, 3))
    axes.imshow(pixels.T, origin="lower", aspect="auto", vmin=0, vmax=top, cmap="gray_r")
    axes.set_title(title, fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])


def pictures(real: list[Event], ours: list[Event], name: str, what: str, top: float) -> None:
    """Planes of a real and a simulated event side by side."""
    planes = min(len(real[0].images), len(ours[0].images))
    figure, axes = plt.subplots(planes, 2, figsize=(9, 2.7 * planes), squeeze=False)
    for row in range(planes):
        show(axes[row, 0], real[0].images[-planes + row], f"{what}, real", top)
        show(axes[row, 1], ours[0].images[-planes + row], f"{what}, simulated", top)
    figure.tight_layout()
    figure.savefig(HERE / name, dpi=75)
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
    pictures(real, ours, "simulation-sbnd.png", "SBND", 100.0)
    distributions(real, ours)
    counts(real, ours)
    cubes()
    with open_events(folder / MICROBOONE) as file:
        real = [file.event(0)]
    pictures(
        real,
        [simulation_named("paper2", seed=SEED).event(0).event],
        "simulation-microboone.png",
        "MicroBooNE",
        100.0,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
