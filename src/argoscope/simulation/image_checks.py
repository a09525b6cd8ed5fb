"""Checks of whole images against the samples and papers that they imitate.

SBND: `sample_checks`. MicroBooNE: occupancies, instances, pixel values and dead
wires of papers 1 to 3, on the collection plane. Cubes: classes of paper 4's
table I, counted in cubes of 512 voxels.
"""

from __future__ import annotations

import numpy as np

from argoscope.events import FIVE_CLASS
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.check_rows import Row, row, sampled_row
from argoscope.simulation.generators.records import InteractionKind
from argoscope.simulation.image_measures import class_counts, counted_instances, silent_share
from argoscope.simulation.sample_checks import sample_rows

__all__ = ["CLASS_SHARES", "SEED", "VOXELS", "rows"]

SEED = 990_200
"""Held-out seed of the checks."""
MICROBOONE_EVENTS, CROPS = (13, 260), (10, 200)
"""Events, quick and full."""
CUBES = {"cube-192": (150, 2500), "cube-512": (100, 1500), "cube-768": (60, 800)}
"""Events, quick and full."""

VOXELS = {"cube-192": (650, 750), "cube-512": (2500, 3300), "cube-768": (4300, 6500)}
"""Voxels per event: paper 4's times and PILArNet-M's counts; "about 700" for the smallest."""
CLASS_SHARES = {"HIP": 0.17, "MIP": 0.34, "shower": 0.47}
"""Shares of voxels, paper 4's table I."""
RARE = (0.005, 0.015)  # delta and Michel each; table I has 1 % of both, in whole percents

MUONS_GENERATED, MUONS_COUNTED = 28.8, 19.1  # per MicroBooNE image; rate formula; those with 10 px
OCCUPANCY = (0.3, 0.7)  # %; papers 1 and 3
MIP_VALUE, MUON_LARGEST = 40.0, 220.0  # image units; paper 3
DEAD_WIRES = 0.10  # share of the collection wires; papers 1 and 2
BACKGROUND = 0.99  # least share of empty pixels in a crop; paper 2


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
    >>> len(_crop_rows(quick=True))
    1
    """
    return [
        *sample_rows(seed=SEED, quick=quick),
        *_microboone_rows(quick),
        *_crop_rows(quick),
        *_cube_rows(quick),
    ]


def _microboone_rows(quick: bool) -> list[Row]:
    simulation = simulation_named("microboone", seed=SEED)
    generated, cosmics, neutrinos, occupancy, values, silent = [], [], [], [], [], []
    for number in range(MICROBOONE_EVENTS[not quick]):
        made = simulation.event(number)
        image = made.event.images[0]
        generated.append((made.interactions["kind"] == InteractionKind.COSMIC).sum())
        kinds = made.interactions["kind"]
        cosmics.append(counted_instances(image, np.flatnonzero(kinds == InteractionKind.COSMIC)))
        neutrinos.append(counted_instances(image, np.flatnonzero(kinds == InteractionKind.NEUTRINO)))
        occupancy.append(100 * len(image) / image.grid.pixels)
        values.append(image.charge[image.label("semantic").values == FIVE_CLASS.index("MIP")])
        silent.append(silent_share(image))
    low, high = OCCUPANCY
    return [
        sampled_row("microboone: muons generated", np.array(generated), MUONS_GENERATED, 0.05 * MUONS_GENERATED, "rate formula"),
        sampled_row("microboone: cosmic instances of 10 px", np.array(cosmics), MUONS_COUNTED, 0.05 * MUONS_COUNTED, "rate formula; paper 1: 19.65"),
        sampled_row("microboone: neutrino instances of 10 px", np.array(neutrinos), 0.98, 0.05, "paper 1"),
        sampled_row("microboone: occupancy of the collection plane, %", np.array(occupancy), (low + high) / 2, (high - low) / 2, "papers 1 and 3: 0.7 and 0.5"),
        _percentile_row("microboone: median of MIP pixels", values, 50.0, MIP_VALUE, "paper 3: the pixel values of minimum-ionizing muons peak near 40"),
        _percentile_row("microboone: percentile 99 of MIP pixels", values, 99.0, MUON_LARGEST, "paper 3: muons reach about 220"),
        sampled_row("microboone: share of dead collection wires", np.array(silent), DEAD_WIRES, 0.02, "papers 1 and 2: about 10 %"),
    ]  # fmt: skip


def _percentile_row(
    quantity: str, values: list[np.ndarray], percent: float, reference: float, source: str
) -> Row:
    """Percentile of the pixels of all events; its error from that of single events."""
    value = float(np.percentile(np.concatenate(values), percent))
    each = [float(np.percentile(pixels, percent)) for pixels in values if len(pixels)]
    error = float(np.std(each) / np.sqrt(len(each)))
    return row(quantity, value, reference, 0.2 * reference, source, error=error)


def _crop_rows(quick: bool) -> list[Row]:
    simulation = simulation_named("paper2", seed=SEED)
    images = (simulation.event(number).event.images[0] for number in range(CROPS[not quick]))
    empty = np.array([1.0 - len(image) / image.grid.pixels for image in images])
    middle = (1.0 + BACKGROUND) / 2
    return [
        sampled_row(
            "paper2: share of empty pixels in a crop", empty, middle, 1.0 - middle, "paper 2: at least 99 %"
        )
    ]


def _cube_rows(quick: bool) -> list[Row]:
    found = []
    for name, events in CUBES.items():
        simulation = simulation_named(name, seed=SEED)
        made = (simulation.event(number).event.images[0] for number in range(events[not quick]))
        counts = np.array([class_counts(image) for image in made])
        low, high = VOXELS[name]
        found.append(
            sampled_row(
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
        quantity = f"{name}: share of {kind}"
        found.append(row(quantity, value, share, tolerance, "paper 4, table I", error=error))
    return found
