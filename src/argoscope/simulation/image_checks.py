"""Checks of whole images against the samples and papers that they imitate.

SBND: "sample" are five public events of paper 0's own data set. Their noise has
60,000 pixels and is solid; cosmic pixels differ by 40 % from event to event and
neutrino pixels by 80 % (three of the events), so that the means of five are
known to 18 % and 35 %. All five neutrinos are charged-current. The paper gives
means of its whole sample, at half resolution.

MicroBooNE: occupancies and instances of papers 1 and 3, on the collection
plane. Cubes: classes of paper 4's table I, counted in cubes of 512 voxels.

A row whose statistical error exceeds a third of its tolerance says so in its
source.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.events import FIVE_CLASS
from argoscope.simulation.chain import Simulated, simulation_named
from argoscope.simulation.check_rows import row
from argoscope.simulation.generators.records import Current, InteractionKind
from argoscope.simulation.image_measures import (
    LabelCounts,
    class_counts,
    counted_instances,
    halo_per_labelled,
    label_counts,
    mode,
    peak_pixels,
    pixel_values,
)
from argoscope.units import GEV

__all__ = ["CLASS_SHARES", "SEED", "VOXELS", "rows"]

Row = dict[str, Any]

SEED = 990_200
"""Held-out seed of the checks."""
SBND_EVENTS, MICROBOONE_EVENTS = (12, 300), (12, 200)
"""Events, quick and full."""
CUBES = {"cube-192": (150, 2500), "cube-512": (100, 1500), "cube-768": (60, 800)}
"""Events, quick and full."""

# By plane; background by TPC half; pixels per event, five events; sample
BACKGROUND = ((1783, 12283), (12107, 2151), (503, 995))
COSMIC_PIXELS = (7538, 6936, 6259)
NEUTRINO_PIXELS = (1296, 1681, 1823)
COARSE = (
    (14476, 3152, 551),
    (14706, 2870, 679),
    (4127, 2588, 757),
)  # any, cosmic, neutrino at half resolution
SAMPLE_GEV = (1.4, 1.0, 1.9, 1.5, 0.5)  # GeV; neutrinos of the five events
PAPER0 = (11_000, 2_300, 250)  # pixels per plane at half resolution: any, cosmic, neutrino; paper 0
# By plane and half: 25th, 50th and 75th percentile of cosmic pixels, image units; sample
COSMIC_VALUES = (((24, 39, 56), (26, 38, 52)), ((22, 37, 58), (29, 47, 71)), ((22, 46, 76), (29, 53, 84)))
HALO = (
    0.270,
    0.225,
    0.109,
)  # background pixels next to a labelled one on its wire; three events, our measure
SPREAD = {"cosmic": "18 %", "neutrino": "35 %"}
"""Standard error of the mean of five events."""

VOXELS = {"cube-192": (650, 750), "cube-512": (2500, 3300), "cube-768": (4300, 6500)}
"""Voxels per event: paper 4's times and PILArNet-M's counts; "about 700" for the smallest."""
CLASS_SHARES = {"HIP": 0.17, "MIP": 0.34, "shower": 0.47}
"""Shares of voxels, paper 4's table I."""
RARE = (0.005, 0.015)  # delta and Michel each; table I has 1 % of both, in whole percents

MUONS_GENERATED, MUONS_COUNTED = 28.8, 19.1  # per MicroBooNE image; rate formula; those with 10 px
OCCUPANCY = (0.3, 0.7)  # %; papers 1 and 3
MIP_PEAK = 40.0  # image units; paper 3


def rows(*, quick: bool = False) -> list[Row]:
    """Every check of images.

    Parameters
    ----------
    quick : bool
        A twentieth of the events: rows may fail by chance.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> sorted(_mean_row("pixels", np.array([9.0, 11.0, 10.0]), 10.0, 3.0, "example"))
    ['ok', 'quantity', 'reference', 'source', 'tolerance', 'value']
    """
    return [*_sbnd_rows(quick), *_microboone_rows(quick), *_cube_rows(quick)]


def _mean_row(quantity: str, values: np.ndarray, reference: float, tolerance: float, source: str) -> Row:
    error = float(np.std(values) / np.sqrt(len(values)))
    if error > tolerance / 3:
        source += f"; statistical error {error:.2g}"
    return row(quantity, float(np.mean(values)), reference, tolerance, source)


def _sbnd_rows(quick: bool) -> list[Row]:
    simulation = simulation_named("sbnd", seed=SEED)
    counts: list[list[LabelCounts]] = []
    halo, energy = [], []
    values: dict[tuple[int, int], list[np.ndarray]] = {}
    for number in range(SBND_EVENTS[not quick]):
        made = simulation.event(number)
        images = made.event.images
        counts.append([label_counts(image) for image in images])
        halo.append([halo_per_labelled(image) for image in images])
        energy.append(_charged_current_gev(made))
        for plane, image in enumerate(images):
            for half in range(2):
                values.setdefault((plane, half), []).append(pixel_values(image, 1, half))
    halves = np.array([[c.halves for c in planes] for planes in counts])
    coarse = np.array([[c.coarse for c in planes] for planes in counts])
    found = [*_background_rows(halves), *_signal_rows(halves.sum(axis=2)[..., 1:], np.array(energy))]
    found += _coarse_rows(coarse)
    for (plane, half), parts in values.items():
        pixels = np.concatenate(parts)
        for percent, reference in zip((25, 50, 75), COSMIC_VALUES[plane][half], strict=True):
            quantity = f"sbnd plane {plane} TPC{half}: percentile {percent} of cosmic pixels"
            value = float(np.percentile(pixels, percent))
            found.append(row(quantity, value, reference, 0.2 * reference, "sample"))
    for plane, share in enumerate(HALO):
        found.append(
            _mean_row(
                f"sbnd plane {plane}: halo pixels per labelled pixel",
                np.array(halo)[:, plane],
                share,
                0.2 * share,
                "sample, three events",
            )
        )
    return found


def _charged_current_gev(made: Simulated) -> float:
    """Energy of the event's neutrino in GeV if it was charged-current, else 0."""
    kinds = made.interactions["kind"] == InteractionKind.NEUTRINO
    chosen = made.interactions[kinds & (made.interactions["current"] == Current.CC)]
    return float(chosen["energy"].sum() / GEV)


def _background_rows(halves: np.ndarray) -> list[Row]:
    found = []
    for plane, references in enumerate(BACKGROUND):
        for half, reference in enumerate(references):
            # The second induction planes are noise; of the others most is halo, and follows the tracks.
            noise = reference > 10_000
            source = "sample" if noise else "sample; follows the tracks, known to 18 %"
            quantity = f"sbnd plane {plane} TPC{half}: background pixels"
            share = 0.1 if noise else 0.2
            found.append(_mean_row(quantity, halves[:, plane, half, 0], reference, share * reference, source))
    return found


def _signal_rows(totals: np.ndarray, energy: np.ndarray) -> list[Row]:
    """Cosmic pixels, and neutrino pixels per GeV: the sample has charged-current events alone."""
    found = []
    for plane, reference in enumerate(COSMIC_PIXELS):
        source = f"sample, known to {SPREAD['cosmic']}"
        quantity = f"sbnd plane {plane}: cosmic pixels"
        found.append(_mean_row(quantity, totals[:, plane, 0], reference, 0.2 * reference, source))
    chosen = energy > 0
    for plane, pixels in enumerate(NEUTRINO_PIXELS):
        expected = pixels / float(np.mean(SAMPLE_GEV))
        per_gev = totals[chosen, plane, 1] / energy[chosen].mean()
        source = f"sample, known to {SPREAD['neutrino']}"
        quantity = f"sbnd plane {plane}: neutrino pixels per GeV, charged current"
        found.append(_mean_row(quantity, per_gev, expected, 0.2 * expected, source))
    return found


def _coarse_rows(coarse: np.ndarray) -> list[Row]:
    found = []
    for plane, (pixels, cosmic, _) in enumerate(COARSE):
        for column, (what, reference) in enumerate((("active", pixels), ("cosmic", cosmic))):
            quantity = f"sbnd plane {plane}, half resolution: {what} pixels"
            source = f"sample, known to {SPREAD['cosmic']}" if column else "sample"
            found.append(_mean_row(quantity, coarse[:, plane, column], reference, 0.2 * reference, source))
    for column, (what, reference) in enumerate(zip(("active", "cosmic", "neutrino"), PAPER0, strict=True)):
        quantity = f"sbnd, half resolution: {what} pixels per plane"
        found.append(
            _mean_row(
                quantity,
                coarse[:, :, column].mean(axis=1),
                reference,
                0.2 * reference,
                "paper 0, mean of its sample",
            )
        )
    return found


def _microboone_rows(quick: bool) -> list[Row]:
    simulation = simulation_named("microboone", seed=SEED)
    generated, cosmics, neutrinos, occupancy, peaks = [], [], [], [], []
    for number in range(MICROBOONE_EVENTS[not quick]):
        made = simulation.event(number)
        image = made.event.images[0]
        generated.append((made.interactions["kind"] == InteractionKind.COSMIC).sum())
        kinds = made.interactions["kind"]
        cosmics.append(counted_instances(image, np.flatnonzero(kinds == InteractionKind.COSMIC)))
        neutrinos.append(counted_instances(image, np.flatnonzero(kinds == InteractionKind.NEUTRINO)))
        occupancy.append(100 * len(image) / image.grid.pixels)
        peaks.append(peak_pixels(image, FIVE_CLASS.index("MIP")))
    low, high = OCCUPANCY
    return [
        _mean_row("microboone: muons generated", np.array(generated), MUONS_GENERATED, 0.05 * MUONS_GENERATED, "rate formula"),
        _mean_row("microboone: cosmic instances of 10 px", np.array(cosmics), MUONS_COUNTED, 0.05 * MUONS_COUNTED, "rate formula; paper 1: 19.65"),
        _mean_row("microboone: neutrino instances of 10 px", np.array(neutrinos), 0.98, 0.05, "paper 1"),
        _mean_row("microboone: occupancy of the collection plane, %", np.array(occupancy), (low + high) / 2, (high - low) / 2, "papers 1 and 3: 0.7 and 0.5"),
        row("microboone: most frequent peak of a MIP on a wire", mode(np.concatenate(peaks), 2.0), MIP_PEAK, 0.2 * MIP_PEAK, "paper 3"),
    ]  # fmt: skip


def _cube_rows(quick: bool) -> list[Row]:
    found = []
    for name, events in CUBES.items():
        simulation = simulation_named(name, seed=SEED)
        made = (simulation.event(number).event.images[0] for number in range(events[not quick]))
        counts = np.array([class_counts(image) for image in made])
        low, high = VOXELS[name]
        found.append(
            _mean_row(
                f"{name}: voxels per event",
                counts.sum(axis=1),
                (low + high) / 2,
                (high - low) / 2,
                "paper 4's times, PILArNet-M",
            )
        )
        if name == "cube-512":
            found += _share_rows(name, counts)
    return found


def _share_rows(name: str, counts: np.ndarray) -> list[Row]:
    found = []
    wanted = [(kind, share, 0.2 * share) for kind, share in CLASS_SHARES.items()]
    wanted += [(kind, sum(RARE) / 2, (RARE[1] - RARE[0]) / 2) for kind in ("delta", "Michel")]
    for kind, share, tolerance in wanted:
        # Event by event, weighted with its voxels: the mean is the share in all, its spread the error.
        in_class = counts[:, FIVE_CLASS.index(kind)]
        value = float(np.sum(in_class) / counts.sum())
        error = float(
            np.std(in_class - value * counts.sum(axis=1)) * np.sqrt(len(counts)) / max(counts.sum(), 1)
        )
        source = "paper 4, table I" + (f"; statistical error {error:.2g}" if error > tolerance / 3 else "")
        found.append(row(f"{name}: share of {kind}", value, share, tolerance, source))
    return found
